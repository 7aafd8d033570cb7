//! The configuration file: what the options are when nobody gives them.
//!
//! An option on the command line comes before its environment variable, that before the file, and that before what the
//! program chooses itself.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, bail};
use clap::parser::ValueSource;
use clap::{ArgAction, Command, CommandFactory, FromArgMatches};
use toml::de::{DeTable, DeValue};

use crate::args::{Cli, ConfigShowArgs};
use crate::exit::Exit;

/// The tables of the file and their keys, which are options of the same name.
const TABLES: [(&str, &[&str]); 4] = [
    (
        "extract",
        &[
            "format",
            "mode",
            "focus",
            "no-front-matter",
            "comments",
            "jobs",
            "timeout",
            "memory",
            "max-input",
            "extractor",
        ],
    ),
    (
        "fetch",
        &[
            "allow",
            "ignore-robots",
            "contact",
            "user-agent",
            "user",
            "proxy",
            "fetch-timeout",
            "max-redirects",
            "retries",
            "delay",
            "per-host",
            "connections",
        ],
    ),
    ("cache", &["cache-dir", "max-age", "no-page-cache", "page-cache-size"]),
    (
        "browser",
        &[
            "render",
            "browser",
            "browsers",
            "render-timeout",
            "wait-for",
            "wait-limit",
            "block",
            "viewport",
            "mobile",
            "locale",
        ],
    ),
];

/// The table that is not of options: which extractors handle which pages.
const EXTRACTORS: &str = "extractors";

/// The command that has all of these options.
const MODEL: &str = "extract";

/// Reads the command line, with the defaults of the configuration file if there is one.
///
/// # Errors
/// When the file cannot be read or says what it cannot mean. A wrong command line ends the program.
pub(crate) fn parse() -> anyhow::Result<Cli> {
    let arguments: Vec<OsString> = env::args_os().collect();
    let file = path_in(&arguments).map(|path| ConfigFile::read(&path)).transpose()?;
    let command = file.iter().fold(Cli::command(), |command, file| file.apply_to(command));
    let matches = command.get_matches_from(arguments);
    Ok(Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()))
}

/// The file that the command line or the environment names.
fn path_in(arguments: &[OsString]) -> Option<PathBuf> {
    let mut rest = arguments.iter().skip(1).take_while(|argument| *argument != "--");
    while let Some(argument) = rest.next() {
        if argument == "--config" {
            return rest.next().map(PathBuf::from);
        }
        if let Some(path) = argument.to_str().and_then(|text| text.strip_prefix("--config=")) {
            return Some(PathBuf::from(path));
        }
    }
    env::var_os("RIPTIDE_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// What a configuration file says about options.
struct ConfigFile {
    path: PathBuf,
    settings: BTreeMap<&'static str, Setting>,
}

struct Setting {
    /// Counted from 1.
    line: usize,
    values: Vec<String>,
}

impl ConfigFile {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let line_at = |place: usize| text.bytes().take(place).filter(|byte| *byte == b'\n').count() + 1;
        let at = |place: usize| format!("{}:{}", path.display(), line_at(place));
        let file = DeTable::parse(&text).map_err(|error| {
            let place = error.span().map_or(0, |span| span.start);
            anyhow::anyhow!("{}: {}", at(place), error.message().trim_end())
        })?;
        let mut settings = BTreeMap::new();
        for (name, table) in file.get_ref() {
            let name_text = name.get_ref().as_ref();
            if name_text == EXTRACTORS {
                continue;
            }
            let tables = TABLES.iter().map(|(table, _)| *table).chain([EXTRACTORS]);
            let Some((_, keys)) = TABLES.iter().find(|(table, _)| *table == name_text) else {
                bail!("{}: `{name_text}` is unknown; {}", at(name.span().start), expected(name_text, tables));
            };
            let DeValue::Table(table) = table.get_ref() else {
                bail!(
                    "{}: `{name_text}` is a table; expected `[{name_text}]` above its keys",
                    at(name.span().start)
                );
            };
            for (key, value) in table {
                let (key_text, place) = (key.get_ref().as_ref(), at(key.span().start));
                let Some(option) = keys.iter().find(|known| **known == key_text) else {
                    bail!(
                        "{place}: `{key_text}` in [{name_text}] is unknown; {}",
                        expected(key_text, keys.iter().copied())
                    );
                };
                let values = texts(value.get_ref()).with_context(|| format!("{place}: `{key_text}`"))?;
                settings.insert(*option, Setting { line: line_at(key.span().start), values });
            }
        }
        let file = Self { path: path.to_owned(), settings };
        file.check()?;
        Ok(file)
    }

    /// Tries each value, so that the error names its place.
    fn check(&self) -> anyhow::Result<()> {
        for (option, setting) in &self.settings {
            let command = with_default(Cli::command(), option, &setting.values);
            if let Err(error) = command.try_get_matches_from(["riptide", MODEL, "-"]) {
                let text = error.render().to_string();
                let problem =
                    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
                bail!("{}:{}: {problem}", self.path.display(), setting.line);
            }
        }
        Ok(())
    }

    fn apply_to(&self, command: Command) -> Command {
        self.settings
            .iter()
            .fold(command, |command, (option, setting)| with_default(command, option, &setting.values))
    }
}

/// The command with another default for an option, in all subcommands that have it.
fn with_default(command: Command, option: &str, values: &[String]) -> Command {
    let names: Vec<String> = command
        .get_subcommands()
        .filter(|subcommand| subcommand.get_arguments().any(|argument| argument.get_long() == Some(option)))
        .map(|subcommand| subcommand.get_name().to_owned())
        .collect();
    let id = option.replace('-', "_");
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |subcommand| {
            subcommand.mut_arg(&id, |argument| argument.default_values(values.to_vec()))
        })
    })
}

