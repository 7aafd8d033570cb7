use super::*;
use crate::parse;

const PAGE: &str = r#"<!doctype html><html lang="en"><head><title>t</title></head><body>
<main id="m" class="Wide  tall"><h1>One</h1><p class="lead">a <a href="/x" rel="nofollow NEXT">x</a></p>
<p></p><ul><li>1</li><li class="odd">2</li><li>3</li></ul><INPUT TYPE="Text" DATA-x="Mixed">
<svg><linearGradient/></svg></main><aside><p>b</p></aside></body></html>"#;

fn names(selector: &str) -> Vec<String> {
    let dom = parse(PAGE);
    let found = Selector::parse(selector).unwrap().select(&dom, dom.document());
    found.iter().map(|&id| format!("{}{}", dom.local_name(id).unwrap(), dom.text_content(id))).collect()
}

#[test]
fn selectors_find_what_the_standard_says() {
    let cases: &[(&str, &[&str])] = &[
        ("h1", &["h1One"]),
        ("H1", &["h1One"]),
        ("#m > h1", &["h1One"]),
        ("h1 + p", &["pa x"]),
        ("h1 ~ p", &["pa x", "p"]),
        (".Wide.tall h1", &["h1One"]),
        (".wide h1", &[]),
        ("aside p, h1", &["h1One", "pb"]),
        ("li:nth-child(2)", &["li2"]),
        ("li:nth-child(2n+1)", &["li1", "li3"]),
        ("li:nth-last-child(1)", &["li3"]),
        ("li:nth-child(1 of .odd)", &["li2"]),
        ("p:nth-of-type(2), li:first-child", &["p", "li1"]),
        ("p:empty", &["p"]),
        ("p:not(.lead, :empty)", &["pb"]),
        ("p:has(> a)", &["pa x"]),
        ("h1:has(+ .lead)", &["h1One"]),
        ("body > :has(h1) ~ aside p", &["pb"]),
        (":is(h1, aside) > p, :where(aside) p", &["pb"]),
        ("[href]", &["ax"]),
        ("[rel~=next]", &["ax"]),
        ("[rel~=next s]", &[]),
        ("input[type=text]", &["input"]),
        ("[data-x=mixed]", &[]),
        ("[data-x=mixed i]", &["input"]),
        ("[data-x^=Mi][data-x$=ed][data-x*=xe]", &["input"]),
        ("[lang|=en] > head title", &["titlet"]),
        ("linearGradient", &["linearGradient"]),
        ("lineargradient", &[]),
        ("*|linearGradient", &["linearGradient"]),
        ("a:link, a:any-link", &["ax"]),
        (":root > head > title", &["titlet"]),
        ("p:last-child", &["pb"]),
    ];
    for (selector, expected) in cases {
        assert_eq!(names(selector), *expected, "{selector}");
    }
}

#[test]
fn a_root_is_not_part_of_its_own_search() {
    let dom = parse(PAGE);
    let main = Selector::parse("main").unwrap().select(&dom, dom.document())[0];
    assert!(Selector::parse("main").unwrap().select(&dom, main).is_empty());
    assert!(Selector::parse("body > main").unwrap().matches(&dom, main));
    assert!(!Selector::parse("*").unwrap().matches(&dom, dom.document()));
}

#[test]
fn mistakes_are_told_with_their_column() {
    let cases = [
        ("", "expected a selector at column 1"),
        ("p,", "expected a selector at column 3"),
        ("div >", "expected a selector after the combinator at column 6"),
        ("div > > p", "expected a selector after the combinator at column"),
        ("p::before", "this pseudo-class or pseudo-element is unknown"),
        ("a:hover", "this pseudo-class or pseudo-element is unknown"),
        (":is(a:hover)", "this pseudo-class or pseudo-element is unknown"),
        ("svg|a", "namespace prefixes other than `*|` are not known"),
        ("p.", "it ends too early at column 3"),
        ("p. q", "expected the name of a class after `.`"),
        ("[1]", "expected the name of an attribute after `[`"),
        ("a[href?x]", "expected `]`, or an operator"),
        ("p {", "at column"),
        ("p)", "unexpected character"),
    ];
    for (selector, message) in cases {
        let error = Selector::parse(selector).unwrap_err();
        assert_eq!(error.selector, selector);
        assert!(error.message.contains(message), "{selector}: {}", error.message);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_parses_or_is_refused(text in "[-a-z#.:>~+*,|()\\[\\]='\" 0-9]{0,24}") {
        if let Ok(selector) = Selector::parse(&text) {
            let dom = parse(PAGE);
            let found = selector.select(&dom, dom.document());
            proptest::prop_assert!(found.iter().all(|&id| selector.matches(&dom, id)));
        }
    }
}
