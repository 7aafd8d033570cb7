//! What the command line names, as a stream of pages.

use std::path::{Path, PathBuf};
use std::{fmt, iter};

use riptide::{ContentKind, Failure, Phase, Source, redacted};
use url::Url;
use walkdir::WalkDir;

use crate::args::{PageArgs, usage};
use crate::manifest::Manifest;

/// One page to extract, not read yet.
pub(crate) struct Input {
    /// What the user calls it: the path or URL as given, or `-`.
    pub(crate) name: String,
    /// The line of the manifest that names it, such as `list.jsonl:3`.
    pub(crate) listed_at: Option<String>,
    /// Where its bytes are, or why there are none.
    pub(crate) origin: Result<Origin, InputError>,
    /// Where it stands within the folder or list that names it.
    pub(crate) relative: PathBuf,
    /// Its address, or empty.
    pub(crate) url: String,
    /// The `charset` that it came with.
    pub(crate) charset: Option<String>,
}

/// Where the bytes of a page are.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    /// On this machine.
    Local(Local),
    /// On a server.
    Web(Url),
}

/// Where the bytes of a page are that is on this machine.
#[derive(Debug, Clone)]
pub(crate) enum Local {
    /// The standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

/// Why an input gives no bytes.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error("there is no such file or folder")]
    NotFound,
    #[error("this is a folder; expected a file")]
    Folder,
    #[error("this folder holds no pages; looked for *.html, *.htm and *.xhtml, also with .gz")]
    NoPages,
    #[error("cannot be read: {0}")]
    Unreadable(std::io::Error),
    #[error("the gzip data end too early; the file is incomplete, expected a whole one")]
    GzipTruncated,
    #[error("the gzip data are damaged ({0}); expected a sound file")]
    GzipDamaged(std::io::Error),
    #[error("{0}; expected an absolute URL such as https://example.org/page")]
    Url(url::ParseError),
    #[error("{0}; expected a line such as {{\"path\": \"page.html\", \"url\": \"https://example.org/\"}}")]
    ManifestLine(String),
    #[error("this list names no pages; expected lines such as {{\"path\": \"page.html\"}}")]
    EmptyManifest,
}

impl From<std::io::Error> for InputError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::NotFound,
            std::io::ErrorKind::IsADirectory => Self::Folder,
            _ => Self::Unreadable(error),
        }
    }
}

impl Failure for InputError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Folder => "is-a-folder",
            Self::NoPages => "no-pages",
            Self::Unreadable(_) => "unreadable",
            Self::GzipTruncated => "gzip-truncated",
            Self::GzipDamaged(_) => "gzip-damaged",
            Self::Url(_) => "invalid-url",
            Self::ManifestLine(_) => "manifest-line",
            Self::EmptyManifest => "manifest-empty",
        }
    }

    fn phase(&self) -> Phase {
        Phase::Read
    }

    fn retryable(&self) -> bool {
        matches!(self, Self::Unreadable(_))
    }
}

impl Input {
    /// An input that gives no bytes.
    pub(crate) fn refused(name: String, error: InputError) -> Self {
        let (listed_at, relative, url, charset) = <_>::default();
        Self { name, listed_at, origin: Err(error), relative, url, charset }
    }

    fn file(path: &Path, relative: &Path) -> Self {
        Self {
            name: path.display().to_string(),
            listed_at: None,
            origin: Ok(Origin::Local(Local::File(path.to_owned()))),
            relative: relative.to_owned(),
            url: String::new(),
            charset: None,
        }
    }

    /// A page of the web, called as it was given. Its place is that of its URL: the host as a folder, the path below it.
    pub(crate) fn web(name: String, url: Url) -> Self {
        Self {
            name,
            listed_at: None,
            relative: place_of(&url),
            url: url.to_string(),
            origin: Ok(Origin::Web(url)),
            charset: None,
        }
    }