/// A value as it would be typed.
fn texts(value: &DeValue<'_>) -> anyhow::Result<Vec<String>> {
    Ok(match value {
        DeValue::Array(members) => {
            let texts: Result<Vec<_>, _> = members.iter().map(|member| texts(member.get_ref())).collect();
            texts?.concat()
        }
        DeValue::String(text) => vec![text.to_string()],
        DeValue::Integer(number) => vec![number.to_string()],
        DeValue::Float(number) => vec![number.to_string()],
        DeValue::Boolean(truth) => vec![truth.to_string()],
        DeValue::Datetime(_) | DeValue::Table(_) => {
            bail!("expected a text, a number, a truth value, or a list of texts")
        }
    })
}

/// What would be right, the nearest alone if one is near.
fn expected<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let known: Vec<_> = known.collect();
    let nearest = known.iter().map(|known| (strsim::jaro_winkler(name, known), known));
    match nearest.max_by(|one, other| one.0.total_cmp(&other.0)) {
        Some((likeness, nearest)) if likeness > 0.8 => format!("did you mean `{nearest}`?"),
        _ => format!("expected one of {}", known.join(", ")),
    }
}

/// `riptide config show`: each option with its value, and where that comes from.
pub(crate) fn show(args: &ConfigShowArgs) -> anyhow::Result<Exit> {
    let path = args.config.clone().or_else(|| path_in(&[]));
    let file = path.map(|path| ConfigFile::read(&path)).transpose()?;
    let command = file.iter().fold(Cli::command(), |command, file| file.apply_to(command));
    let matches = command.clone().get_matches_from(["riptide", MODEL, "-"]);
    let (Some((_, matches)), Some(model)) = (matches.subcommand(), command.find_subcommand(MODEL)) else {
        bail!("the options of `{MODEL}` are not known");
    };
    let mut lines = Vec::new();
    for (table, keys) in TABLES {
        lines.push(format!("[{table}]"));
        for key in keys {
            let id = key.replace('-', "_");
            let Some(argument) = model.get_arguments().find(|argument| argument.get_long() == Some(key))
            else {
                continue;
            };
            let raw =
                matches.get_raw(&id).into_iter().flatten().map(|value| value.to_string_lossy().into_owned());
            let values: Vec<String> = raw.collect();
            let origin =
                match (matches.value_source(&id), file.as_ref().and_then(|file| file.settings.get(key))) {
                    (Some(ValueSource::EnvVariable), _) => {
                        format!("the variable {}", argument.get_env().unwrap_or_default().to_string_lossy())
                    }
                    (_, Some(setting)) => {
                        let path =
                            file.as_ref().map(|file| file.path.display().to_string()).unwrap_or_default();
                        format!("{path}:{}", setting.line)
                    }
                    _ => "default".to_owned(),
                };
            let shown = if argument.is_hide_env_values_set() && origin != "default" && *key != "cache-dir" {
                "\"…\"".to_owned()
            } else {
                as_toml(&values, argument.get_action())
            };
            lines.push(match shown.as_str() {
                "" => format!("# {key} is not set"),
                shown => format!("{key} = {shown}  # {origin}"),
            });
        }
        lines.push(String::new());
    }
    let text = lines.join("\n");
    crate::output::print(text.trim_end());
    Ok(Exit::Ok)
}

/// Values as the file would hold them.
fn as_toml(values: &[String], action: &ArgAction) -> String {
    // JSON's strings are strings of TOML, too.
    let quoted = |value: &String| serde_json::Value::from(value.as_str()).to_string();
    match (action, values) {
        (_, []) => String::new(),
        (ArgAction::SetTrue, [truth, ..]) => truth.clone(),
        (ArgAction::Append, values) => {
            format!("[{}]", values.iter().map(quoted).collect::<Vec<_>>().join(", "))
        }
        (_, [value, ..]) if value.parse::<u64>().is_ok() => value.clone(),
        (_, [value, ..]) => quoted(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem_of(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("riptide.toml");
        fs::write(&path, text).unwrap();
        let error = ConfigFile::read(&path).err().unwrap();
        format!("{error:#}").replace(&path.display().to_string(), "riptide.toml")
    }

    #[test]
    fn every_key_is_an_option() {
        let command = Cli::command();
        let model = command.find_subcommand(MODEL).unwrap();
        for key in TABLES.iter().flat_map(|(_, keys)| *keys) {
            let argument = model.get_arguments().find(|argument| argument.get_long() == Some(key));
            assert_eq!(argument.unwrap().get_id().as_str(), key.replace('-', "_"));
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_what_would_be_right() {
        for (text, expected) in [
            (
                "[fetch]\ncontakt = 'x'",
                "riptide.toml:2: `contakt` in [fetch] is unknown; did you mean `contact`?",
            ),
            ("\n[fech]", "riptide.toml:2: `fech` is unknown; did you mean `fetch`?"),
            ("fetch = 1", "riptide.toml:1: `fetch` is a table; expected `[fetch]` above its keys"),
            ("[fetch]\nretries = 'many'", "riptide.toml:2: invalid value 'many' for '--retries <N>'"),
            ("[fetch]\nretries = {}", "riptide.toml:2: `retries`: expected a text, a number"),
            ("[fetch\n", "riptide.toml:1: "),
        ] {
            let problem = problem_of(text);
            assert!(problem.starts_with(expected), "{problem}");
        }
    }
}
