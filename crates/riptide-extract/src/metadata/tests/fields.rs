//! Breadcrumbs, products and threads.

use riptide_types::{Product, Thread};

use super::{json_ld, metadata};

fn product(json: &str) -> Product {
    json_ld(json).product.unwrap_or_default()
}

#[test]
fn breadcrumbs_follow_their_positions() {
    let found = json_ld(
        r#"{"@type":"BreadcrumbList","itemListElement":[
            {"@type":"ListItem","position":3,"name":"Soil"},
            {"@type":"ListItem","position":1,"name":"Home","item":"https://example.org/"},
            {"@type":"ListItem","position":"2","item":{"@id":"/g","name":"Roses &amp; more"}}]}"#,
    );
    assert_eq!(found.breadcrumbs, ["Home", "Roses & more", "Soil"]);
}

#[test]
fn breadcrumbs_come_from_microdata() {
    let item = |position: u8, name: &str| {
        format!(
            "<li itemprop=itemListElement itemscope itemtype='https://schema.org/ListItem'><a itemprop=item href=/x>
             <span itemprop=name>{name}</span></a><meta itemprop=position content={position}></li>"
        )
    };
    let html = format!(
        "<ol itemscope itemtype='https://schema.org/BreadcrumbList'>{}{}</ol>",
        item(1, "Home"),
        item(2, "Soil")
    );
    assert_eq!(metadata(&html).breadcrumbs, ["Home", "Soil"]);
    let before =
        "<p itemscope itemtype='http://data-vocabulary.org/Breadcrumb'><a itemprop=title>Home</a></p>";
    assert_eq!(metadata(before).breadcrumbs, ["Home"]);
}

#[test]
fn trails_that_a_page_shows_are_read() {
    let cases: [(&str, &[&str]); 9] = [
        ("<nav aria-label=Breadcrumb><ol><li><a href=/>Home</a><li>Soil</ol></nav>", &["Home", "Soil"]),
        (
            "<div class='c-breadcrumbs'><a href=/>Home</a> › <a href=/g>Garden</a> › Soil</div>",
            &["Home", "Garden", "Soil"],
        ),
        ("<p id=breadcrumb><b>You are here:</b><a>Home</a> > Garden > Soil</p>", &["Home", "Garden", "Soil"]),
        (
            "<nav aria-label=\"Fil d'Ariane\"><a>Accueil</a><span>/</span><a>Sol</a></nav>",
            &["Accueil", "Sol"],
        ),
        ("<nav class=breadcrumb><h2>Breadcrumb</h2><a>Home</a><a>Soil</a></nav>", &["Home", "Soil"]),
        (
            "<p class=breadcrumb><i class=material-icons>home</i><b>Home</b><i class=material-icons>chevron_right</i><b>Soil</b></p>",
            &["Home", "Soil"],
        ),
        ("<p class=breadcrumb><b>Home</b><svg></svg><b>Soil</b></p>", &["Home", "Soil"]),
        ("<div class=breadcrumb><a>Home</a></div>", &[]),
        ("<div class=no-breadcrumbs><a>Home</a><a>Soil</a></div>", &[]),
    ];
    for (html, expected) in cases {
        assert_eq!(metadata(html).breadcrumbs, expected, "{html}");
    }
}

#[test]
fn trail_without_end_is_none() {
    let links = format!("<nav class=breadcrumb>{}</nav>", "<a>Soil</a>".repeat(5_000));
    let text = format!("{}{}", "<div class=breadcrumb>".repeat(2_000), "Soil > ".repeat(100_000));
    assert_eq!(metadata(&format!("{links}{text}")).breadcrumbs, Vec::<String>::new());
}

#[test]
fn product_tells_the_lowest_of_its_prices() {
    let found = product(
        r#"{"@type":"Product","name":"Soil","sku":"S-1","brand":{"@type":"Brand","name":"Rose &amp; Co"},"offers":[
            {"@type":"Offer","price":"24.50","priceCurrency":"EUR","availability":"https://schema.org/InStock"},
            {"@type":"Offer","price":12.5,"priceCurrency":"EUR"}]}"#,
    );
    let expected = Product {
        price: Some("12.5".to_owned()),
        currency: Some("EUR".to_owned()),
        availability: Some("InStock".to_owned()),
        sku: Some("S-1".to_owned()),
        brand: Some("Rose & Co".to_owned()),
    };
    assert_eq!(found, expected);
}

