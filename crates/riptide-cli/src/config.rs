//! The settings: what the options are when nobody gives them on the command line.
//!
//! An option on the command line comes before its environment variable, that before the file, and that before what the
//! program chooses itself. What comes later gives way where it contradicts what comes before it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fmt, fs};

use anyhow::{Context, bail};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches};
use riptide::Registry;
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

/// Options whose values are not shown.
const SECRETS: [&str; 2] = ["user", "proxy"];

/// Reads the command line, with the settings for what it leaves out.
///
/// # Errors
/// When the file cannot be read, or it or a variable says what it cannot mean. A wrong command line ends the program.
pub(crate) fn parse() -> anyhow::Result<Cli> {
    let arguments: Vec<OsString> = env::args_os().collect();
    let command = Cli::command();
    let matches = command.clone().get_matches_from(&arguments);
    let (names, given) = chosen(&matches);
    let mut subject = &command;
    for name in &names {
        subject = subject.find_subcommand(name).with_context(|| format!("`{name}` is no command"))?;
    }
    let model = command.find_subcommand(MODEL).context("there is no model of the options")?;
    let settings = if keys().any(|key| setting_of(model, subject, key).is_some()) {
        let file = given.try_get_one::<PathBuf>("config").ok().flatten().cloned();
        let typed = typed(subject, given);
        settings(file.or_else(path).as_deref(), &typed)?
    } else {
        Settings::new()
    };
    let matches = with_defaults(command, &names, &settings).get_matches_from(arguments);
    Ok(Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()))
}

/// The configuration file that the environment names.
pub(crate) fn path() -> Option<PathBuf> {
    variable("config").map(PathBuf::from)
}

/// The variable of an option: `RIPTIDE_PER_HOST` for `per-host`.
fn variable_name(option: &str) -> String {
    format!("RIPTIDE_{}", option.replace('-', "_").to_ascii_uppercase())
}

/// The value of an option's variable; an empty one counts as none.
fn variable(option: &str) -> Option<OsString> {
    env::var_os(variable_name(option)).filter(|value| !value.is_empty())
}

fn keys() -> impl Iterator<Item = &'static str> {
    TABLES.iter().flat_map(|(_, keys)| keys.iter().copied())
}

/// The command that was chosen, as the names that lead to it, and its arguments.
fn chosen(matches: &ArgMatches) -> (Vec<String>, &ArgMatches) {
    let (mut names, mut chosen) = (Vec::new(), matches);
    while let Some((name, inner)) = chosen.subcommand() {
        names.push(name.to_owned());
        chosen = inner;
    }
    (names, chosen)
}

/// What is known of options, by name.
type Values = BTreeMap<String, Vec<OsString>>;

/// What stands on the command line.
fn typed(command: &Command, matches: &ArgMatches) -> Values {
    let is_typed = |id| matches.value_source(id) == Some(ValueSource::CommandLine);
    let typed = command.get_arguments().filter(|argument| is_typed(argument.get_id().as_str()));
    typed
        .filter_map(|argument| {
            let values = matches.get_raw(argument.get_id().as_str())?.map(ToOwned::to_owned).collect();
            Some((argument.get_long()?.to_owned(), values))
        })
        .collect()
}

/// What options are when they are not on the command line, by name.
type Settings = BTreeMap<&'static str, Setting>;

#[derive(Debug, Clone)]
struct Setting {
    origin: Origin,
    values: Vec<OsString>,
}

/// Where a setting comes from.
#[derive(Debug, Clone)]
enum Origin {
    Variable(String),
    /// The line is counted from 1.
    File(PathBuf, usize),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(formatter, "the variable {name}"),
            Self::File(path, line) => write!(formatter, "{}:{line}", path.display()),
        }
    }
}

/// The settings of the variables and of a file, without those that give way to what was `typed`, or to each other.
///
/// # Errors
/// When the file cannot be read, or a value is none of its option's.
fn settings(file: Option<&Path>, typed: &Values) -> anyhow::Result<Settings> {
    let variables = of_variables(variable);
    let of_file = file.map(read).transpose()?.unwrap_or_default();
    let mut known = typed.clone();
    let mut settings = Settings::new();
    for level in [variables, of_file] {
        check(&level)?;
        let nearer = known.clone();
        for (option, setting) in level {
            if !(nearer.contains_key(option) || gives_way(option, &setting.values, &nearer)) {
                known.insert(option.to_owned(), setting.values.clone());
                settings.insert(option, setting);
            }
        }
    }
    Ok(settings)
}

