//! A list of pages with their URLs.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Lines};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use url::Url;

use crate::inputs::{Input, InputError, Local, Origin, is_stdin};

/// A line of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    path: Option<PathBuf>,
    #[serde(default)]
    url: String,
    charset: Option<String>,
}

/// A list of pages, read line by line. A line that is wrong makes one input that fails.
pub(crate) struct Manifest {
    name: String,
    folder: PathBuf,
    state: State,
    line: usize,
    is_empty: bool,
}

enum State {
    Reading(Lines<Box<dyn BufRead + Send>>),
    Failed(InputError),
    Ended,
}

impl Manifest {
    /// Opens a list; `-` is the standard input, whose paths are relative to the working folder.
    pub(crate) fn open(path: &Path) -> Self {
        let reader: io::Result<Box<dyn BufRead + Send>> = if is_stdin(path) {
            Ok(Box::new(BufReader::new(io::stdin())))
        } else {
            File::open(path).map(|file| Box::new(BufReader::new(file)) as Box<dyn BufRead + Send>)
        };
        Self {
            name: path.display().to_string(),
            folder: path.parent().map(Path::to_owned).unwrap_or_default(),
            state: match reader {
                Ok(reader) => State::Reading(reader.lines()),
                Err(error) => State::Failed(error.into()),
            },
            line: 0,
            is_empty: true,
        }
    }

    /// The next line that is not blank.
    fn next_line(&mut self) -> Option<Result<String, InputError>> {
        let State::Reading(lines) = &mut self.state else { return None };
        loop {
            self.line += 1;
            let line = lines.next()?;
            // Programs of Windows begin text with a byte order mark.
            let line = if self.line == 1 { line.map(without_mark) } else { line };
            return match line {
                Ok(text) if text.trim().is_empty() => continue,
                Ok(text) => Some(Ok(text)),
                Err(error) if error.kind() == ErrorKind::InvalidData => {
                    Some(Err(InputError::ManifestLine("the line is not UTF-8".to_owned())))
                }
                Err(error) => {
                    self.state = State::Failed(error.into());
                    None
                }
            };
        }
    }

    fn input(&self, line: &str) -> Result<Input, InputError> {
        // An array would do for the fields in their order.
        if !line.trim_start().starts_with('{') {
            return Err(InputError::ManifestLine("the line is no JSON object".to_owned()));
        }
        let entry: Entry = serde_json::from_str(line).map_err(|error| {
            let text = error.to_string();
            // The position within the line only; the number of the line is the list's.
            let message = text.split(" at line ").next().unwrap_or(&text);
            InputError::ManifestLine(format!("{message} at column {}", error.column()))
        })?;
        let Some(path) = entry.path else {
            if entry.url.is_empty() {
                return Err(InputError::ManifestLine("it has neither `path` nor `url`".to_owned()));
            }
            let url = Url::parse(&entry.url).map_err(InputError::Url)?;
            return Ok(Input { listed_at: Some(self.place()), ..Input::web(entry.url, url) });
        };
        Ok(Input {
            name: path.display().to_string(),
            listed_at: Some(self.place()),
            origin: Ok(Origin::Local(Local::File(self.folder.join(&path)))),
            relative: path,
            url: entry.url,
            charset: entry.charset,
        })
    }

    fn place(&self) -> String {
        format!("{}:{}", self.name, self.line)
    }
}

fn without_mark(text: String) -> String {
    text.strip_prefix('\u{feff}').map(ToOwned::to_owned).unwrap_or(text)
}

impl Iterator for Manifest {
    type Item = Input;

    fn next(&mut self) -> Option<Input> {
        if let Some(line) = self.next_line() {
            self.is_empty = false;
            let input = line.and_then(|line| self.input(&line));
            return Some(input.unwrap_or_else(|error| Input::refused(self.place(), error)));
        }
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Failed(error) => Some(Input::refused(self.name.clone(), error)),
            State::Reading(_) if self.is_empty => {
                Some(Input::refused(self.name.clone(), InputError::EmptyManifest))
            }
            State::Reading(_) | State::Ended => None,
        }
    }
}
