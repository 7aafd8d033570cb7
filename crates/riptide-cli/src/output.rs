//! Where results go.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use riptide::{Failure, Phase};
use tempfile::NamedTempFile;

use crate::args::usage;
use crate::format::Format;
use crate::inputs::{Input, Local, Origin, page_stem, strip_gz};

/// Where results go.
pub(crate) enum Sink {
    /// All to one place, one after the other.
    Stream(Stream),
    /// Each to a file of its own.
    Folder(Folder),
}

/// Why a result was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    #[error("{place}: cannot be written")]
    Stream { place: String, source: io::Error },
    #[error("its result cannot be written to {}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("its result would replace the page itself; expected another --output folder")]
    OwnInput,
}

impl Failure for OutputError {
    fn code(&self) -> &'static str {
        match self {
            Self::Stream { .. } | Self::File { .. } => "unwritable",
            Self::OwnInput => "output-is-input",
        }
    }

    fn phase(&self) -> Phase {
        Phase::Write
    }

    fn retryable(&self) -> bool {
        !matches!(self, Self::OwnInput)
    }
}

impl Sink {
    /// Decides by the path and the number of inputs what the output is, and opens it. No path: the standard output.
    ///
    /// # Errors
    /// When the place cannot be written, or cannot hold several documents.
    pub(crate) fn open(
        output: Option<&Path>,
        format: Format,
        many: bool,
        unfinished: &Unfinished,
    ) -> anyhow::Result<Self> {
        let framing = Framing { format, many };
        let Some(path) = output else {
            return Ok(Self::Stream(Stream::stdout(framing)));
        };
        let needs_folder = many && !format.holds_records();
        let names_folder = path.is_dir() || path.as_os_str().to_string_lossy().ends_with('/');
        if !names_folder && needs_folder && path.exists() {
            let message =
                format!("{} is a file; several documents need a folder, or --format jsonl", path.display());
            return Err(usage("extract", &message).into());
        }
        if names_folder || needs_folder {
            return Ok(Self::Folder(Folder::create(path, format, unfinished.clone())?));
        }
        Ok(Self::Stream(Stream::file(path, framing, unfinished.clone())?))
    }

    /// Whether results show up on a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        matches!(self, Self::Stream(Stream { target: Target::Stdout(_), .. })) && io::stdout().is_terminal()
    }

    /// The folder of the results, with all links resolved.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Stream(_) => None,
            Self::Folder(folder) => Some(&folder.root),
        }
    }

    /// Writes the result of one input.
    ///
    /// # Errors
    /// [`OutputError::Stream`] when there is no use in going on; the others concern this result alone.
    pub(crate) fn write(&mut self, input: &Input, body: &str) -> Result<(), OutputError> {
        match self {
            Self::Stream(stream) => stream.write(input, body),
            Self::Folder(folder) => folder.write(input, body),
        }
    }

    /// Ends the output; a file appears under its name only now.
    ///
    /// # Errors
    /// When what is left cannot be written.
    pub(crate) fn finish(self) -> Result<(), OutputError> {
        match self {
            Self::Stream(stream) => stream.finish(),
            Self::Folder(_) => Ok(()),
        }
    }
}

/// What stands before, between and after documents that follow each other.
struct Framing {
    format: Format,
    many: bool,
}

impl Framing {
    fn before(&self, input: &Input, is_first: bool) -> String {
        let gap = if is_first { "" } else { "\n" };
        match self.format {
            Format::Json if self.many => (if is_first { "[\n" } else { ",\n" }).to_owned(),
            Format::Text if self.many => format!("{gap}==> {} <==\n\n", input.name),
            Format::Markdown | Format::Html if self.many => {
                // Two hyphens could end the comment.
                format!("{gap}<!-- ==> {} <== -->\n\n", input.name.replace("--", "-\u{2010}"))
            }
            Format::Markdown | Format::Text | Format::Html | Format::Json | Format::Jsonl => String::new(),
        }
    }

