use riptide_html::{NodeSet, Visit, parse};
use riptide_types::Focus;

use super::*;

const SENTENCES: &str = "The river rises in the hills, runs past three mills and turns south. Boats carried timber on it \
    for two hundred years, and the towpath is still there. In spring it floods the meadows below the bridge, as it always \
    did. The last mill closed when the railway came, but its wheel turns again on Sundays.";

fn text_of(dom: &Dom, choice: &Choice) -> String {
    let mut text = String::new();
    for visit in choice.selection.walk(dom) {
        if let Visit::Enter(node) = visit
            && let Some(piece) = dom.text(node)
        {
            text.push_str(piece);
            text.push(' ');
        }
    }
    text
}

/// What `choose` makes of a page, as text, and its quality score.
fn chosen(html: &str, choose: impl Fn(&Blocks<'_, '_>) -> Choice) -> (String, u8) {
    let (dom, model) = (parse(html), Model::built_in());
    let blocks = Blocks::judge(&dom, &Metadata::default(), Votes::default(), "", &model);
    let choice = choose(&blocks);
    (text_of(&dom, &choice), choice.quality_score)
}

fn main_content(html: &str) -> String {
    chosen(html, |blocks| blocks.main_content(Focus::Balanced)).0
}

fn article(around: &str) -> String {
    let paragraphs = format!("<p>{SENTENCES}</p>").repeat(3);
    format!("<body>{around}<main><article><h1>Three mills</h1>{paragraphs}</article></main></body>")
}

#[test]
fn boilerplate_is_left_out_and_the_text_kept() {
    for boilerplate in [
        "<nav><ul><li><a href=/>BOILERPLATE</a></li><li><a href=/b>More</a></li></ul></nav>",
        "<footer><p>© BOILERPLATE, all rights reserved</p></footer>",
        "<aside class=sidebar><h3>Related posts</h3><ul><li><a href=/1>BOILERPLATE one</a></li></ul></aside>",
        "<div role=navigation><a href=/x>BOILERPLATE</a></div>",
        "<div id=cookieConsent><p>We use cookies. BOILERPLATE</p><button>Accept</button></div>",
        "<form class=newsletter><label>BOILERPLATE: sign up for our newsletter</label><input></form>",
    ] {
        let text = main_content(&article(boilerplate));
        assert!(!text.contains("BOILERPLATE"), "{boilerplate}: {text}");
        assert_eq!(text.matches("The last mill").count(), 3, "{boilerplate}");
    }
}

#[test]
fn exactly_the_blocks_that_are_kept_are_selected() {
    let dom = parse(
        "<main>One runs <b>beside</b><div class=code><p>Two <a href=#>all</a></p><pre>three</pre></div>four<br>
        <blockquote><cite>five</cite> six<p>seven</p></blockquote><img src=a.png>eight</main>",
    );
    let page = PageBlocks::cut(&dom, body(&dom));
    let count = page.blocks.len();
    assert_eq!(count, 7, "five and six are one");
    for pattern in 0..1_u32 << count {
        let kept: Vec<bool> = (0..count).map(|at| pattern >> at & 1 == 1).collect();
        let selection = selection::of_kept(&page, &kept);
        assert_eq!(selection::kept_by(&page, &selection), kept, "{pattern:b}");
    }
}

/// The weights of a model belong to these numbers: who changes them has to train anew.
#[test]
fn marks_stay_what_the_model_was_made_for() {
    let dom = parse(
        "<main class=story id=top><h1>Three mills</h1><p class='text lead'>The river rises.</p></main>",
    );
    let page = PageBlocks::cut(&dom, body(&dom));
    let statements = Statements::of(&Metadata::default(), Votes::default(), "");
    let context = Context::of(&page, &statements);
    let marks = marks::all(&context, 1, &page.blocks[1]);
    let model = Model::built_in();
    let summed = Marks::of(&context, &model.marks).log_odds(1, &page.blocks[1]);
    assert!((summed - model.marks.log_odds(&marks)).abs() < 1e-4, "the ways to sum agree");
    let digest = marks.iter().flat_map(|mark| mark.to_le_bytes()).fold(SEED, hash_byte);
    assert_eq!((marks.len(), digest), (23, 3_346_007_016), "{marks:?}");
}

#[test]
fn precision_keeps_a_part_of_what_recall_keeps() {
    let around =
        "<div class=author-box><p>About the writer, who lives by the river and writes about mills.</p></div>";
    let kept = |focus| {
        let (dom, model) = (parse(&article(around)), Model::built_in());
        let blocks = Blocks::judge(&dom, &Metadata::default(), Votes::default(), "", &model);
        decide::keep(&blocks.page, &blocks.probabilities, decide::beta(focus)).0
    };
    let (precision, balanced, recall) = (kept(Focus::Precision), kept(Focus::Balanced), kept(Focus::Recall));
    for (less, more) in [(&precision, &balanced), (&balanced, &recall)] {
        assert!(less.iter().zip(more).all(|(less, more)| more >= less));
    }
    assert!(precision.contains(&true));
}

#[test]
fn a_list_of_texts_and_a_table_of_data_are_kept_or_dropped_as_one() {
    let list = "<ul><li>One</li><li>Two and a half, with more words than the others</li><li>3</li></ul>";
    let table = "<table><tr><th>Mill</th><th>Year</th></tr><tr><td>Upper</td><td>1848</td></tr></table>";
    let html = article(&format!("{list}{table}"));
    let (dom, model) = (parse(&html), Model::built_in());
    let blocks = Blocks::judge(&dom, &Metadata::default(), Votes::default(), "", &model);
    let probabilities = &blocks.probabilities;
    assert!(probabilities[0..3].iter().all(|&probability| probability == probabilities[0]));
    assert!(probabilities[3..7].iter().all(|&probability| probability == probabilities[3]));
    assert_ne!(probabilities[0], probabilities[7]);
}

