//! `riptide explain`: how the main content of pages comes to be chosen.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, IsTerminal, Write as _};
use std::path::Path;

use anyhow::Context;
use riptide::{ExplainedBlock, Explanation, Limits, PageType, Reason, Riptide, feature_names};
use serde::Serialize;
use serde_json::json;

use crate::args::{ExplainArgs, ExplainFormat, usage};
use crate::exit::{Exit, Tally};
use crate::extract::read_model;
use crate::format::Problem;
use crate::inputs::{Input, Inputs, Origin};
use crate::progress::Console;
use crate::web::Web;

/// Characters of a block's text, or of the elements around it, that a line has room for.
const ROOM: usize = 72;

/// Runs the command.
pub(crate) fn run(args: &ExplainArgs) -> anyhow::Result<Exit> {
    let inputs = Inputs::new("explain", &args.pages, io::stdin().is_terminal())?;
    if args.html.is_some() && inputs.are_many() {
        return Err(usage("explain", "--html paints one page").into());
    }
    if args.features && args.format != ExplainFormat::Jsonl {
        return Err(usage("explain", "--features belongs to --format jsonl").into());
    }
    let mut builder = Riptide::builder().native(true);
    if inputs.may_be_from_the_web() {
        builder = builder.fetch(args.web.config(Limits::default().input, None)?);
    }
    if let Some(path) = &args.model {
        builder = builder.model(read_model(path)?);
    }
    let riptide = builder.build()?;
    let web = Web::new(&riptide, &args.web)?;
    let console = Console::new(inputs.are_many() && !io::stdout().is_terminal());
    console.count(inputs.clone());
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut tally = Tally::default();
    for input in inputs.stream(None) {
        match explain(&riptide, &web, &input, args) {
            Ok(explanation) => {
                tally.ok += 1;
                write_explanation(&mut out, args, &input.name, &explanation)?;
            }
            Err(problem) => {
                tally.count_failure(&problem);
                console.message(&format!("{input}: {}", problem.told("explain")));
                if args.format == ExplainFormat::Jsonl {
                    writeln!(out, "{}", json!({ "path": input.name, "error": problem }))?;
                }
            }
        }
        console.advance();
    }
    out.flush()?;
    console.finish();
    Ok(tally.exit())
}

fn explain(
    riptide: &Riptide,
    web: &Web<'_>,
    input: &Input,
    args: &ExplainArgs,
) -> Result<Explanation, Problem> {
    let source = match input.origin.as_ref().map_err(Problem::of)? {
        Origin::Web(url) => web.fetch(url).map_err(|error| Problem::of(&error))?.into(),
        Origin::Local(local) => {
            input.source(local, Limits::default().input).map_err(|error| Problem::of(&error))?
        }
    };
    riptide.explain(source, args.focus.into(), args.reasons).map_err(|error| Problem::of(&error))
}

fn write_explanation(
    out: &mut impl io::Write,
    args: &ExplainArgs,
    name: &str,
    explanation: &Explanation,
) -> anyhow::Result<()> {
    if let Some(path) = &args.html {
        return paint(path, name, explanation);
    }
    match args.format {
        ExplainFormat::Text => out.write_all(table(name, explanation).as_bytes())?,
        ExplainFormat::Jsonl => {
            serde_json::to_writer(&mut *out, &Record::of(name, explanation, args.features))?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// A page as a line of JSON.
#[derive(Serialize)]
struct Record<'a> {
    path: &'a str,
    threshold: f32,
    quality_score: u8,
    quality_features: &'a [(String, f32)],
    page_type: PageType,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_features: Option<&'a [f32]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<Vec<String>>,
    blocks: Vec<BlockRecord<'a>>,
}

#[derive(Serialize)]
struct BlockRecord<'a> {
    text: &'a str,
    path: &'a str,
    words: u32,
    probability: f32,
    kept: bool,
    reasons: &'a [Reason],
    #[serde(skip_serializing_if = "Option::is_none")]
    features: Option<&'a [f32]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    marks: Option<&'a [u16]>,
}

impl<'a> Record<'a> {
    fn of(path: &'a str, explanation: &'a Explanation, with_features: bool) -> Self {
        let block = |block: &'a ExplainedBlock| BlockRecord {
            text: &block.text,
            path: &block.path,
            words: block.words,
            probability: block.probability,
            kept: block.kept,
            reasons: &block.reasons,
            features: with_features.then_some(&block.features),
            marks: with_features.then_some(&block.marks),
        };
        Self {
            path,
            threshold: explanation.threshold,
            quality_score: explanation.quality_score,
            quality_features: &explanation.quality_features,
            page_type: explanation.page_type,
            page_features: with_features.then_some(&explanation.page_features),
            features: with_features.then(feature_names),
            blocks: explanation.blocks.iter().map(block).collect(),
        }
    }
}

