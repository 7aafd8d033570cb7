//! Which extractor handles which pages, as a configuration file says it.

mod pattern;
mod reload;
mod routes;

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use crate::Error;
use pattern::UrlPattern;

pub(crate) use reload::Reload;
use routes::Stamp;
pub(crate) use routes::{Route, Routes};

/// The extractors that a configuration file registers for pages of certain addresses.
///
/// ```toml
/// [[extractors]]
/// match = ["https://news.example.org/*", "*.example.com"]
/// component = "extractors/news.wasm"    # relative to this file
/// digest = "…"                          # optional: the SHA-256 that the component must have
/// on-failure = "fall-back"              # or "refuse", the default
/// ```
///
/// The first entry with a pattern that fits the page's address is the one; without any the runtime's own extractor
/// handles the page. A pattern is `[scheme://]host[:port][/path]`: the scheme `http`, `https` or `*`; the host a name,
/// `*.example.com` for `example.com` and all below it, or `*`; in the path each `*` stands for any characters.
#[derive(Debug)]
pub struct Registry {
    path: PathBuf,
    /// The file's, from before it was read.
    stamp: Option<Stamp>,
    rules: Vec<Rule>,
}

/// One entry of the file.
#[derive(Debug)]
struct Rule {
    /// Where the entry's component is named, counted from 1.
    line: usize,
    patterns: Vec<UrlPattern>,
    component: PathBuf,
    digest: Option<String>,
    on_failure: OnFailure,
}

/// What happens to a page whose component fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OnFailure {
    /// The page fails.
    #[default]
    Refuse,
    /// The built-in component extracts the page.
    FallBack,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    extractors: Vec<Entry>,
    /// The tables of the program's options are not the registry's to read.
    #[serde(default, rename = "extract")]
    _extract: IgnoredAny,
    #[serde(default, rename = "fetch")]
    _fetch: IgnoredAny,
    #[serde(default, rename = "cache")]
    _cache: IgnoredAny,
    #[serde(default, rename = "browser")]
    _browser: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    #[serde(rename = "match")]
    patterns: Spanned<Vec<Spanned<String>>>,
    component: Spanned<PathBuf>,
    digest: Option<Spanned<String>>,
    #[serde(default)]
    on_failure: OnFailure,
}

impl Registry {
    /// Whether the file registers no extractors.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Reads a configuration file. Components are looked at when the runtime starts.
    ///
    /// # Errors
    /// [`Error::UnreadableFile`], and [`Error::InvalidConfig`] with the line that is wrong.
    pub fn read(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        let stamp = Stamp::of(&path);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Self { rules: parse(&path, &text)?, path, stamp }),
            Err(error) => Err(Error::UnreadableFile { path, error }),
        }
    }
}

/// The entries of a configuration file.
fn parse(path: &Path, text: &str) -> Result<Vec<Rule>, Error> {
    let line_at =
        |span: Range<usize>| text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1;
    let wrong = |line, problem| Error::InvalidConfig { path: path.to_owned(), line, problem };
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, line_at);
        let shown = text.lines().nth(line - 1).unwrap_or_default().trim();
        wrong(line, format!("{} in `{shown}`", error.message().trim_end()))
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let read = |entry: Entry| {
        if entry.patterns.get_ref().is_empty() {
            let problem = "`match` names no pages; expected patterns such as `*.example.org`".to_owned();
            return Err(wrong(line_at(entry.patterns.span()), problem));
        }
        let patterns = entry.patterns.into_inner().into_iter().map(|text| {
            UrlPattern::parse(text.get_ref()).map_err(|reason| {
                let problem = format!("`{}` in `match` is no pattern of addresses: {reason}", text.get_ref());
                wrong(line_at(text.span()), problem)
            })
        });
        let digest = entry.digest.map(|digest| {
            let is_sha256 =
                |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            let problem = "`digest` is no SHA-256; expected 64 hexadecimal digits".to_owned();
            is_sha256(digest.get_ref())
                .then(|| digest.get_ref().to_ascii_lowercase())
                .ok_or_else(|| wrong(line_at(digest.span()), problem))
        });
        Ok(Rule {
            line: line_at(entry.component.span()),
            patterns: patterns.collect::<Result<_, _>>()?,
            component: folder.join(entry.component.get_ref()),
            digest: digest.transpose()?,
            on_failure: entry.on_failure,
        })
    };
    file.extractors.into_iter().map(read).collect()
}