#[test]
fn product_finds_prices_in_aggregates_specifications_and_variants() {
    let cases = [
        r#"{"@type":"Product","offers":{"@type":"AggregateOffer","lowPrice":"9.90","priceCurrency":"GBP"}}"#,
        r#"{"@type":"Product","offers":{"@type":"AggregateOffer","offers":[{"price":"9.90","priceCurrency":"GBP"}]}}"#,
        r#"{"@type":"Product","offers":{"priceSpecification":{"price":"9.90","priceCurrency":"GBP"}}}"#,
        r#"{"@type":"ProductGroup","hasVariant":[{"@type":"Product","offers":{"price":"£9.90"}}]}"#,
        r##"{"@graph":[{"@type":"Product","offers":{"@id":"#o"}},{"@id":"#o","price":"9,90","priceCurrency":"gbp"}]}"##,
    ];
    for json in cases {
        let found = product(json);
        assert_eq!(
            (found.price.as_deref(), found.currency.as_deref()),
            (Some("9.90"), Some("GBP")),
            "{json}"
        );
    }
}

#[test]
fn an_item_that_says_nothing_is_no_second_product() {
    let found = metadata(
        r#"<script type="application/ld+json">{"@type":"Product","name":"Soil","offers":{"price":"9.90"}}</script>
         <div itemscope itemtype='https://schema.org/Product'><h1>Garden soil</h1></div>"#,
    );
    assert_eq!(found.product.and_then(|product| product.price).as_deref(), Some("9.90"));
}

#[test]
fn product_comes_from_microdata_and_meta_elements_too() {
    let inline = metadata(
        "<div itemscope itemtype='https://schema.org/Product'><div itemprop=offers itemscope>
         <span itemprop=price content=9.90>£9.90</span><meta itemprop=priceCurrency content=GBP>
         <link itemprop=availability href='https://schema.org/SoldOut'></div></div>",
    );
    let meta = metadata(
        "<meta property='product:price:amount' content='9.90'><meta property='product:price:currency' content=GBP>
         <meta property='product:availability' content='sold out'>",
    );
    for found in [inline, meta] {
        let found = found.product.unwrap();
        assert_eq!(found.price.as_deref(), Some("9.90"));
        assert_eq!(found.currency.as_deref(), Some("GBP"));
        assert_eq!(found.availability.as_deref(), Some("SoldOut"));
    }
}

#[test]
fn one_of_several_products_is_the_pages_only_by_its_title() {
    let list = r#"[{"@type":"Product","name":"Soil","offers":{"price":"1"}},{"@type":"Product","name":"Sand","offers":{"price":"2"}}]"#;
    let script = format!("<script type='application/ld+json'>{list}</script>");
    assert_eq!(metadata(&format!("{script}<title>All for gardens</title>")).product, None);
    let found = metadata(&format!("{script}<title>Sand</title><h1>Sand</h1>"));
    assert_eq!(found.product.unwrap().price.as_deref(), Some("2"));
}

#[test]
fn thread_tells_replies_views_and_whether_an_answer_was_accepted() {
    let cases = [
        (
            r#"{"@type":"DiscussionForumPosting","commentCount":"1,204","interactionStatistic":[
                {"@type":"InteractionCounter","interactionType":"https://schema.org/LikeAction","userInteractionCount":7},
                {"@type":"InteractionCounter","interactionType":{"@type":"ViewAction"},"userInteractionCount":5300}]}"#,
            Thread { replies: Some(1204), views: Some(5300), answered: None },
        ),
        (
            r#"{"@type":"DiscussionForumPosting","interactionStatistic":{"@type":"InteractionCounter",
                "interactionType":"http://schema.org/CommentAction","userInteractionCount":"3"}}"#,
            Thread { replies: Some(3), views: None, answered: None },
        ),
        (
            r#"{"@type":"DiscussionForumPosting","interactionCount":["UserComments:12","UserPageVisits:90"]}"#,
            Thread { replies: Some(12), views: Some(90), answered: None },
        ),
        (
            r#"{"@type":"QAPage","mainEntity":{"@type":"Question","answerCount":2,"acceptedAnswer":{"@type":"Answer","text":"Yes"}}}"#,
            Thread { replies: Some(2), views: None, answered: Some(true) },
        ),
        (
            r#"{"@type":"QAPage","mainEntity":{"@type":"Question","answerCount":0}}"#,
            Thread { replies: Some(0), views: None, answered: Some(false) },
        ),
    ];
    for (json, expected) in cases {
        assert_eq!(json_ld(json).thread, Some(expected), "{json}");
    }
    assert_eq!(json_ld(r#"{"@type":"DiscussionForumPosting","headline":"Soil"}"#).thread, None);
    assert_eq!(
        json_ld(r#"{"@type":"FAQPage","mainEntity":[{"@type":"Question","name":"Why?"}]}"#).thread,
        None
    );
}
