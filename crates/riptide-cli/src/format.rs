//! How a document is written.

use clap::ValueEnum;
use riptide::{Document, Failure, Phase, append_comments};
use serde::Serialize;

use crate::front_matter;
use crate::hint::hint;
use crate::inputs::Input;

/// The form of the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// CommonMark with GitHub's tables, metadata in a YAML front matter
    Markdown,
    /// Plain text
    Text,
    /// Clean HTML
    Html,
    /// All that is known about the page; an array when there are several
    Json,
    /// The same, one line for each page, those that failed included
    Jsonl,
}

impl Format {
    /// Whether results are objects with all fields, errors included, rather than the content alone.
    pub(crate) fn holds_records(self) -> bool {
        matches!(self, Self::Json | Self::Jsonl)
    }

    /// The extension of a file in this format.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Text => "txt",
            Self::Html => "html",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
        }
    }
}

/// Why a page gave no document, as records show it.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    /// Stable identifier in kebab-case.
    pub(crate) code: &'static str,
    /// The step that failed.
    pub(crate) phase: Phase,
    /// For a person to read.
    pub(crate) message: String,
    /// Whether the same may work later.
    pub(crate) retryable: bool,
    /// Whether rules forbid it.
    #[serde(skip)]
    pub(crate) is_refusal: bool,
}

impl Problem {
    /// What a person is told who called `command`: the message, and the option that would help.
    pub(crate) fn told(&self, command: &str) -> String {
        match hint(command, self.code) {
            Some(option) => format!("{} (see {option})", self.message),
            None => self.message.clone(),
        }
    }

    /// What a failure tells about itself.
    pub(crate) fn of(failure: &impl Failure) -> Self {
        Self {
            code: failure.code(),
            phase: failure.phase(),
            message: failure.to_string(),
            retryable: failure.retryable(),
            is_refusal: failure.is_refusal(),
        }
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        let message = format!("the result cannot be written as JSON: {error}");
        Self { code: "not-serializable", phase: Phase::Write, message, retryable: false, is_refusal: false }
    }
}

#[derive(Serialize)]
struct Success<'a> {
    path: &'a str,
    #[serde(flatten)]
    document: &'a Document,
}

#[derive(Serialize)]
struct Refusal<'a> {
    path: &'a str,
    url: &'a str,
    error: &'a Problem,
}

/// How documents are to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rendering {
    /// The form.
    pub(crate) format: Format,
    /// Whether Markdown starts with the metadata.
    pub(crate) front_matter: bool,
    /// Whether readers' comments follow the content, where they have no field of their own.
    pub(crate) comments: bool,
}

impl Rendering {
    /// The result of one page, without a line break at the end; nothing when the format has no place for a failure.
    ///
    /// # Errors
    /// When JSON cannot be made.
    pub(crate) fn render(
        self,
        input: &Input,
        result: &Result<Document, Problem>,
    ) -> Result<Option<String>, Problem> {
        let path = input.name.as_str();
        let discussed = match result {
            Ok(document)
                if self.comments && !self.format.holds_records() && !document.comments.is_empty() =>
            {
                let mut document = document.clone();
                append_comments(&mut document);
                Some(Ok(document))
            }
            _ => None,
        };
        Ok(match (self.format, discussed.as_ref().unwrap_or(result)) {
            (Format::Markdown, Ok(document)) => Some(self.markdown(document)),
            (Format::Text, Ok(document)) => Some(document.text.trim_end().to_owned()),
            (Format::Html, Ok(document)) => Some(document.html.trim_end().to_owned()),
            (Format::Json, Ok(document)) => Some(serde_json::to_string_pretty(&Success { path, document })?),
            (Format::Jsonl, Ok(document)) => Some(serde_json::to_string(&Success { path, document })?),
            (Format::Json, Err(error)) => {
                Some(serde_json::to_string_pretty(&Refusal { path, url: &input.url, error })?)
            }
            (Format::Jsonl, Err(error)) => {
                Some(serde_json::to_string(&Refusal { path, url: &input.url, error })?)
            }
            (Format::Markdown | Format::Text | Format::Html, Err(_)) => None,
        })
    }

    fn markdown(self, document: &Document) -> String {
        let body = document.markdown.trim_end();
        if !self.front_matter {
            return body.to_owned();
        }
        let metadata = front_matter::render(document);
        if body.is_empty() { metadata } else { format!("{metadata}\n\n{body}") }
    }
}