    /// The bytes of the page, which are on this machine, with what is known of them.
    ///
    /// # Errors
    /// See [`InputError`].
    pub(crate) fn source(&self, local: &Local, limit: usize) -> Result<Source, InputError> {
        let bytes = local.read(limit)?;
        let (url, charset) = (self.url.clone(), self.charset.clone());
        let named = ContentKind::from_path(&self.relative.to_string_lossy());
        let kind = named.or_else(|| ContentKind::from_path(&url));
        Ok(Source { bytes, url, charset, kind, ..Source::default() })
    }

    fn stdin() -> Self {
        Self {
            name: "-".to_owned(),
            listed_at: None,
            origin: Ok(Origin::Local(Local::Stdin)),
            relative: PathBuf::from("stdin"),
            url: String::new(),
            charset: None,
        }
    }
}

impl fmt::Display for Input {
    /// For messages, so without what an address may hold of secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Ok(Origin::Web(_)) | Err(InputError::Url(_)) => formatter.write_str(&redacted(&self.name))?,
            Ok(Origin::Local(_)) | Err(_) => formatter.write_str(&self.name)?,
        }
        self.listed_at.as_ref().map_or(Ok(()), |place| write!(formatter, " ({place})"))
    }
}

/// All that the command line names.
#[derive(Debug, Clone)]
pub(crate) struct Inputs {
    paths: Vec<PathBuf>,
    manifest: Option<PathBuf>,
    url: String,
}

impl Inputs {
    /// Takes the inputs from the command line of `command`; the standard input when there are none and it is not a terminal.
    ///
    /// # Errors
    /// A usage error when nothing is named, or when a URL for one page meets several.
    pub(crate) fn new(command: &str, args: &PageArgs, stdin_is_terminal: bool) -> Result<Self, clap::Error> {
        let mut paths = args.inputs.clone();
        if paths.is_empty() && args.manifest.is_none() {
            if stdin_is_terminal {
                return Err(usage(command, "no pages named; expected a file, a folder, - or --manifest"));
            }
            paths.push(PathBuf::from("-"));
        }
        let inputs =
            Self { paths, manifest: args.manifest.clone(), url: args.url.clone().unwrap_or_default() };
        if !inputs.url.is_empty() && inputs.are_many() {
            return Err(usage(
                command,
                "--url is the address of one page; for several give a --manifest with their URLs",
            ));
        }
        if inputs.stdin_uses() > 1 {
            return Err(usage(command, "the standard input (-) can be read only once"));
        }
        Ok(inputs)
    }

    /// Whether there may be more than one page.
    pub(crate) fn are_many(&self) -> bool {
        self.manifest.is_some() || self.paths.len() > 1 || self.paths.iter().any(|path| path.is_dir())
    }

    /// Whether there may be pages that have to be fetched.
    pub(crate) fn may_be_from_the_web(&self) -> bool {
        self.manifest.is_some() || self.paths.iter().any(|path| web_url(path).is_some())
    }

    /// Whether walking through the inputs twice finds the same twice.
    pub(crate) fn are_repeatable(&self) -> bool {
        self.stdin_uses() == 0
    }

    fn stdin_uses(&self) -> usize {
        self.paths.iter().chain(&self.manifest).filter(|path| is_stdin(path)).count()
    }

    /// Finds the pages one by one, in the order of the command line; folders in the order of their names.
    /// The folder `apart` is passed over: results do not become inputs.
    pub(crate) fn stream(self, apart: Option<PathBuf>) -> impl Iterator<Item = Input> + Send {
        let Self { paths, manifest, url } = self;
        let named = paths.into_iter().flat_map(move |path| expand(&path, apart.clone()));
        let named = named.map(move |input| match input.origin {
            Ok(Origin::Web(_)) => input,
            _ => Input { url: url.clone(), ..input },
        });
        named.chain(manifest.into_iter().flat_map(|list| Manifest::open(&list)))
    }
}

/// The URL that an input is, if it begins as one does.
fn web_url(path: &Path) -> Option<Result<Url, url::ParseError>> {
    let text = path.to_str()?;
    let is_web = ["http://", "https://"].iter().any(|scheme| {
        text.split_at_checked(scheme.len()).is_some_and(|(start, _)| start.eq_ignore_ascii_case(scheme))
    });
    is_web.then(|| Url::parse(text))
}

