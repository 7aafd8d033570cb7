//! The command line.

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use clap::builder::Styles;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use riptide::{Effort, ExtractionMode, Focus, Limits, Selector, SelectorError, Selectors};
use url::Url;

use crate::browse::{BrowserArgs, RenderChoice};
use crate::describe;
use crate::format::Format;
use crate::starting_point::Language;
use crate::web::WebArgs;

/// Turns web pages into clean content, each in its own WebAssembly sandbox.
#[derive(Debug, Parser)]
#[command(name = "riptide", version, long_version = describe::long_version(), styles = Styles::plain())]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What `riptide` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Extract the content and metadata of pages
    ///
    /// Reads HTML files, plain or gzipped, and writes what is worth reading. Pages run in a sandbox each; one that
    /// fails does no harm to the others. Results go to the standard output in the order of the inputs, messages to
    /// the standard error.
    Extract(Box<ExtractArgs>),
    /// Show how the main content of pages comes to be chosen
    ///
    /// Prints each block of text with the probability that it is main content, whether it is kept, and what speaks for
    /// and against it. Runs without the sandbox, for trusted pages only.
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Box<ExplainArgs>),
    /// Show what a server answers to a request for a page
    ///
    /// Prints the redirects, the header fields, and how long it took. The page goes to a file if one is named.
    #[command(after_help = FETCH_EXAMPLES)]
    Fetch(Box<FetchArgs>),
    /// Take a picture of a page, or print it as PDF
    ///
    /// Runs the page in Chromium. The name of the file says what it becomes: .png, .jpg, .webp or .pdf.
    #[command(after_help = SCREENSHOT_EXAMPLES)]
    Screenshot(Box<ScreenshotArgs>),
    /// Show or clear what is kept of the web
    Cache {
        /// What to do with it.
        #[command(subcommand)]
        command: CacheCommand,
    },
    /// Show the settings, and where each comes from
    Config {
        /// What to show.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Tell whether all is there that RipTide can use, and how to mend what is not
    Doctor(DoctorArgs),
    /// Work on extractor components
    Component {
        /// What to do with them.
        #[command(subcommand)]
        command: ComponentCommand,
    },
    /// Compile the component on the standard input to machine code on the standard output
    ///
    /// RipTide calls itself like this for extractors that somebody else made, to be able to stop a compilation.
    #[command(hide = true)]
    CompileComponent {
        /// What the compiler takes care of
        #[arg(value_enum)]
        effort: EffortChoice,
    },
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  riptide completions bash > ~/.local/share/bash-completion/completions/riptide"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page of riptide or of one of its commands
    #[command(after_help = "Example:\n  riptide man extract | man -l -")]
    Man {
        /// The command
        #[arg(value_parser = ["extract", "explain", "fetch", "screenshot", "cache", "cache-stats", "cache-clear", "config", "config-show", "doctor", "component", "component-new", "component-validate", "completions", "man"])]
        command: Option<String>,
    },
}

/// What a compiler takes care of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EffortChoice {
    /// Code that is there fast
    Baseline,
    /// Code that runs fast
    Optimised,
}

impl From<EffortChoice> for Effort {
    fn from(choice: EffortChoice) -> Self {
        match choice {
            EffortChoice::Baseline => Self::Baseline,
            EffortChoice::Optimised => Self::Optimised,
        }
    }
}

/// What can be done with a component.
#[derive(Debug, Subcommand)]
pub(crate) enum ComponentCommand {
    /// Write the files of an extractor to start from
    ///
    /// A small but whole extractor, the contract that it fits, and a script that builds it. Nothing is replaced.
    #[command(
        after_help = "Examples:\n  riptide component new --lang python my-extractor\n  my-extractor/build.sh"
    )]
    New(NewArgs),
    /// Tell whether a component can be used as an extractor
    ///
    /// Compares its imports and exports with the contract, down to the last field, and tells every difference. One
    /// that fits is then tried in the sandbox: its own health check, its description of itself, and a page with a
    /// known answer.
    #[command(after_help = VALIDATE_EXAMPLES)]
    Validate(ValidateArgs),
}

/// Which files to write, and where.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// What the extractor is written in
    #[arg(long, value_enum)]
    pub(crate) lang: Language,

    /// The folder for the files; made when it is not there
    #[arg(value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) folder: PathBuf,
}

const VALIDATE_EXAMPLES: &str = "\
Examples:
  riptide component validate my-extractor.wasm
  riptide component validate --json my-extractor.wasm | jq .differences

Exit status:
  0  it fits and works    1  it does not    2  wrong usage";