/// Whether a setting contradicts what comes before it: whoever types `--native` means that, whatever extractor the file names.
fn gives_way(option: &str, values: &[OsString], nearer: &Values) -> bool {
    let given = |options: &[&str]| options.iter().any(|option| nearer.contains_key(*option));
    let first_is = |values: &[OsString], expected: &[&str]| {
        values.first().is_some_and(|value| expected.iter().any(|expected| value == expected))
    };
    let nearer_is = |option, expected: &[&str]| {
        nearer.get(option).is_some_and(|values: &Vec<OsString>| first_is(values, expected))
    };
    let hides_metadata = ["text", "html"];
    match option {
        // Selectors are a mode of their own, and a focus is one of the main content.
        "mode" if given(&["select", "exclude", "focus"]) => true,
        "mode" => {
            first_is(values, &["metadata"])
                && (given(&["no-front-matter"]) || nearer_is("format", &hides_metadata))
        }
        "focus" => given(&["select", "exclude"]) || nearer_is("mode", &["full", "metadata", "custom"]),
        "format" => first_is(values, &hides_metadata) && nearer_is("mode", &["metadata"]),
        "no-front-matter" => nearer_is("mode", &["metadata"]),
        "extractor" => given(&["native"]),
        "contact" => given(&["user-agent"]),
        "user-agent" => given(&["contact"]),
        "no-page-cache" => given(&["max-age"]),
        "mobile" => given(&["viewport"]),
        _ => false,
    }
}

/// Tries each value, so that the error names its place.
fn check(settings: &Settings) -> anyhow::Result<()> {
    let command = Cli::command();
    for (option, setting) in settings {
        let Some(argument) = command.find_subcommand(MODEL).and_then(|model| option_of(model, option)) else {
            continue;
        };
        let origin = &setting.origin;
        if setting.values.len() != 1 && !matches!(argument.get_action(), ArgAction::Append) {
            bail!("{origin}: `{option}` has {} values; expected one", setting.values.len());
        }
        let alone = Settings::from([(*option, setting.clone())]);
        let command = with_defaults(command.clone(), &[MODEL.to_owned()], &alone);
        if let Err(error) = command.try_get_matches_from(["riptide", MODEL, "-"]) {
            let text = error.render().to_string();
            let problem = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            bail!("{origin}: {problem}");
        }
    }
    Ok(())
}

/// The settings of the environment.
fn of_variables(variable: impl Fn(&str) -> Option<OsString>) -> Settings {
    let read = |option| {
        let origin = Origin::Variable(variable_name(option));
        Some((option, Setting { origin, values: vec![variable(option)?] }))
    };
    keys().filter_map(read).collect()
}

/// The settings of a file.
fn read(path: &Path) -> anyhow::Result<Settings> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let line_at = |place: usize| text.bytes().take(place).filter(|byte| *byte == b'\n').count() + 1;
    let at = |place: usize| format!("{}:{}", path.display(), line_at(place));
    let file = DeTable::parse(&text).map_err(|error| {
        let place = error.span().map_or(0, |span| span.start);
        anyhow::anyhow!("{}: {}", at(place), error.message().trim_end())
    })?;
    let mut settings = Settings::new();
    for (name, table) in file.get_ref() {
        let (name_text, place) = (name.get_ref().as_ref(), at(name.span().start));
        if name_text == EXTRACTORS {
            continue;
        }
        let tables = TABLES.iter().map(|(table, _)| *table).chain([EXTRACTORS]);
        let Some((_, keys)) = TABLES.iter().find(|(table, _)| *table == name_text) else {
            bail!("{place}: `{name_text}` is unknown; {}", expected(name_text, tables));
        };
        let DeValue::Table(table) = table.get_ref() else {
            bail!("{place}: `{name_text}` is a table; expected `[{name_text}]` above its keys");
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
            let origin = Origin::File(path.to_owned(), line_at(key.span().start));
            settings.insert(option, Setting { origin, values });
        }
    }
    Ok(settings)
}

/// The argument of a command that a setting is for: one that means the same as that of the model, such as a `--format`
/// of the same forms.
fn setting_of<'c>(model: &Command, command: &'c Command, option: &str) -> Option<&'c Arg> {
    let (meant, argument) = (option_of(model, option)?, option_of(command, option)?);
    (argument.get_value_parser().type_id() == meant.get_value_parser().type_id()).then_some(argument)
}

fn option_of<'c>(command: &'c Command, option: &str) -> Option<&'c Arg> {
    command.get_arguments().find(|argument| argument.get_long() == Some(option))
}

/// The program's command line with settings as the defaults of the command that these names lead to.
fn with_defaults(program: Command, names: &[String], settings: &Settings) -> Command {
    let Some(model) = program.find_subcommand(MODEL).cloned() else { return program };
    changed(program, names, &|command| {
        settings.iter().fold(command, |command, (option, setting)| {
            let Some(argument) = setting_of(&model, &command, option) else { return command };
            let id = argument.get_id().clone();
            command.mut_arg(id, |argument| argument.default_values(setting.values.clone()))
        })
    })
}

