//! What kind of content bytes are: by what came with them, and by what they look like.

mod signature;

pub use signature::BinaryFormat;

use signature::has_markup;

/// What kind of content bytes are, as far as it decides how they become a document.
///
/// What is *declared* comes from [`ContentKind::declared`]; [`ContentKind::of`] settles it with the bytes, so far as
/// possible as the MIME Sniffing Standard does. Where the two differ, the reason stands with the method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum ContentKind {
    /// An HTML page.
    Html,
    /// An HTML page in XML syntax.
    Xhtml,
    /// RSS, Atom or JSON Feed.
    Feed,
    /// XML that is none of these.
    Xml,
    /// Text without markup.
    Text,
    /// Markdown.
    Markdown,
    /// JSON.
    Json,
    /// A PDF document.
    Pdf,
    /// A picture.
    Image,
    /// Anything else, such as an archive or a recording.
    Other,
}

impl ContentKind {
    /// What a resource is declared to be, by the `Content-Type` that it came with or else by the path of its URL or the
    /// name of its file.
    ///
    /// Servers send Markdown, JSON and feeds as plain text; then the name decides between kinds of text.
    #[must_use]
    pub fn declared(content_type: Option<&str>, path: &str) -> Option<Self> {
        let named = Self::from_path(path);
        match content_type.and_then(Self::from_content_type) {
            Some(Self::Text) => match named {
                Some(Self::Markdown | Self::Json | Self::Feed) => named,
                _ => Some(Self::Text),
            },
            typed => typed.or(named),
        }
    }

    /// What a `Content-Type` says; only its essence counts (MIME Sniffing Standard §4.6, MIME type groups).
    ///
    /// Nothing when it says nothing: it is missing or malformed, one of the three that §7 counts as unknown, or
    /// `application/octet-stream`, which servers send for whatever their configuration does not list.
    #[must_use]
    pub fn from_content_type(value: &str) -> Option<Self> {
        let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/')?;
        Some(match (kind, subtype) {
            ("" | "*" | "unknown", _) | (_, "" | "*") => return None,
            ("application", "unknown" | "octet-stream" | "force-download" | "x-download") => return None,
            ("binary", "octet-stream") => return None,
            ("text", "html") => Self::Html,
            ("application", "xhtml+xml") => Self::Xhtml,
            (_, "rss+xml" | "atom+xml" | "rdf+xml" | "feed+json") => Self::Feed,
            ("image", _) => Self::Image,
            (_, "xml") => Self::Xml,
            (_, subtype) if subtype.ends_with("+xml") => Self::Xml,
            (_, "markdown" | "x-markdown" | "vnd.daringfireball.markdown") => Self::Markdown,
            ("application" | "text", "json") => Self::Json,
            (_, subtype) if subtype.ends_with("+json") => Self::Json,
            (_, "pdf" | "x-pdf") => Self::Pdf,
            ("text", _) => Self::Text,
            ("application", subtype) if TEXT_SUBTYPES.contains(&subtype) => Self::Text,
            _ => Self::Other,
        })
    }

    /// What the extension of a URL's path or of a file's name says; nothing when it has none, or one that says nothing about
    /// the content, such as `php`.
    #[must_use]
    pub fn from_path(path: &str) -> Option<Self> {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = strip_suffix_ignore_case(name, ".gz").unwrap_or(name);
        let (stem, extension) = name.rsplit_once('.')?;
        if stem.is_empty() {
            return None;
        }
        let extension = extension.to_ascii_lowercase();
        EXTENSIONS.iter().find(|(_, known)| known.contains(&extension.as_str())).map(|&(kind, _)| kind)
    }

    /// What the bytes are, given what they are declared to be.
    ///
    /// A signature of something that is no text outweighs what is declared. Declared pages and XML may be feeds
    /// (MIME Sniffing Standard §7.3), declared JSON a JSON Feed. Declared text stays text, whatever it looks like, since
    /// only its author knows whether markup in it is meant as such (§7.2). What is declared a PDF document or a picture and
    /// is none, and what is not declared at all, is told by its first bytes (§7.1).
    #[must_use]
    pub fn of(declared: Option<Self>, bytes: &[u8]) -> Self {
        let head = Head::of(bytes);
        match declared {
            Some(kind @ (Self::Html | Self::Xhtml | Self::Xml | Self::Feed | Self::Json)) => match head {
                Head::Binary(found @ (Self::Pdf | Self::Image)) => found,
                Head::Feed => Self::Feed,
                // A feed by name alone may be a page that tells of an error.
                _ if kind == Self::Feed => head.kind(),
                _ => kind,
            },
            Some(kind @ (Self::Text | Self::Markdown)) => match head {
                Head::Binary(found) => found,
                _ => kind,
            },
            Some(Self::Other) => Self::Other,
            Some(Self::Pdf | Self::Image) | None => head.kind(),
        }
    }
}

/// Subtypes of `application` that are text to read.
const TEXT_SUBTYPES: [&str; 12] = [
    "javascript",
    "x-javascript",
    "ecmascript",
    "x-ndjson",
    "jsonl",
    "yaml",
    "x-yaml",
    "toml",
    "x-sh",
    "x-tex",
    "sql",
    "graphql",
];

const EXTENSIONS: [(ContentKind, &[&str]); 8] = [
    (ContentKind::Html, &["html", "htm", "shtml"]),
    (ContentKind::Xhtml, &["xhtml", "xht"]),
    (ContentKind::Feed, &["rss", "atom", "rdf"]),
    (ContentKind::Xml, &["xml"]),
    (
        ContentKind::Text,
        &["txt", "text", "log", "csv", "tsv", "rst", "tex", "org", "adoc", "yaml", "yml", "toml"],
    ),
    (ContentKind::Markdown, &["md", "markdown", "mdown", "mkd"]),
    (ContentKind::Json, &["json"]),
    (ContentKind::Pdf, &["pdf"]),
];

