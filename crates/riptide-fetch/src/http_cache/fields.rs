//! Header fields: which are kept, how they are written, what they say.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Fields that concern one connection (RFC 9111, section 3.1; RFC 9110, section 7.6.1), and the one that concerns one session.
const NOT_KEPT: [&str; 10] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-connection",
    "set-cookie",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// Fields that tell of the stored body, and which answer it is: a 304, which has no body, does not change them (section 3.2).
const NOT_UPDATED: [&str; 4] = ["content-encoding", "content-length", "content-range", "vary"];

/// The fields that are stored.
pub(super) fn kept(headers: &HeaderMap) -> HeaderMap {
    let connection: Vec<_> = words(headers, &header::CONNECTION).collect();
    let fields = headers.iter().filter(|(name, _)| {
        !NOT_KEPT.contains(&name.as_str()) && !connection.iter().any(|word| word == name.as_str())
    });
    fields.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The stored fields, with those of a 304 in the place of their like.
pub(super) fn updated(stored: &HeaderMap, not_modified: &HeaderMap) -> HeaderMap {
    let mut updated = stored.clone();
    let mut news = kept(not_modified);
    NOT_UPDATED.iter().for_each(|name| drop(news.remove(*name)));
    // An age that the 304 does not tell is that of the answer before it.
    updated.remove(header::AGE);
    news.keys().for_each(|name| drop(updated.remove(name)));
    updated.extend(news);
    updated
}

/// Whether a 304 can mean the stored answer: not if it has another strong validator (section 4.3.4). One without a validator
/// means the answer whose validators were sent.
pub(super) fn same_answer(stored: &HeaderMap, not_modified: &HeaderMap) -> bool {
    let tag = |headers: &HeaderMap| headers.get(header::ETAG).map(|tag| tag.as_bytes().trim_ascii().to_vec());
    let opaque = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_vec();
    match (tag(stored), tag(not_modified)) {
        (Some(stored), Some(told)) => opaque(&stored) == opaque(&told),
        _ => true,
    }
}

/// What asks a server whether a stored answer is still the same (section 4.3.1).
pub(super) fn conditions(stored: &HeaderMap) -> HeaderMap {
    [(header::ETAG, header::IF_NONE_MATCH), (header::LAST_MODIFIED, header::IF_MODIFIED_SINCE)]
        .into_iter()
        .filter_map(|(validator, condition)| Some((condition, stored.get(validator)?.clone())))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// Whether `Cache-Control` has a directive, in whatever case.
pub(super) fn has_directive(headers: &HeaderMap, directive: &str) -> bool {
    words(headers, &header::CACHE_CONTROL)
        .any(|word| word.split('=').next().is_some_and(|name| name.trim_end() == directive))
}

/// The members of a field that is a list, in lower case.
pub(super) fn words<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = String> + 'h {
    headers.get_all(name).into_iter().flat_map(|value| {
        let text = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        let words: Vec<_> = text.split(',').map(|word| word.trim().to_owned()).collect();
        words.into_iter().filter(|word| !word.is_empty())
    })
}

/// The fields as HTTP/1.1 writes them (RFC 9112, section 5).
pub(super) fn written(headers: &HeaderMap) -> Vec<u8> {
    let mut lines = Vec::new();
    for (name, value) in headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            lines.extend_from_slice(part);
        }
    }
    lines
}

/// Reads what [`written`] wrote; `None` if it is anything else.
pub(super) fn read(mut lines: &[u8]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    while !lines.is_empty() {
        let (line, rest) = split(lines, b"\r\n")?;
        let (name, value) = split(line, b": ")?;
        headers.append(HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?);
        lines = rest;
    }
    Some(headers)
}

fn split<'b>(bytes: &'b [u8], at: &[u8; 2]) -> Option<(&'b [u8], &'b [u8])> {
    let place = bytes.windows(2).position(|two| two == at)?;
    let (before, after) = bytes.split_at_checked(place)?;
    Some((before, after.get(2..)?))
}
