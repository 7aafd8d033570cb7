//! The address that a document's references are resolved against.

use html5ever::local_name;
use url::Url;

use crate::dom::Dom;

/// The document base URL of HTML §2.4.3.
#[derive(Debug, Clone, Default)]
pub struct BaseUrl {
    url: Option<Url>,
}

impl BaseUrl {
    /// A longer `base` is a mistake or an attack: each reference of the page would grow by it.
    const LONGEST: usize = 2048;

    /// The base of a document that was loaded from `url`, which is empty when that is not known; then the address that
    /// the document calls its own (`<link rel=canonical>`) takes its place.
    #[must_use]
    pub fn of(dom: &Dom, url: &str) -> Self {
        let document = if url.is_empty() { canonical(dom) } else { Url::parse(url).ok() };
        let href = dom
            .descendants(dom.document())
            .filter(|&node| dom.is_html(node, &local_name!("base")))
            .find_map(|node| dom.attribute(node, &local_name!("href")));
        let base = href
            .filter(|href| href.len() <= Self::LONGEST)
            .and_then(|href| Url::options().base_url(document.as_ref()).parse(href.trim_ascii()).ok());
        Self { url: base.filter(|base| !is_opaque(base.scheme())).or(document) }
    }

    /// The base of what was loaded from `url` and says nothing else; none when `url` is no absolute URL.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self { url: Url::parse(url.trim_ascii()).ok().filter(|url| !is_opaque(url.scheme())) }
    }

    /// The base within this one that `reference` states, such as `xml:base` (XML Base §4): this one where it states none that
    /// is of use.
    #[must_use]
    pub fn within(&self, reference: &str) -> Self {
        let stated = Some(reference).filter(|reference| reference.len() <= Self::LONGEST);
        match stated.and_then(|reference| self.resolve(reference)) {
            Some(url) => Self::at(&url),
            None => self.clone(),
        }
    }

    /// The absolute URL of a reference. `None` when there is none: the reference is empty or malformed, is relative
    /// and the document's address is not known, or leads to no place (`javascript:`, `data:` and their like).
    #[must_use]
    pub fn resolve(&self, reference: &str) -> Option<String> {
        let reference = reference.trim_ascii();
        if reference.is_empty() {
            return None;
        }
        if is_normal(reference) {
            return Some(reference.to_owned());
        }
        let url = Url::options().base_url(self.url.as_ref()).parse(reference).ok()?;
        if is_opaque(url.scheme()) { None } else { Some(url.into()) }
    }
}

fn canonical(dom: &Dom) -> Option<Url> {
    let is_canonical =
        |rel: &str| rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("canonical"));
    dom.descendants(dom.document())
        .filter(|&node| dom.is_html(node, &local_name!("link")))
        .filter(|&node| dom.attribute(node, &local_name!("rel")).is_some_and(is_canonical))
        .find_map(|node| Url::parse(dom.attribute(node, &local_name!("href"))?.trim_ascii()).ok())
        .filter(|url| !is_opaque(url.scheme()) && url.as_str().len() <= BaseUrl::LONGEST)
}

/// Schemes whose URLs hold code or content themselves, or mean something in one browser only.
fn is_opaque(scheme: &str) -> bool {
    matches!(scheme, "javascript" | "data" | "vbscript" | "blob" | "about" | "file" | "filesystem")
}

