//! `cargo xtask conformance`: RipTide's tree against html5ever's own reference tree, page by page.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context as _, Result, bail};
use riptide_html::{Capped, encoding};

use crate::corpus;

#[path = "../../crates/riptide-html/tests/tree_format/mod.rs"]
mod tree_format;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder with truth.jsonl and pages/ID.html.gz
    #[arg(long, value_name = "DIR")]
    corpus: PathBuf,
}

/// How a page's tree relates to the reference.
enum Verdict {
    Same,
    /// Limits of the parser took effect, or it followed browsers, so that the trees cannot be the same.
    Capped(Capped),
    /// The first line that is not the same, ours and the reference's.
    Different {
        line: usize,
        ours: String,
        reference: String,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let pages = corpus::pages(&arguments.corpus)?;
    let (mut same, mut capped, mut different) = (0_usize, 0_usize, 0_usize);
    let next = AtomicUsize::new(0);
    let (sender, verdicts) = mpsc::sync_channel(64);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            let (sender, pages, next) = (sender.clone(), &pages, &next);
            scope.spawn(move || {
                while let Some(page) = pages.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = compare(&corpus::page_path(&arguments.corpus, &page.id));
                    if sender.send((page.id.as_str(), verdict)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for (id, verdict) in &verdicts {
            match verdict.with_context(|| format!("page {id}"))? {
                Verdict::Same => same += 1,
                Verdict::Capped(capped_by) => {
                    capped += 1;
                    println!("{id}: not compared, the parser went its own way: {}", limits(capped_by));
                }
                Verdict::Different { line, ours, reference } => {
                    different += 1;
                    println!("{id}: line {line} differs\n  ours:      {ours}\n  reference: {reference}");
                }
            }
        }
        drop(verdicts);
        anyhow::Ok(())
    })?;
    println!(
        "{same} of {} pages give the reference tree, {capped} not compared, {different} differ",
        pages.len()
    );
    if different > 0 {
        bail!("{different} pages do not give the reference tree");
    }
    Ok(())
}

fn compare(path: &Path) -> Result<Verdict> {
    let decoded = encoding::decode(&corpus::read_page(path)?, None)?;
    let dom = riptide_html::parse(&decoded.text);
    if dom.capped() != Capped::default() {
        return Ok(Verdict::Capped(dom.capped()));
    }
    let (ours, reference) = (tree_format::of_dom(&dom), tree_format::of_reference_parse(&decoded.text));
    Ok(first_difference(&ours, &reference))
}

fn first_difference(ours: &str, reference: &str) -> Verdict {
    if ours == reference {
        return Verdict::Same;
    }
    let same_lines = ours.lines().zip(reference.lines()).take_while(|(one, other)| one == other).count();
    let line_of =
        |tree: &str| tree.lines().nth(same_lines).unwrap_or("(the end)").chars().take(200).collect();
    Verdict::Different { line: same_lines + 1, ours: line_of(ours), reference: line_of(reference) }
}

fn limits(capped: Capped) -> String {
    let names = [
        (capped.depth, "depth"),
        (capped.attributes, "attributes"),
        (capped.nodes, "nodes"),
        (capped.raw_text, "raw text in noscript"),
    ];
    names.iter().filter(|(reached, _)| *reached).map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_told() {
        assert!(matches!(first_difference("a\nb\n", "a\nb\n"), Verdict::Same));
        let Verdict::Different { line, ours, reference } = first_difference("a\nb\n", "a\nc\n") else {
            panic!("the trees differ");
        };
        assert_eq!((line, ours.as_str(), reference.as_str()), (2, "b", "c"));
        assert!(matches!(first_difference("a\n", "a\nb\n"), Verdict::Different { line: 2, .. }));
    }
}