/// Where a result for a URL stands in a folder: `example.org/a/b.html`, `example.org/index`, `example.org/list_page=2`.
fn place_of(url: &Url) -> PathBuf {
    const LONGEST_NAME: usize = 100;
    let file_name = |text: &str| -> String {
        let shown =
            text.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.=%~".contains(c) { c } else { '_' });
        shown.take(LONGEST_NAME).collect()
    };
    let mut segments: Vec<String> = url.path_segments().into_iter().flatten().map(file_name).collect();
    let mut last = segments.pop().filter(|name| !name.is_empty()).unwrap_or_else(|| "index".to_owned());
    if let Some(query) = url.query().filter(|query| !query.is_empty()) {
        last = file_name(&format!("{last}_{query}"));
    }
    let host = file_name(url.host_str().unwrap_or_default());
    iter::once(host).chain(segments.into_iter().filter(|name| !name.is_empty())).chain([last]).collect()
}

/// Whether a path stands for the standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

type Stream = Box<dyn Iterator<Item = Input> + Send>;

fn expand(path: &Path, apart: Option<PathBuf>) -> Stream {
    if let Some(url) = web_url(path) {
        let name = path.display().to_string();
        Box::new(iter::once(match url {
            Ok(url) => Input::web(name, url),
            Err(error) => Input::refused(name, InputError::Url(error)),
        }))
    } else if is_stdin(path) {
        Box::new(iter::once(Input::stdin()))
    } else if path.is_dir() {
        walk(path, apart)
    } else {
        Box::new(iter::once(Input::file(path, path.file_name().map_or(path, Path::new))))
    }
}

fn walk(folder: &Path, apart: Option<PathBuf>) -> Stream {
    let root = folder.to_owned();
    let entries = WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
    let entries = entries.filter_entry(move |entry| {
        entry.depth() == 0
            || !entry.file_type().is_dir()
            || apart.is_none()
            || entry.path().canonicalize().ok() != apart
    });
    let mut pages = entries
        .filter_map(move |entry| match entry {
            Ok(entry) if entry.file_type().is_dir() || !is_page(entry.path()) => None,
            Ok(entry) => {
                let relative = entry.path().strip_prefix(&root).unwrap_or(entry.path());
                Some(Input::file(entry.path(), relative))
            }
            Err(error) => unwalkable(error),
        })
        .peekable();
    if pages.peek().is_none() {
        return Box::new(iter::once(Input::refused(folder.display().to_string(), InputError::NoPages)));
    }
    Box::new(pages)
}

/// A place in a folder that cannot be entered. Links that lead in a circle, and dead ones that are no pages, do not count.
fn unwalkable(error: walkdir::Error) -> Option<Input> {
    let path = error.path().map(Path::to_owned).unwrap_or_default();
    let looped = error.loop_ancestor().is_some();
    let error = InputError::from(error.into_io_error()?);
    let ignored = looped || (matches!(error, InputError::NotFound) && !is_page(&path));
    (!ignored).then(|| Input::refused(path.display().to_string(), error))
}

/// Whether the name of a file is that of a page.
fn is_page(path: &Path) -> bool {
    path.file_name().is_some_and(|name| page_stem(&name.to_string_lossy()).is_some())
}

/// The name of a page without `.gz` and the extension of HTML; nothing when it has none.
pub(crate) fn page_stem(name: &str) -> Option<&str> {
    let (stem, extension) = strip_gz(name).rsplit_once('.')?;
    let known = ["html", "htm", "xhtml"].iter().any(|known| extension.eq_ignore_ascii_case(known));
    (known && !stem.is_empty()).then_some(stem)
}

/// A file name without `.gz`.
pub(crate) fn strip_gz(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((rest, extension)) if extension.eq_ignore_ascii_case("gz") => rest,
        _ => name,
    }
}