/// What the first bytes show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Head {
    Binary(ContentKind),
    Feed,
    Json,
    Xml,
    Markup,
    Plain,
}

/// Namespaces that tell RSS 1.0 and 0.90 from other RDF.
const RSS_1: [&[u8]; 3] =
    [b"purl.org/rss/1.0", b"my.netscape.com/rdf/simple/0.9", b"channel.netscape.com/rdf/simple/0.9"];

/// MIME Sniffing Standard §5.2: how many bytes at the start are looked at, but for the signatures.
const RESOURCE_HEADER: usize = 1445;

impl Head {
    fn of(bytes: &[u8]) -> Self {
        let head = bytes.get(..RESOURCE_HEADER).unwrap_or(bytes);
        if let Some(wide) = sixteen_bit(head) {
            return Self::of_text(&wide);
        }
        match BinaryFormat::of(bytes) {
            Some(format) => Self::Binary(format.kind),
            None => Self::of_text(head),
        }
    }

    fn of_text(head: &[u8]) -> Self {
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        if begins_json(text) {
            return if is_json_feed(text) { Self::Feed } else { Self::Json };
        }
        let root = root_element(text).unwrap_or_default();
        // Names of XML may have a prefix, whatever it is.
        match root.rsplit(|&byte| byte == b':').next().unwrap_or_default() {
            b"rss" | b"feed" => Self::Feed,
            b"RDF" if RSS_1.iter().any(|namespace| memchr::memmem::find(text, namespace).is_some()) => {
                Self::Feed
            }
            b"RDF" => Self::Xml,
            name if name.eq_ignore_ascii_case(b"html") => Self::Markup,
            _ if text.starts_with(b"<?xml") => Self::Xml,
            _ if has_markup(text) || has_tag(text) => Self::Markup,
            _ => Self::Plain,
        }
    }

    fn kind(self) -> ContentKind {
        match self {
            Self::Binary(kind) => kind,
            Self::Feed => ContentKind::Feed,
            Self::Json => ContentKind::Json,
            Self::Xml => ContentKind::Xml,
            Self::Markup => ContentKind::Html,
            Self::Plain => ContentKind::Text,
        }
    }
}

/// The ASCII of text whose characters are two bytes wide, told by its byte order mark or by its first character being `<`.
fn sixteen_bit(head: &[u8]) -> Option<Vec<u8>> {
    let narrow = |low: usize, head: &[u8]| {
        head.chunks_exact(2)
            .map(|pair| match (pair.get(low), pair.get(1 - low)) {
                (Some(&byte), Some(0)) => byte,
                _ => b'?',
            })
            .collect()
    };
    match head {
        [0xff, 0xfe, rest @ ..] => Some(narrow(0, rest)),
        [0xfe, 0xff, rest @ ..] => Some(narrow(1, rest)),
        [b'<', 0, second, 0, ..] if second.is_ascii_graphic() => Some(narrow(0, head)),
        [0, b'<', 0, second, ..] if second.is_ascii_graphic() => Some(narrow(1, head)),
        _ => None,
    }
}

/// The name of the first element, after declarations, comments and processing instructions (MIME Sniffing Standard §7.3).
fn root_element(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text.trim_ascii_start();
    loop {
        let end: &[u8] = match rest {
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            [b'<', b'?', ..] => b"?>",
            [b'<', b'!', declaration @ ..] => {
                let bracket = memchr::memchr2(b'[', b'>', declaration)?;
                if declaration.get(bracket) == Some(&b'[') { b"]>" } else { b">" }
            }
            [b'<', name @ ..] => {
                let length =
                    name.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))?;
                return name.get(..length);
            }
            _ => return None,
        };
        let at = memchr::memmem::find(rest, end)?;
        rest = rest.get(at + end.len()..)?.trim_ascii_start();
    }
}

/// Whether text begins as a JSON object does, or as an array of more than numbers: those are how notes begin, too.
fn begins_json(text: &[u8]) -> bool {
    let Some((first, rest)) = text.split_first() else { return false };
    let second = rest.trim_ascii_start().first();
    match first {
        b'{' => matches!(second, Some(b'"' | b'}')),
        b'[' => matches!(second, Some(b'{' | b'[' | b'"' | b']')),
        _ => false,
    }
}

/// JSON Feed 1.1 begins with its version, which is the URL of the format's own description.
fn is_json_feed(text: &[u8]) -> bool {
    text.starts_with(b"{")
        && (memchr::memmem::find(text, b"jsonfeed.org/version/").is_some()
            || memchr::memmem::find(text, b"jsonfeed.org\\/version\\/").is_some())
}

/// Whether anything looks like an element: `<` and a letter, `/` and a letter, or `!`.
fn has_tag(text: &[u8]) -> bool {
    memchr::memchr_iter(b'<', text).any(|at| match text.get(at + 1..).unwrap_or_default() {
        [b'/', letter, ..] | [letter, ..] if letter.is_ascii_alphabetic() => true,
        [b'!', b'-' | b'd' | b'D', ..] => true,
        _ => false,
    })
}

fn strip_suffix_ignore_case<'t>(text: &'t str, suffix: &str) -> Option<&'t str> {
    let (rest, end) = text.split_at_checked(text.len().checked_sub(suffix.len())?)?;
    end.eq_ignore_ascii_case(suffix).then_some(rest)
}

#[cfg(test)]
mod tests;
