//! Pages that send their readers elsewhere.

use html5ever::local_name;
use riptide_html::{BaseUrl, Dom, NodeId};
use riptide_types::Refresh;
use url::Url;

/// Where a page sends its readers by `<meta http-equiv=refresh>`, if anywhere: the first such element counts, as in
/// HTML §4.2.5.3, "Refresh state". One that only loads the page again is none, nor is one for readers without scripts.
pub(crate) fn of(dom: &Dom, base: &BaseUrl) -> Option<Refresh> {
    let is_refresh = |&node: &NodeId| {
        dom.is_html(node, &local_name!("meta"))
            && dom
                .attribute(node, &local_name!("http-equiv"))
                .is_some_and(|value| value.trim().eq_ignore_ascii_case("refresh"))
    };
    let meta = dom.descendants(dom.document()).find(is_refresh)?;
    let is_fallback = dom.ancestors(meta).any(|above| dom.is_html(above, &local_name!("noscript")));
    let (seconds, url) = parsed(dom.attribute(meta, &local_name!("content"))?)?;
    (!is_fallback && !url.is_empty()).then(|| Some(Refresh { seconds, url: base.resolve(url)? }))?
}

/// Where the `Refresh` field of a response for `url` sends its readers; browsers read it as they read the element.
#[must_use]
pub fn refresh_field(content: &str, url: &Url) -> Option<Refresh> {
    let (seconds, reference) = parsed(content)?;
    let to = url.join(reference).ok().filter(|_| !reference.is_empty())?;
    Some(Refresh { seconds, url: to.to_string() })
}

/// HTML §4.2.5.3, "shared declarative refresh steps": seconds, and the URL behind them.
fn parsed(content: &str) -> Option<(u32, &str)> {
    let content = content.trim_ascii_start();
    let digits = content.find(|c: char| !c.is_ascii_digit()).unwrap_or(content.len());
    let (number, rest) = content.split_at_checked(digits)?;
    if number.is_empty() && !rest.starts_with('.') {
        return None;
    }
    // A number that is too large is far in the future all the same.
    let seconds = if number.is_empty() { 0 } else { number.parse().unwrap_or(u32::MAX) };
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let separated = rest.trim_ascii_start();
    if separated.len() == rest.len() && !separated.starts_with([';', ',']) {
        return None;
    }
    let url = separated.strip_prefix([';', ',']).unwrap_or(separated).trim_ascii_start();
    Some((seconds, unquoted(after_url_sign(url).unwrap_or(url))))
}

/// What stands behind `url=`.
fn after_url_sign(text: &str) -> Option<&str> {
    let (name, rest) = text.split_at_checked(3)?;
    if !name.eq_ignore_ascii_case("url") {
        return None;
    }
    Some(rest.trim_ascii_start().strip_prefix('=')?.trim_ascii_start())
}

fn unquoted(text: &str) -> &str {
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            text.get(1..).and_then(|rest| rest.split(quote).next()).unwrap_or_default()
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refresh_of(html: &str) -> Option<(u32, String)> {
        let dom = riptide_html::parse(html);
        let base = BaseUrl::of(&dom, "https://example.org/a/page");
        of(&dom, &base).map(|refresh| (refresh.seconds, refresh.url))
    }

    #[test]
    fn content_is_read_as_browsers_read_it() {
        for (content, expected) in [
            ("0;url=next", Some((0, "https://example.org/a/next"))),
            ("5; URL = '/x y' ignored", Some((5, "https://example.org/x%20y"))),
            ("3,https://b.example/", Some((3, "https://b.example/"))),
            ("1.9 url=\"q\"", Some((1, "https://example.org/a/q"))),
            (".5;/half", Some((0, "https://example.org/half"))),
            ("99999999999;/later", Some((u32::MAX, "https://example.org/later"))),
            ("30", None),
            ("30;", None),
            ("soon;url=x", None),
            ("0url=x", None),
            ("", None),
        ] {
            let content = content.replace('"', "&quot;");
            let found = refresh_of(&format!("<meta http-equiv=Refresh content=\"{content}\">"));
            assert_eq!(found, expected.map(|(seconds, url)| (seconds, url.to_owned())), "{content}");
        }
    }

    #[test]
    fn what_is_for_readers_without_scripts_does_not_count() {
        assert_eq!(refresh_of("<noscript><meta http-equiv=refresh content='0;/no-script'></noscript>"), None);
        assert_eq!(refresh_of("<meta http-equiv=content-type content='0;/x'>"), None);
    }
}
