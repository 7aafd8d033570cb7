//! Which of a page's titles and headings is its title, and what is cut off it.

use super::{metadata, metadata_at};

fn title(html: &str) -> String {
    metadata(html).title.unwrap_or_default()
}

#[test]
fn heading_that_the_title_element_confirms_is_the_title() {
    let html = "<title>Good soil for roses | Example</title><h1>Menu</h1><h1>Good soil for roses</h1>";
    assert_eq!(title(html), "Good soil for roses");
}

#[test]
fn title_loses_the_name_of_the_site_at_either_end() {
    let cases = [
        "Good soil for roses | Example",
        "Good soil for roses - example.org",
        "Good soil for roses – The Example Blog",
        "Example » Good soil for roses",
        "Good soil for roses — Rose Growers United",
    ];
    for stated in cases {
        let html =
            format!("<title>{stated}</title><meta property=og:site_name content='Rose Growers United'>");
        assert_eq!(title(&html), "Good soil for roses", "{stated}");
    }
}

#[test]
fn a_title_that_is_cut_off_within_a_word_is_not_preferred_to_the_heading() {
    let heading = "Good soil for roses: when to dig, what to add, and how to water";
    let html = format!(
        "<title>Good soil for roses: when to dig, what to add, and how to wa</title><h1>{heading}</h1>"
    );
    assert_eq!(title(&html), heading);
}

#[test]
fn title_keeps_a_part_that_is_not_the_site() {
    assert_eq!(title("<title>Soil - what roses want</title>"), "Soil - what roses want");
    assert_eq!(title("<title>Soil: what roses want</title>"), "Soil: what roses want");
}

#[test]
fn title_part_goes_when_another_source_gives_the_rest() {
    let html = "<title>Growing Together: Good soil</title><meta property='og:title' content='Good soil'>";
    assert_eq!(title(html), "Good soil");
}

#[test]
fn a_part_in_brackets_goes_when_another_source_gives_the_rest() {
    let confirmed = |stated: &str| {
        title(&format!("<title>{stated}</title><meta property='og:title' content='Good soil for roses'>"))
    };
    assert_eq!(confirmed("[2604.01234] Good soil for roses"), "Good soil for roses");
    assert_eq!(confirmed("[Soil] - Good soil for roses"), "Good soil for roses");
    assert_eq!(title("<title>[Tested] Good soil for roses</title>"), "[Tested] Good soil for roses");
}

#[test]
fn heading_that_names_or_links_to_the_site_is_no_title() {
    let named = "<title>Good soil</title><h1>Example</h1>";
    let linked = "<title>Good soil for roses</title><h1><a href='/'>Good soil roses</a></h1>";
    assert_eq!(title(named), "Good soil");
    assert_eq!(title(linked), "Good soil for roses");
}

#[test]
fn a_count_of_what_is_listed_is_no_part_of_a_title() {
    let heading = |text: &str| title(&format!("<title>Trail shoes | Example</title><h1>{text}</h1>"));
    assert_eq!(heading("Trail shoes (158 ITEMS)"), "Trail shoes");
    assert_eq!(heading("Trail shoes (1,204 products found)"), "Trail shoes");
    for kept in ["Trail shoes (2026 edition)", "Trail shoes (for 3 seasons)", "Trail shoes (Part 2)"] {
        assert_eq!(heading(kept), kept);
    }
}

#[test]
fn the_heading_of_a_start_page_that_only_says_so_is_no_title() {
    let html = "<title>Quayside Art Materials</title><h1>Quayside Homepage</h1>";
    assert_eq!(
        metadata_at("https://quayside.example/", html).title.as_deref(),
        Some("Quayside Art Materials")
    );
}

#[test]
fn slogan_is_a_title_only_where_the_title_element_says_so_too() {
    let html = "<title>Rose soil in sacks</title><h1>Grow. Bloom. Repeat.</h1>";
    assert_eq!(title(html), "Rose soil in sacks");
}

#[test]
fn title_comes_from_open_graph_structured_data_and_dublin_core_in_turn() {
    let og = "<meta property='og:title' content='By graph'>";
    let dc = "<meta name='DC.title' content='By core'>";
    let ld = r#"<script type="application/ld+json">{"@type":"Article","headline":"By data"}</script>"#;
    assert_eq!(title(&format!("{dc}{ld}{og}")), "By graph");
    assert_eq!(title(&format!("{dc}{ld}")), "By data");
    assert_eq!(title(dc), "By core");
}

#[test]
fn heading_below_the_first_level_tells_where_a_title_ends() {
    let cases = [
        (
            "<title>Good soil for roses / Gardening talk</title><h3>Good soil for roses</h3>",
            "Good soil for roses",
        ),
        (
            "<title>View topic - Good soil for roses</title><h2>Good soil for roses</h2>",
            "Good soil for roses",
        ),
        (
            "<title>Good soil - The Book of Roses</title><h1>The Book of Roses</h1><h2>Good soil</h2>",
            "Good soil",
        ),
    ];
    for (html, expected) in cases {
        assert_eq!(title(html), expected, "{html}");
    }
}