/// Which component to look at.
#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    /// The component
    #[arg(value_name = "COMPONENT.wasm", value_hint = ValueHint::FilePath)]
    pub(crate) component: PathBuf,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// The folder that keeps compiled components [default: riptide in the user's cache folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) cache_dir: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  riptide extract https://example.org/page               Markdown with a YAML front matter
  riptide extract page.html                              the same of a file
  curl -s https://example.org/ | riptide extract --url https://example.org/
  riptide extract --format jsonl pages/ > pages.jsonl    one line for each page, in order
  riptide extract --output notes/ pages/ more/*.html.gz  one Markdown file for each page
  riptide extract --select main --exclude .ads page.html
  riptide extract --manifest list.jsonl --format jsonl   pages with their URLs

Exit status:
  0  all pages extracted        4    no page extracted, all were refused by rules
  1  no page extracted          124  no page extracted, all ran out of time
  2  wrong usage                130  interrupted
  3  some pages failed";

/// Which pages to work on.
#[derive(Debug, Args)]
pub(crate) struct PageArgs {
    /// URLs, HTML files, folders of them (*.html, *.htm, *.xhtml, also with .gz), or - for the standard input
    #[arg(value_name = "URL|FILE|DIR|-", value_hint = ValueHint::AnyPath)]
    pub(crate) inputs: Vec<PathBuf>,

    /// A list of pages: one {"path": …, "url": …, "charset": …} a line; a URL without a path is fetched, paths are
    /// relative to the list
    #[arg(long, value_name = "LIST.jsonl", value_hint = ValueHint::FilePath)]
    pub(crate) manifest: Option<PathBuf>,

    /// The address that the page was loaded from; relative links resolve against it
    #[arg(long, value_parser = absolute_url, conflicts_with = "manifest")]
    pub(crate) url: Option<String>,
}

const FETCH_EXAMPLES: &str = "\
Examples:
  riptide fetch https://example.org/
  riptide fetch --json https://example.org/ | jq .headers
  riptide fetch --output page.html https://example.org/

Exit status:
  0  there is an answer, whatever its status    1  there is none    2  wrong usage
  4  refused: by robots.txt, or since the address is not on the public internet";

const SCREENSHOT_EXAMPLES: &str = "\
Examples:
  riptide screenshot --output page.png https://example.org/
  riptide screenshot --full-page --mobile --output page.webp https://example.org/
  riptide screenshot --output page.pdf https://example.org/

Exit status:
  0  the picture is there    1  it is not    2  wrong usage    4  refused by rules";

/// Which page to picture, and how.
#[derive(Debug, Args)]
pub(crate) struct ScreenshotArgs {
    /// The page
    #[arg(value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) url: Url,

    /// The file to write: .png, .jpg, .webp or .pdf
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,

    /// The whole page, not only what the window shows
    #[arg(long)]
    pub(crate) full_page: bool,

    #[command(flatten)]
    pub(crate) config: ConfigArgs,

    #[command(flatten)]
    pub(crate) browser: BrowserArgs,

    #[command(flatten)]
    pub(crate) web: WebArgs,
}

/// What can be done with the cache of pages.
#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// Show how much is kept
    Stats {
        #[command(flatten)]
        cache: CacheArgs,

        #[command(flatten)]
        config: ConfigArgs,

        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Forget all pages
    Clear {
        #[command(flatten)]
        cache: CacheArgs,

        #[command(flatten)]
        config: ConfigArgs,
    },
}

/// Where the settings are.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// Take the defaults of the options from this file [default: the variable RIPTIDE_CONFIG]
    ///
    /// Each of them has a variable, too, such as RIPTIDE_CONTACT for --contact; `riptide config show` lists them.
    #[arg(long, value_name = "RIPTIDE.toml", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
}

/// Where pages are kept, and how many.
#[derive(Debug, Args)]
pub(crate) struct CacheArgs {
    /// The folder of the cache [default: riptide in the user's cache folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) cache_dir: Option<PathBuf>,

    /// Bytes of pages that are kept at most
    #[arg(long, value_name = "SIZE", value_parser = positive_size, default_value = "1GiB")]
    pub(crate) page_cache_size: ByteSize,
}

/// What can be shown of the settings.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print each setting as the configuration file would hold it, and where it comes from
    Show(ConfigShowArgs),
}

/// Which settings to show.
#[derive(Debug, Args)]
pub(crate) struct ConfigShowArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// What to look at.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// The folder of the caches [default: riptide in the user's cache folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) cache_dir: Option<PathBuf>,

    /// Chromium's program [default: found on the PATH]
    #[arg(long, value_name = "PROGRAM", value_hint = ValueHint::ExecutablePath)]
    pub(crate) browser: Option<PathBuf>,

    /// Where site owners reach you
    #[arg(long, value_name = "CONTACT")]
    pub(crate) contact: Option<String>,

    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// What to fetch, and how.
#[derive(Debug, Args)]
pub(crate) struct FetchArgs {
    /// The page
    #[arg(value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) url: Url,

    /// Write the page, unpacked, to a file, or to the standard output with -
    #[arg(short, long, value_name = "FILE|-", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// Bytes of a page, after decompression
    #[arg(long, value_name = "SIZE", value_parser = positive_size, default_value = size(Limits::default().input))]
    pub(crate) max_input: ByteSize,

    #[command(flatten)]
    pub(crate) cache: CacheArgs,

    #[command(flatten)]
    pub(crate) config: ConfigArgs,

    #[command(flatten)]
    pub(crate) web: WebArgs,
}

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  riptide explain page.html
  riptide explain --html blocks.html page.html           the page's blocks in colour, for a browser
  riptide explain --format jsonl page.html | jq '.blocks[] | select(.kept) | .text'";

/// Which pages to explain, and how.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) pages: PageArgs,

    /// The form of the explanation
    #[arg(short, long, value_enum, default_value_t = ExplainFormat::Text)]
    pub(crate) format: ExplainFormat,

    /// How to settle what is doubtful
    #[arg(long, value_enum, default_value_t = FocusChoice::Balanced)]
    pub(crate) focus: FocusChoice,

    /// Reasons to give for each block
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) reasons: usize,

    /// Add the names and means of all features to each page, and their values and its hashed words to each block; with --format jsonl
    #[arg(long)]
    pub(crate) features: bool,

    /// Paint the blocks of one page in colour, in an HTML file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) html: Option<PathBuf>,

    /// Judge with this model instead of the built-in one
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) model: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) config: ConfigArgs,

    #[command(flatten)]
    pub(crate) web: WebArgs,
}

/// The form of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// A table for a person
    Text,
    /// A line of JSON for each page
    Jsonl,
}

/// What to extract, from where, and where to.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExtractArgs {
    #[command(flatten)]
    pub(crate) pages: PageArgs,

    /// The form of the results
    #[arg(short, long, value_enum, default_value_t = Format::Markdown)]
    pub(crate) format: Format,

    /// What to extract [default: article, or custom with --select or --exclude]
    #[arg(short, long, value_enum)]
    pub(crate) mode: Option<Mode>,

    /// How to settle what is doubtful, in article mode [default: balanced]
    #[arg(long, value_enum)]
    pub(crate) focus: Option<FocusChoice>,

    /// Keep what matches this CSS selector; may be repeated
    #[arg(long, value_name = "SELECTOR", value_parser = selector)]
    pub(crate) select: Vec<String>,

    /// Leave out what matches this CSS selector; may be repeated
    #[arg(long, value_name = "SELECTOR", value_parser = selector)]
    pub(crate) exclude: Vec<String>,

    /// Write Markdown without the YAML front matter
    #[arg(long)]
    pub(crate) no_front_matter: bool,

    /// Append readers' comments to Markdown, text and HTML; JSON has them in a field
    #[arg(long)]
    pub(crate) comments: bool,

    /// Write to a file, or to a folder when it is one, ends in / or there are several documents
    #[arg(short, long, value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub(crate) output: Option<PathBuf>,

    /// Pages to work on at once [default: one for each core]
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZero<usize>>,

    /// Pages from the web to fetch at once
    #[arg(long, value_name = "N", default_value = "16")]
    pub(crate) connections: NonZero<usize>,

    /// Time for one page
    #[arg(long, value_name = "DURATION", value_parser = positive_duration,
          default_value_t = humantime::Duration::from(Limits::default().time))]
    pub(crate) timeout: humantime::Duration,

    /// Memory for the extractor of one page
    #[arg(long, value_name = "SIZE", value_parser = positive_size, default_value = size(Limits::default().memory))]
    pub(crate) memory: ByteSize,

    /// Bytes of a page, after decompression
    #[arg(long, value_name = "SIZE", value_parser = positive_size, default_value = size(Limits::default().input))]
    pub(crate) max_input: ByteSize,

    /// Extract with this WebAssembly component instead of the built-in one
    #[arg(long, value_name = "COMPONENT.wasm", value_hint = ValueHint::FilePath)]
    pub(crate) extractor: Option<PathBuf>,

    /// Take the defaults of the options, and extractors for certain addresses, from this file [default: the variable
    /// RIPTIDE_CONFIG]
    ///
    /// Each of them has a variable, too, such as RIPTIDE_CONTACT for --contact; `riptide config show` lists them.
    #[arg(long, value_name = "RIPTIDE.toml", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    /// Run the built-in extractor without the sandbox: faster, for trusted pages only
    #[arg(long, conflicts_with_all = ["timeout", "memory", "extractor"])]
    pub(crate) native: bool,

    /// Judge with this model instead of the built-in one
    #[arg(long, value_name = "FILE", requires = "native", value_hint = ValueHint::FilePath)]
    pub(crate) model: Option<PathBuf>,

    /// Show how much was done and how long it took, by tier; on a terminal while several pages are worked on
    #[arg(long)]
    pub(crate) stats: bool,

    /// Write the metrics to a file at the end, as text for Prometheus
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) metrics: Option<PathBuf>,

    /// Add a line of JSON for each event, a CloudEvent, to a file, or print it to the standard error with -
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath)]
    pub(crate) log: Option<PathBuf>,

    /// Whether pages from the web are run in a browser before they are extracted
    #[arg(long, value_enum, default_value_t = RenderChoice::Auto)]
    pub(crate) render: RenderChoice,

    #[command(flatten)]
    pub(crate) cache: CacheArgs,

    #[command(flatten)]
    pub(crate) web: WebArgs,

    #[command(flatten)]
    pub(crate) browser: BrowserArgs,
}

/// What to extract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// The main content
    Article,
    /// All visible content
    Full,
    /// Metadata alone
    Metadata,
    /// What --select and --exclude name
    Custom,
}

/// How to settle what is doubtful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FocusChoice {
    /// Leave it out
    Precision,
    /// Weigh both errors alike
    Balanced,
    /// Keep it
    Recall,
}

impl From<FocusChoice> for Focus {
    fn from(choice: FocusChoice) -> Self {
        match choice {
            FocusChoice::Precision => Self::Precision,
            FocusChoice::Balanced => Self::Balanced,
            FocusChoice::Recall => Self::Recall,
        }
    }
}

impl ExtractArgs {
    /// The mode that the options come to.
    ///
    /// # Errors
    /// A usage error when they contradict each other.
    pub(crate) fn extraction_mode(&self) -> Result<ExtractionMode, clap::Error> {
        let selects = !(self.select.is_empty() && self.exclude.is_empty());
        let mode = self.mode.unwrap_or(if selects { Mode::Custom } else { Mode::Article });
        if selects && mode != Mode::Custom {
            return Err(usage(
                "extract",
                "--select and --exclude belong to --mode custom; leave the other mode out",
            ));
        }
        if self.focus.is_some() && mode != Mode::Article {
            return Err(usage("extract", "--focus belongs to --mode article"));
        }
        let front_matter = self.format == Format::Markdown && !self.no_front_matter;
        if mode == Mode::Metadata && !(front_matter || self.format.holds_records()) {
            return Err(usage(
                "extract",
                "--mode metadata needs a format that shows metadata: json, jsonl, or markdown with front matter",
            ));
        }
        Ok(match mode {
            Mode::Article => ExtractionMode::Article(self.focus.map(Focus::from).unwrap_or_default()),
            Mode::Full => ExtractionMode::Full,
            Mode::Metadata => ExtractionMode::Metadata,
            Mode::Custom if selects => ExtractionMode::Custom(Selectors {
                include: self.select.clone(),
                exclude: self.exclude.clone(),
            }),
            Mode::Custom => {
                return Err(usage("extract", "--mode custom needs --select or --exclude with CSS selectors"));
            }
        })
    }

    /// What one page may cost.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            input: bytes(self.max_input),
            memory: bytes(self.memory),
            time: Duration::from(self.timeout),
            ..Limits::default()
        }
    }
}

/// An error of the command line, shown with the usage of the command.
pub(crate) fn usage(command: &str, message: &str) -> clap::Error {
    let mut program = Cli::command();
    program.build();
    let command = match program.find_subcommand_mut(command) {
        Some(command) => command,
        None => &mut program,
    };
    command.error(ErrorKind::ArgumentConflict, message)
}

fn absolute_url(text: &str) -> Result<String, String> {
    match Url::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!("{error}; expected an absolute URL such as https://example.org/page")),
    }
}

fn selector(text: &str) -> Result<String, SelectorError> {
    Selector::parse(text).map(|_| text.to_owned())
}

pub(crate) fn positive_duration(text: &str) -> Result<humantime::Duration, String> {
    match text.parse::<humantime::Duration>() {
        Ok(time) if time.is_zero() => Err("expected more than no time".to_owned()),
        Ok(time) => Ok(time),
        Err(error) => Err(format!("{error}; expected a duration such as 500ms, 10s or 2m")),
    }
}

fn positive_size(text: &str) -> Result<ByteSize, String> {
    match text.parse::<ByteSize>() {
        Ok(ByteSize(0)) => Err("expected at least one byte".to_owned()),
        Ok(size) => Ok(size),
        Err(_) => Err("expected a size such as 256MiB, 1.5GB or a number of bytes".to_owned()),
    }
}

/// A size as one would type it: `32MiB`.
fn size(bytes: usize) -> String {
    ByteSize(u64::try_from(bytes).unwrap_or(u64::MAX)).to_string().replace(".0 ", "")
}

fn bytes(size: ByteSize) -> usize {
    usize::try_from(size.as_u64()).unwrap_or(usize::MAX)
}