fn table(name: &str, explanation: &Explanation) -> String {
    let mut table = format!(
        "{name}: {}, kept from probability {:.2} on; quality score {}\n",
        explanation.page_type.name(),
        explanation.threshold,
        explanation.quality_score
    );
    for block in &explanation.blocks {
        let mark = if block.kept { "keep" } else { "drop" };
        let _ = writeln!(
            table,
            "{mark} {:.2} {:>4} words  {}",
            block.probability,
            block.words,
            start(&block.text)
        );
        let _ = writeln!(table, "                      {}", end(&block.path));
        if !block.reasons.is_empty() {
            let _ = writeln!(table, "                      {}", reasons(block));
        }
    }
    table
}

fn reasons(block: &ExplainedBlock) -> String {
    let told = block.reasons.iter().map(|reason| {
        let Reason { feature, value, weight } = reason;
        format!("{weight:+.2} {feature} = {value:.2}")
    });
    told.collect::<Vec<_>>().join("; ")
}

fn start(text: &str) -> String {
    let mut start: String = text.chars().take(ROOM).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    start
}

fn end(text: &str) -> String {
    let excess = text.chars().count().saturating_sub(ROOM);
    let end: String = text.chars().skip(excess).collect();
    if excess > 0 { format!("…{end}") } else { end }
}

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.2rem}p.block{margin:.2rem 0;padding:.3rem .6rem;border-left:.4rem solid #bbb}\
p.kept{border-left-color:#177a2f}small{display:block;color:#444;font-size:.75rem}";

/// Writes a page of its own with the blocks in colour: the greener, the more probably main content; what is kept has a green
/// bar. It holds no script and nothing of the page but its text.
fn paint(path: &Path, name: &str, explanation: &Explanation) -> anyhow::Result<()> {
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{name}</title>\n<style>{STYLE}</style>\n\
         <h1>{name}</h1>\n<p>Kind of page: {}. A green bar: kept, from probability {:.2} on. Quality score {}.</p>\n",
        explanation.page_type.name(),
        explanation.threshold,
        explanation.quality_score,
        name = escaped(name),
    );
    for block in &explanation.blocks {
        let class = if block.kept { "block kept" } else { "block" };
        let hue = 120.0 * block.probability;
        let _ = writeln!(
            page,
            "<p class=\"{class}\" style=\"background:hsl({hue:.0} 70% 90%)\">{}<small>{:.2} · {} · {}</small>",
            escaped(&block.text),
            block.probability,
            escaped(&block.path),
            escaped(&reasons(block)),
        );
    }
    fs::write(path, page).with_context(|| format!("{} cannot be written", path.display()))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_where_they_matter_least() {
        assert_eq!(start(&"a".repeat(ROOM)), "a".repeat(ROOM));
        assert_eq!(start(&"é".repeat(ROOM + 1)), "é".repeat(ROOM) + "…");
        assert_eq!(end(&format!("body > {}", "p".repeat(ROOM))), format!("…{}", "p".repeat(ROOM)));
    }

    #[test]
    fn text_of_the_page_is_no_markup_of_the_painting() {
        assert_eq!(escaped("<b title=\"x\">&"), "&lt;b title=&quot;x&quot;&gt;&amp;");
    }
}
