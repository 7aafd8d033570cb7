//! The lines of robots.txt, one at a time.

use std::time::Duration;

use super::token::{ProductToken, leading_token};

const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// How keys begin, with the misspellings that Google's parser knows. What follows does not matter (`Disallowed:`).
const KEYS: [(&str, Key); 13] = [
    ("user-agent", Key::UserAgent),
    ("useragent", Key::UserAgent),
    ("user agent", Key::UserAgent),
    ("allow", Key::Allow),
    ("disallow", Key::Disallow),
    ("dissallow", Key::Disallow),
    ("dissalow", Key::Disallow),
    ("disalow", Key::Disallow),
    ("diasllow", Key::Disallow),
    ("disallaw", Key::Disallow),
    ("sitemap", Key::Sitemap),
    ("site-map", Key::Sitemap),
    ("crawl-delay", Key::CrawlDelay),
];

#[derive(Clone, Copy)]
enum Key {
    UserAgent,
    Allow,
    Disallow,
    Sitemap,
    CrawlDelay,
}

/// What a line says.
pub(super) enum Line {
    Agent(Agent),
    Rule { allows: bool, path: Vec<u8> },
    CrawlDelay(Duration),
    Sitemap(String),
}

/// Whom a line names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Agent {
    Everyone,
    /// Empty if the name does not begin as a product token does; then it is nobody's.
    Named(Box<[u8]>),
}

impl Agent {
    pub(super) fn is(&self, token: &ProductToken) -> bool {
        match self {
            Self::Everyone => false,
            Self::Named(name) => name.eq_ignore_ascii_case(token.name().as_bytes()),
        }
    }

    /// `*` or a product token; what stands behind it, such as a version, does not matter.
    fn of(value: &[u8]) -> Self {
        match value {
            [b'*'] => Self::Everyone,
            [b'*', next, ..] if next.is_ascii_whitespace() => Self::Everyone,
            _ => Self::Named(Box::from(leading_token(value))),
        }
    }
}

/// The lines that say something, with any of the three line ends, after a byte order mark or the part of one that is left.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = Line> {
    let mark = BYTE_ORDER_MARK.iter().zip(bytes).take_while(|(expected, found)| expected == found).count();
    let text = bytes.get(mark..).unwrap_or_default();
    text.split(|octet| matches!(octet, b'\n' | b'\r')).filter_map(line)
}

fn line(text: &[u8]) -> Option<Line> {
    let text = text.split(|octet| *octet == b'#').next()?.trim_ascii();
    let (key, value) = split_at(text, |octet| octet == b':').or_else(|| two_words(text))?;
    match key_of(key.trim_ascii())? {
        Key::UserAgent => Some(Line::Agent(Agent::of(value.trim_ascii()))),
        Key::Allow => Some(Line::Rule { allows: true, path: value.trim_ascii().to_vec() }),
        Key::Disallow => Some(Line::Rule { allows: false, path: value.trim_ascii().to_vec() }),
        Key::CrawlDelay => seconds(value.trim_ascii()).map(Line::CrawlDelay),
        Key::Sitemap => {
            let address = String::from_utf8_lossy(value.trim_ascii()).into_owned();
            (!address.is_empty()).then_some(Line::Sitemap(address))
        }
    }
}

/// A key and a value with a blank where the colon should be. With more words the line could be any sentence.
fn two_words(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_blank = |octet: u8| matches!(octet, b' ' | b'\t');
    let (key, value) = split_at(text, is_blank)?;
    let value = value.trim_ascii_start();
    (!value.iter().copied().any(is_blank)).then_some((key, value))
}

fn split_at(text: &[u8], is_mark: impl Fn(u8) -> bool) -> Option<(&[u8], &[u8])> {
    let place = text.iter().position(|octet| is_mark(*octet))?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

fn key_of(text: &[u8]) -> Option<Key> {
    let begins =
        |word: &str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()));
    KEYS.iter().find(|(word, _)| begins(word)).map(|(_, key)| *key)
}

/// A number of seconds, perhaps with a fraction.
fn seconds(text: &[u8]) -> Option<Duration> {
    let seconds: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}