    /// What stands after a document: an element of an array must not end before it is known whether it is the last.
    fn after(&self) -> &'static str {
        if self.format == Format::Json && self.many { "" } else { "\n" }
    }

    fn end(&self, is_empty: bool) -> &'static str {
        match self.format {
            Format::Json if self.many => {
                if is_empty {
                    "[]\n"
                } else {
                    "\n]\n"
                }
            }
            _ => "",
        }
    }
}

/// One place for all results.
pub(crate) struct Stream {
    framing: Framing,
    target: Target,
    is_empty: bool,
}

enum Target {
    Stdout(BufWriter<Stdout>),
    /// Something that exists and is no regular file, such as `/dev/null`: it must not be replaced.
    Device(PathBuf, BufWriter<File>),
    File(PathBuf, BufWriter<NamedTempFile>, Unfinished),
}

impl Target {
    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Stdout(writer) => writer,
            Self::Device(_, writer) => writer,
            Self::File(_, writer, _) => writer,
        }
    }

    fn place(&self) -> String {
        match self {
            Self::Stdout(_) => "the standard output".to_owned(),
            Self::Device(path, _) | Self::File(path, ..) => path.display().to_string(),
        }
    }
}

impl Stream {
    fn stdout(framing: Framing) -> Self {
        Self { framing, target: Target::Stdout(BufWriter::new(io::stdout())), is_empty: true }
    }

    fn file(path: &Path, framing: Framing, unfinished: Unfinished) -> anyhow::Result<Self> {
        let context = || format!("{}: cannot be written", path.display());
        // Through a link, what it leads to is replaced, not the link.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let target = if path.exists() && !path.is_file() {
            let device = File::options().write(true).open(&path).with_context(context)?;
            Target::Device(path, BufWriter::new(device))
        } else {
            let file = unfinished.beside(&path).with_context(context)?;
            Target::File(path, BufWriter::new(file), unfinished)
        };
        Ok(Self { framing, target, is_empty: true })
    }

    fn write(&mut self, input: &Input, body: &str) -> Result<(), OutputError> {
        if let Target::File(path, ..) = &self.target
            && is_own_input(input, path)
        {
            return Err(OutputError::OwnInput);
        }
        let (before, after) = (self.framing.before(input, self.is_empty), self.framing.after());
        self.is_empty = false;
        self.put(&[&before, body, after])
    }

    fn put(&mut self, parts: &[&str]) -> Result<(), OutputError> {
        let writer = self.target.writer();
        let written =
            parts.iter().try_for_each(|part| writer.write_all(part.as_bytes())).and_then(|()| writer.flush());
        written.map_err(|source| OutputError::Stream { place: self.target.place(), source })
    }

    fn finish(mut self) -> Result<(), OutputError> {
        let end = self.framing.end(self.is_empty);
        self.put(&[end])?;
        match self.target {
            Target::File(path, writer, unfinished) if !self.is_empty => {
                let place = path.display().to_string();
                let file = writer.into_inner().map_err(io::IntoInnerError::into_error);
                let kept = file.and_then(|file| unfinished.persist(file, &path));
                kept.map_err(|source| OutputError::Stream { place, source })
            }
            Target::Stdout(_) | Target::Device(..) | Target::File(..) => Ok(()),
        }
    }
}

/// A folder with a file for each result.
pub(crate) struct Folder {
    root: PathBuf,
    format: Format,
    /// How many results wanted each path.
    taken: HashMap<PathBuf, usize>,
    unfinished: Unfinished,
}

impl Folder {
    fn create(path: &Path, format: Format, unfinished: Unfinished) -> anyhow::Result<Self> {
        let root = fs::create_dir_all(path).and_then(|()| path.canonicalize());
        let root = root.with_context(|| format!("{}: this folder cannot be made", path.display()))?;
        Ok(Self { root, format, taken: HashMap::new(), unfinished })
    }

    fn write(&mut self, input: &Input, body: &str) -> Result<(), OutputError> {
        let within = self.free_path(&input.relative);
        let path = self.root.join(within);
        if is_own_input(input, &path) {
            return Err(OutputError::OwnInput);
        }
        self.unfinished.write_whole(&path, body).map_err(|error| OutputError::File { path, error })
    }

