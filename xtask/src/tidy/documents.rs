//! Rules for the documents.

use super::{File, Violation};

/// Where the options of the command line are declared, and where they are explained.
const OPTIONS: &str = "crates/riptide-cli/src/args.rs";
const GUIDE: &str = "docs/guide.md";

/// Links between the project's files lead to a file, and to a heading of it where they name one.
pub(super) fn links_lead_somewhere(files: &[File]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        for (number, target) in links(&file.text) {
            if !target.contains("://") && !target.starts_with("mailto:") && !exists(files, file, target) {
                violations.push(Violation::at(file, number, format!("`{target}` leads nowhere")));
            }
        }
    }
    violations
}

/// Every option of the command line is explained.
pub(super) fn guide_names_every_option(files: &[File]) -> Vec<Violation> {
    let find = |path: &str| files.iter().find(|file| file.path == path);
    let (Some(declared), Some(guide)) = (find(OPTIONS), find(GUIDE)) else { return Vec::new() };
    options(&declared.text)
        .filter(|option| !guide.text.contains(&format!("`{option}")))
        .map(|option| Violation::of(guide, format!("`{option}` is not explained")))
        .collect()
}

/// The long options that fields with `#[arg(… long …)]` declare.
fn options(source: &str) -> impl Iterator<Item = String> {
    source.split("#[arg(").skip(1).filter_map(|declaration| {
        let (attribute, rest) = declaration.split_once(")]\n")?;
        let is_long =
            attribute.split(|character: char| !character.is_alphanumeric()).any(|word| word == "long");
        let (field, _) = rest.split_once(':')?;
        let name = field.trim().rsplit(' ').next()?;
        is_long.then(|| format!("--{}", name.replace('_', "-")))
    })
}

/// The targets of inline links outside of code, with the numbers of their lines.
fn links(markdown: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    markdown
        .lines()
        .zip(1..)
        .filter(move |(line, _)| {
            let is_fence = line.trim_start().starts_with("```");
            in_code ^= is_fence;
            !in_code && !is_fence
        })
        .flat_map(|(line, number)| {
            line.split("](").skip(1).filter_map(move |rest| Some((number, rest.split_once(')')?.0)))
        })
}

fn exists(files: &[File], from: &File, target: &str) -> bool {
    let (path, heading) =
        target.split_once('#').map_or((target, None), |(path, heading)| (path, Some(heading)));
    let path = if path.is_empty() { from.path.clone() } else { resolve(&from.path, path) };
    let folder = format!("{path}/");
    match heading {
        None => files.iter().any(|file| file.path == path || file.path.starts_with(&folder)),
        Some(heading) => {
            files.iter().any(|file| file.path == path && headings(&file.text).any(|known| known == heading))
        }
    }
}

/// The path that a relative link means.
fn resolve(from: &str, link: &str) -> String {
    let mut parts: Vec<_> = from.split('/').collect();
    parts.pop();
    for part in link.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The anchors that headings get: lower case, punctuation left out, spaces made hyphens.
fn headings(markdown: &str) -> impl Iterator<Item = String> {
    markdown.lines().filter(|line| line.starts_with('#')).map(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        title
            .chars()
            .filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'))
            .map(|character| if character == ' ' { '-' } else { character })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::file;
    use super::*;

    #[test]
    fn links_that_lead_nowhere_are_refused() {
        let guide = || file("docs/guide.md", "# Guide\n## What it does, mostly\n");
        let broken = |text: &str| links_lead_somewhere(&[file("docs/a/b.md", text), guide()]).len();
        assert_eq!(broken("[x](../guide.md) [y](../guide.md#what-it-does-mostly) [z](../../docs/)"), 0);
        assert_eq!(broken("[x](https://example.org/) [y](#here)\n# Here\n"), 0);
        assert_eq!(broken("[x](guide.md)"), 1);
        assert_eq!(broken("[x](../guide.md#nothing) [y](#nothing)"), 2);
        assert_eq!(broken("```\n[x](nothing)\n```\n"), 0);
    }

    #[test]
    fn options_that_the_guide_leaves_out_are_refused() {
        let source = "struct A {\n    #[arg(short, long, value_name = \"N\")]\n    pub(crate) cache_dir: u8,\n    #[arg(value_name = \"X\")]\n    inputs: u8,\n}\n";
        let broken =
            |guide: &str| guide_names_every_option(&[file(OPTIONS, source), file(GUIDE, guide)]).len();
        assert_eq!(broken("`--cache-dir DIR` keeps"), 0);
        assert_eq!(broken("nothing"), 1);
    }
}