#[test]
fn blocks_with_the_same_elements_around_them_are_drawn_together() {
    let card = |place: u32| format!("<div class=card-{place}><h3>Mill wheel</h3><p>Twenty crowns</p></div>");
    let dom = parse(&format!("<main>{}{}<p>Neither of them</p></main>", card(1), card(2)));
    let page = PageBlocks::cut(&dom, body(&dom));
    let mut probabilities = [1.0, 0.25, 0.0, 0.25, 0.5];
    decide::join_alike(&page, &mut probabilities);
    assert_eq!(probabilities, [0.625, 0.25, 0.375, 0.25, 0.5]);
}

#[test]
fn a_page_without_text_gives_an_empty_choice() {
    let (text, quality) = chosen("<script>let a = 1;</script><style>p {}</style>", |blocks| {
        blocks.main_content(Focus::Balanced)
    });
    assert_eq!((text.as_str(), quality), ("", 0));
}

#[test]
fn a_page_with_any_text_gives_some() {
    for html in
        ["<nav><a href=/>Only this</a></nav>", "<dialog open>Only this</dialog>", "<p hidden>Only this"]
    {
        let (text, quality) = chosen(html, |blocks| blocks.main_content(Focus::Balanced));
        assert!(text.contains("Only this") && quality > 0, "{html}");
    }
}

#[test]
fn everything_keeps_navigation_but_nothing_hidden() {
    let html = "<nav>Menu</nav><main>Body</main><p hidden>Secret</p><footer>Foot</footer>";
    let (text, _) = chosen(html, |blocks| blocks.everything());
    assert!(
        text.contains("Menu") && text.contains("Body") && text.contains("Foot") && !text.contains("Secret")
    );
}

#[test]
fn images_go_with_the_text_before_them() {
    let html = article("<nav><a href=/>Home</a><img src=logo.png></nav>")
        .replace("</article>", "<img src=mill.png></article>");
    let (dom, model) = (parse(&html), Model::built_in());
    let blocks = Blocks::judge(&dom, &Metadata::default(), Votes::default(), "", &model);
    let choice = blocks.main_content(Focus::Balanced);
    let media = riptide_html::media(
        &dom,
        &choice.selection,
        &riptide_html::BaseUrl::of(&dom, "https://example.org/"),
    );
    assert_eq!(media.len(), 1, "{media:?}");
    let kept_all = blocks.of_roots(vec![body(&dom)], &NodeSet::of(&dom));
    assert!(text_of(&dom, &kept_all).contains("Home"));
}

#[test]
fn a_page_with_very_many_blocks_is_judged_in_groups() {
    let html = "<p>Some words of a text.".repeat(40_000);
    let (dom, model) = (parse(&html), Model::built_in());
    let blocks = Blocks::judge(&dom, &Metadata::default(), Votes::default(), "", &model);
    assert!(blocks.probabilities.len() <= 1 << 14);
    let words: u32 = blocks.page.blocks.iter().map(|block| block.stats.words).sum();
    assert_eq!(words, 200_000);
}

#[test]
fn names_and_values_of_features_agree_in_number() {
    let (dom, model) = (parse(&article("<nav>Menu</nav>")), Model::built_in());
    let blocks = Blocks::judge(&dom, &Metadata::default(), Votes::default(), "", &model);
    let context = Context::of(&blocks.page, &blocks.statements);
    for (at, block) in blocks.page.blocks.iter().enumerate() {
        let mut row = Vec::new();
        context.describe(at, block, &mut row);
        assert_eq!(row.len(), feature_names().len());
    }
    let mut sorted = feature_names();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted.len(), feature_names().len(), "a name comes twice");
}

#[test]
fn comments_are_told_one_by_one_with_author_and_time() {
    let comment = |author: &str, text: &str| {
        format!(
            "<li class=comment><div class=comment-meta><cite>{author}</cite> says: \
             <time datetime=2025-03-04T10:00:00Z>4 March</time></div><div class=comment-content><p>{text}</p></div>\
             <div class=reply-button><a class=button href=#>Reply</a></div></li>"
        )
    };
    let thread =
        [comment("Ada", "My grandfather worked there."), comment("Ben", "<b>Two</b> wheels turn, not one.")];
    let html =
        article("").replace("</main>", &format!("</main><ol class=commentlist>{}</ol>", thread.concat()));
    let (dom, model) = (parse(&html), Model::built_in());
    let blocks = Blocks::judge(&dom, &Metadata::default(), Votes::default(), "", &model);
    let comments = blocks.main_content(Focus::Balanced).comments;
    let texts: Vec<&str> = comments.iter().map(|comment| comment.text.as_str()).collect();
    assert_eq!(texts, ["My grandfather worked there.", "Two wheels turn, not one."]);
    assert!(comments.iter().all(|comment| comment.published.as_deref() == Some("2025-03-04T10:00:00Z")));
    let authors: Vec<_> = comments.iter().filter_map(|comment| comment.author.as_deref()).collect();
    assert!(authors.iter().zip(["Ada", "Ben"]).all(|(line, name)| line.starts_with(name)), "{authors:?}");
}