/// Whether the URL parser would give back the absolute URL unchanged. May say no when it would.
fn is_normal(reference: &str) -> bool {
    let Some(rest) = reference.strip_prefix("https://").or_else(|| reference.strip_prefix("http://")) else {
        return false;
    };
    let Some((host, path)) = rest.split_once('/') else { return false };
    let host_is_plain = host.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
        && !host.starts_with('.')
        && !host.contains("..")
        && !host.contains("xn--")
        // A host that ends in a number is an IPv4 address in one of many spellings.
        && host.rsplit('.').next().is_some_and(|label| label.starts_with(|c: char| c.is_ascii_lowercase()));
    host_is_plain
        // Dot segments begin with a dot, or with a slash and a dot, plain or encoded.
        && !path.starts_with(['.', '%'])
        && !path.contains("/.")
        && !path.contains("/%")
        && path.bytes().all(|byte| {
            matches!(byte,
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9'
                | b'-' | b'.' | b'_' | b'~' | b'/' | b'?' | b'=' | b'&' | b'%' | b'#' | b'+' | b',' | b':' | b';'
                | b'@' | b'!' | b'$' | b'*' | b'(' | b')')
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn resolved(html: &str, url: &str, reference: &str) -> Option<String> {
        BaseUrl::of(&parse(html), url).resolve(reference)
    }

    #[test]
    fn the_canonical_address_stands_in_for_an_unknown_one() {
        let dom = crate::parse("<link rel=canonical href=https://example.org/a/b>");
        assert_eq!(BaseUrl::of(&dom, "").resolve("c").as_deref(), Some("https://example.org/a/c"));
        assert_eq!(
            BaseUrl::of(&dom, "https://other.example/x/").resolve("c").as_deref(),
            Some("https://other.example/x/c")
        );
        let dom = crate::parse("<link rel=canonical href=/a/b>");
        assert_eq!(BaseUrl::of(&dom, "").resolve("c"), None);
    }

    #[test]
    fn references_resolve_against_the_document() {
        let url = "https://example.org/a/b?c#d";
        let cases = [
            ("x", "https://example.org/a/x"),
            (" /x y\n", "https://example.org/x%20y"),
            ("../x", "https://example.org/x"),
            ("?q", "https://example.org/a/b?q"),
            ("#f", "https://example.org/a/b?c#f"),
            ("//other.example/x", "https://other.example/x"),
            ("HTTPS://Other.example", "https://other.example/"),
            ("mailto:a@example.org", "mailto:a@example.org"),
        ];
        for (reference, expected) in cases {
            assert_eq!(resolved("", url, reference).as_deref(), Some(expected), "{reference}");
        }
    }

    #[test]
    fn base_element_counts_first() {
        let html = "<base target=_top><base href='/sub/'><base href='/no/'>";
        assert_eq!(resolved(html, "https://a.example/x", "y").as_deref(), Some("https://a.example/sub/y"));
        let html = "<base href='https://b.example/c/'>";
        assert_eq!(resolved(html, "", "y").as_deref(), Some("https://b.example/c/y"));
    }

    #[test]
    fn base_that_is_no_place_is_passed_over() {
        let long = format!("<base href='https://b.example/{}'>", "x".repeat(5000));
        for html in ["<base href='data:text/html,x'>", "<base href='https://['>", long.as_str()] {
            assert_eq!(resolved(html, "https://a.example/", "y").as_deref(), Some("https://a.example/y"));
        }
    }

    #[test]
    fn bases_stand_within_each_other() {
        let outer = BaseUrl::at("https://a.example/x/feed.xml");
        assert_eq!(outer.within("y/").resolve("z").as_deref(), Some("https://a.example/x/y/z"));
        assert_eq!(outer.within("javascript:1").resolve("z").as_deref(), Some("https://a.example/x/z"));
        assert_eq!(BaseUrl::at("feed.xml").resolve("z"), None);
    }

    #[test]
    fn references_to_no_place_have_no_url() {
        for reference in
            ["", " ", "javascript:void(0)", "JavaScript:x", "data:image/png,x", "http://[", "about:blank"]
        {
            assert_eq!(resolved("", "https://a.example/", reference), None, "{reference}");
        }
        assert_eq!(resolved("", "", "relative"), None);
    }

    proptest::proptest! {
        #[test]
        fn shortcut_agrees_with_the_url_parser(
            rest in "[a-z0-9.-]{1,12}(:[0-9]{1,3})?(/[a-zA-Z0-9._~%?=&#+,:;@!$*()/'|\\\\-]{0,20})?",
        ) {
            let url = format!("https://{rest}");
            if is_normal(&url) {
                let parsed = Url::parse(&url).map(String::from);
                proptest::prop_assert_eq!(parsed, Ok(url));
            }
        }
    }
}