    /// The path for a result within the folder, never outside of it. The second page of a name gets a `-2`.
    fn free_path(&mut self, relative: &Path) -> PathBuf {
        let inside = relative.components().filter(|part| matches!(part, Component::Normal(_)));
        let inside: PathBuf = inside.collect();
        let name = inside.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let stem = page_stem(&name).unwrap_or_else(|| strip_gz(&name));
        let stem = if stem.is_empty() { "page" } else { stem };
        let mut wanted = inside.with_file_name(format!("{stem}.{}", self.format.extension()));
        loop {
            let count = self.taken.entry(wanted.clone()).or_default();
            *count += 1;
            if *count == 1 {
                return wanted;
            }
            wanted = inside.with_file_name(format!("{stem}-{count}.{}", self.format.extension()));
        }
    }
}

fn is_own_input(input: &Input, output: &Path) -> bool {
    match &input.origin {
        Ok(Origin::Local(Local::File(path))) => {
            path.canonicalize().is_ok_and(|path| output.canonicalize().is_ok_and(|it| it == path))
        }
        Ok(Origin::Local(Local::Stdin) | Origin::Web(_)) | Err(_) => false,
    }
}

/// Prints a line, or several. A reader who has seen enough is no failure.
pub(crate) fn print(lines: &str) {
    let _ = writeln!(io::stdout(), "{lines}");
}

/// The files that are not whole yet, each beside the one whose place it takes. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unfinished(Arc<Mutex<HashSet<PathBuf>>>);

impl Unfinished {
    /// Writes a text that ends with a line break. A file appears under its name only when it is whole; what is no regular
    /// file, such as `/dev/null`, is not replaced.
    pub(crate) fn write_text(&self, path: &Path, text: &str) -> io::Result<()> {
        if path.exists() && !path.is_file() {
            return fs::write(path, text);
        }
        self.write_whole(path, text.strip_suffix('\n').unwrap_or(text))
    }

    /// Removes them for the end of the program. No other one is begun as long as what is returned is held.
    pub(crate) fn remove(&self) -> MutexGuard<'_, HashSet<PathBuf>> {
        let files = self.files();
        for file in files.iter() {
            // One that could not be given its name is gone already.
            let _ = fs::remove_file(file);
        }
        files
    }

    fn write_whole(&self, path: &Path, body: &str) -> io::Result<()> {
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        let mut file = self.beside(path)?;
        file.write_all(body.as_bytes())?;
        file.write_all(b"\n")?;
        self.persist(file, path)
    }

    /// A file that takes another's place once it is complete.
    fn beside(&self, path: &Path) -> io::Result<NamedTempFile> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".riptide-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut files = self.files();
        let file = builder.tempfile_in(folder)?;
        files.insert(file.path().to_owned());
        Ok(file)
    }

    /// Gives a file that is complete its name.
    fn persist(&self, file: NamedTempFile, path: &Path) -> io::Result<()> {
        let mut files = self.files();
        files.remove(file.path());
        file.persist(path).map(drop).map_err(|error| error.error)
    }

    fn files(&self) -> MutexGuard<'_, HashSet<PathBuf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> Folder {
        Folder {
            root: PathBuf::from("out"),
            format: Format::Markdown,
            taken: HashMap::new(),
            unfinished: Unfinished::default(),
        }
    }

    #[test]
    fn pages_of_one_name_get_numbers_and_never_share_a_path() {
        let names = ["a/page.html", "a/page.htm", "a/page.html.gz", "b/page.html", "a/page-2.html", "a/page"];
        let mut folder = folder();
        let paths: Vec<_> = names.iter().map(|name| folder.free_path(Path::new(name))).collect();
        let expected =
            ["a/page.md", "a/page-2.md", "a/page-3.md", "b/page.md", "a/page-2-2.md", "a/page-4.md"];
        assert_eq!(paths, expected.map(PathBuf::from));
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        let mut folder = folder();
        assert_eq!(folder.free_path(Path::new("/etc/page.html")), Path::new("etc/page.md"));
        assert_eq!(folder.free_path(Path::new("../../x.php")), Path::new("x.php.md"));
        assert_eq!(folder.free_path(Path::new("..")), Path::new("page.md"));
    }
}