/// A command with a change of the one below it that these names lead to.
fn changed(command: Command, names: &[String], change: &dyn Fn(Command) -> Command) -> Command {
    match names {
        [] => change(command),
        [name, rest @ ..] => command.mut_subcommand(name, |inner| changed(inner, rest, change)),
    }
}

/// A value as it would be typed.
fn texts(value: &DeValue<'_>) -> anyhow::Result<Vec<OsString>> {
    Ok(match value {
        DeValue::Array(members) => {
            let texts: Result<Vec<_>, _> = members.iter().map(|member| texts(member.get_ref())).collect();
            texts?.concat()
        }
        DeValue::String(text) => vec![text.to_string().into()],
        DeValue::Integer(number) => vec![number.to_string().into()],
        DeValue::Float(number) => vec![number.to_string().into()],
        DeValue::Boolean(truth) => vec![truth.to_string().into()],
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
    let file = args.config.config.clone().or_else(path);
    let settings = settings(file.as_deref(), &Values::new())?;
    if let Some(file) = file {
        Registry::read(file)?;
    }
    let names = [MODEL.to_owned()];
    let command = with_defaults(Cli::command(), &names, &settings);
    let matches = command.clone().get_matches_from(["riptide", MODEL, "-"]);
    let (Some((_, matches)), Some(model)) = (matches.subcommand(), command.find_subcommand(MODEL)) else {
        bail!("the options of `{MODEL}` are not known");
    };
    let mut lines = Vec::new();
    for (table, keys) in TABLES {
        lines.push(format!("[{table}]"));
        for key in keys {
            let Some(argument) = option_of(model, key) else { continue };
            let raw = matches.get_raw(argument.get_id().as_str()).into_iter().flatten();
            let values: Vec<String> = raw.map(|value| value.to_string_lossy().into_owned()).collect();
            let origin = settings.get(key).map(|setting| setting.origin.to_string());
            let shown = if origin.is_some() && SECRETS.contains(key) {
                "\"…\"".to_owned()
            } else {
                as_toml(&values, argument.get_action())
            };
            lines.push(match shown.as_str() {
                "" => format!("# {key} is not set"),
                shown => format!("{key} = {shown}  # {}", origin.as_deref().unwrap_or("default")),
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
        let error = read(&path).and_then(|settings| check(&settings)).unwrap_err();
        format!("{error:#}").replace(&path.display().to_string(), "riptide.toml")
    }

    #[test]
    fn every_key_is_an_option_with_a_variable() {
        let command = Cli::command();
        let model = command.find_subcommand(MODEL).unwrap();
        for key in keys() {
            let argument = option_of(model, key);
            assert_eq!(argument.unwrap().get_id().as_str(), key.replace('-', "_"));
            let name = format!("RIPTIDE_{}", key.to_uppercase().replace('-', "_"));
            let of_variable = of_variables(|option| (variable_name(option) == name).then(|| "x".into()));
            assert_eq!(of_variable.keys().collect::<Vec<_>>(), [&key]);
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
            ("[fetch]\nretries = []", "riptide.toml:2: `retries` has 0 values; expected one"),
            ("[fetch]\nretries = [1, 2]", "riptide.toml:2: `retries` has 2 values; expected one"),
            ("[fetch\n", "riptide.toml:1: "),
        ] {
            let problem = problem_of(text);
            assert!(problem.starts_with(expected), "{problem}");
        }
    }

    /// The options that remain of a setting beside what was typed.
    fn remaining(option: &'static str, value: &str, typed: &[(&str, &str)]) -> bool {
        let typed = typed.iter().map(|(name, value)| ((*name).to_owned(), vec![OsString::from(value)]));
        !gives_way(option, &[value.into()], &typed.collect())
    }

    #[test]
    fn what_contradicts_the_command_line_gives_way_and_nothing_else() {
        assert!(remaining("focus", "recall", &[("mode", "article")]));
        assert!(!remaining("focus", "recall", &[("mode", "full")]));
        assert!(!remaining("mode", "full", &[("focus", "recall")]));
        assert!(!remaining("mode", "full", &[("select", "h1")]));
        assert!(remaining("mode", "metadata", &[("format", "json")]));
        assert!(!remaining("mode", "metadata", &[("format", "text")]));
        assert!(remaining("format", "jsonl", &[("mode", "metadata")]));
        assert!(!remaining("format", "text", &[("mode", "metadata")]));
        assert!(!remaining("user-agent", "x", &[("contact", "y")]));
        assert!(!remaining("no-page-cache", "true", &[("max-age", "1h")]));
        assert!(!remaining("mobile", "true", &[("viewport", "800x600")]));
    }
}