#[test]
fn sections_behind_a_bar_and_praise_behind_a_dash_go() {
    let article = "<meta property='og:type' content=article>";
    let heading = "<title>Good soil | Opinion | Daily</title><h1>Good soil | Opinion</h1>";
    assert_eq!(title(&format!("{article}{heading}")), "Good soil");
    assert_eq!(title("<title>Rose soil in sacks - Start for free</title>"), "Rose soil in sacks");
    assert_eq!(
        title(&format!("{article}<title>Rose soil in sacks - a review</title>")),
        "Rose soil in sacks - a review"
    );
}

#[test]
fn heading_that_the_address_repeats_outweighs_a_slogan() {
    let html = "<title>The heart of the garden</title><h1>Which soil do roses like best?</h1>";
    let at = |url: &str| metadata_at(url, html).title.unwrap_or_default();
    assert_eq!(at("https://example.org/t/which-soil-do-roses-like"), "Which soil do roses like best?");
    assert_eq!(at("https://example.org/t/81"), "The heart of the garden");
}

#[test]
fn start_page_keeps_the_name_of_the_site() {
    let cases = [
        ("<title>Example - Soil for all roses</title><h1>Dig!</h1>", "Example - Soil for all roses"),
        ("<title>Soil for all roses | Example</title>", "Soil for all roses"),
        ("<title>Home - Example</title>", "Example"),
        ("<title>Startseite | Example</title>", "Example"),
        ("<title>Example</title>", "Example"),
    ];
    for (html, expected) in cases {
        let html = format!("<meta property='og:type' content=article>{html}");
        assert_eq!(metadata_at("https://www.example.org/", &html).title.as_deref(), Some(expected), "{html}");
    }
}

#[test]
fn markup_that_a_title_speaks_of_is_kept() {
    assert_eq!(
        title("<title>&lt;table>: the element</title><h1>&lt;table>: the element</h1>"),
        "<table>: the element"
    );
    assert_eq!(title("<title>Tom &amp;amp; Ada</title>"), "Tom & Ada");
    assert_eq!(title("<title>Rose gar\u{ad}dens</title>"), "Rose gardens");
}

#[test]
fn icons_are_no_part_of_a_heading() {
    let icons = [
        "<i class=material-icons>local_florist</i>",
        "<svg><title>A rose</title><path d=''/></svg>",
        "<button>Copy</button>",
    ];
    for icon in icons {
        assert_eq!(
            title(&format!("<title>Roses in soil</title><h1>{icon} Roses in soil</h1>")),
            "Roses in soil"
        );
    }
}

#[test]
fn marks_of_anchors_are_no_part_of_a_heading() {
    assert_eq!(title("<title>Good soil — Example</title><h1>Good soil<a href=#s>¶</a></h1>"), "Good soil");
}

#[test]
fn the_only_heading_of_a_text_is_its_headline_even_beside_the_content() {
    let article = "<meta property='og:type' content=article>";
    let stated = "<title>Roses: how to choose their soil</title>";
    let aside = "<div class=sidebar><h1>Choose the best soil for roses</h1></div>";
    assert_eq!(title(&format!("{article}{stated}{aside}")), "Choose the best soil for roses");
    let other = "<main><h1>Recent comments</h1></main>";
    assert_eq!(title(&format!("{article}{stated}{aside}{other}")), "Roses: how to choose their soil");
}

#[test]
fn heading_of_a_section_is_no_title_of_a_text() {
    let stated =
        "<title>How we moved clay, compost, sand and a whole garden of old roses in one rainy week</title>";
    let headings = "<h1>diary/october.md</h1><p>It began small.</p><h1>Sand</h1><p>It ran away.</p>";
    let html = format!("<meta property='og:type' content=article>{stated}<main>{headings}</main>");
    assert_eq!(
        title(&html),
        "How we moved clay, compost, sand and a whole garden of old roses in one rainy week"
    );
}

#[test]
fn heading_nearer_to_the_address_needs_less_confirmation() {
    let html =
        "<title>Roses: soil, compost and more</title><main><h1>How to feed roses and shrubs</h1></main>";
    let at = |url: &str| metadata_at(url, html).title.unwrap_or_default();
    assert_eq!(at("https://example.org/feed-for-roses-tips-2026"), "How to feed roses and shrubs");
    assert_eq!(at("https://example.org/81"), "Roses: soil, compost and more");
    let (_, untitled) = html.split_once("</title>").unwrap();
    let title = metadata_at("https://example.org/feed-for-roses-tips-2026", untitled).title;
    assert_eq!(title.as_deref(), Some("How to feed roses and shrubs"));
}

#[test]
fn a_year_behind_a_slash_is_not_taken_for_the_name_of_an_organization() {
    let fair =
        r#"<script type="application/ld+json">{"@type":"Organization","name":"Rose fair 2027"}</script>"#;
    assert_eq!(title(&format!("{fair}<title>Rose fairs 2026 / 2027</title>")), "Rose fairs 2026 / 2027");
    let city = "<title>Gardens | City of Example</title>";
    assert_eq!(metadata_at("https://cityofexample.org/g", city).title.as_deref(), Some("Gardens"));
}
