//! A corpus on disk: `truth.jsonl` with a line for each page, and the pages as `pages/ID.html.gz`.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;

/// What is known of a page.
#[derive(Deserialize)]
pub(crate) struct CorpusPage {
    /// Names the page's file.
    pub(crate) id: String,
    /// Where it was loaded from.
    pub(crate) url: Option<String>,
    /// What kind of page it is.
    #[serde(default)]
    pub(crate) page_type: String,
    /// Its main content as text, if somebody annotated it.
    pub(crate) main_content: Option<String>,
}

/// The pages that the corpus' `truth.jsonl` lists.
pub(crate) fn pages(corpus: &Path) -> Result<Vec<CorpusPage>> {
    let path = corpus.join("truth.jsonl");
    let file = File::open(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut pages = Vec::new();
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let line = line?;
        if !line.trim().is_empty() {
            let page =
                serde_json::from_str(&line).with_context(|| format!("{}:{}", path.display(), number + 1))?;
            pages.push(page);
        }
    }
    ensure!(!pages.is_empty(), "{} lists no page", path.display());
    Ok(pages)
}

/// The file of a page.
pub(crate) fn page_path(corpus: &Path, id: &str) -> PathBuf {
    let plain = corpus.join("pages").join(format!("{id}.html"));
    if plain.exists() { plain } else { plain.with_extension("html.gz") }
}

/// The bytes of a compressed page.
pub(crate) fn read_page(path: &Path) -> Result<Vec<u8>> {
    let compressed = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut bytes = Vec::new();
    MultiGzDecoder::new(&*compressed)
        .read_to_end(&mut bytes)
        .with_context(|| format!("{} is not whole gzip data", path.display()))?;
    Ok(bytes)
}
