//! The learned part of the engine: what the program in `training/` made from annotated pages.

use crate::content;
use crate::forest::{self, Forest, Tables};
use crate::page_type;

/// See [`forest::MarkTable`].
pub(crate) type MarkTable = forest::MarkTable<'static>;

/// The model that the engine carries.
static BUILT_IN: &[u8] = include_bytes!("../model.bin");

/// The forests and the table that judge blocks and choices.
#[derive(Debug, Clone)]
pub struct Model {
    /// From a block's features to the log-odds that it is main content.
    pub(crate) blocks: Forest<'static>,
    /// From the words in and around a block to the same; see the module `content::marks`.
    pub(crate) marks: MarkTable,
    /// From what is known of a choice to its word F1.
    pub(crate) quality: Forest<'static>,
    /// From the mean of the features of a page's blocks to the log-odds of each kind of page, in the order of
    /// [`crate::page_type::KINDS`].
    pub(crate) kinds: Kinds<'static>,
}

/// A forest for each kind of page.
type Kinds<'b> = [Forest<'b>; page_type::KINDS.len()];

/// Why a file is no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The file is not in the format that the engine reads.
    #[error("the file is not a model: {0}")]
    Malformed(String),
    /// The file was made for other features than the engine has.
    #[error(
        "the model was made for {model} features of other names or order; this engine has {engine}: train it anew"
    )]
    OtherFeatures {
        /// Features that the model was made for.
        model: usize,
        /// Features that the engine has.
        engine: usize,
    },
}

impl Model {
    /// The model that the engine carries.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
    pub fn built_in() -> Self {
        let Parts { blocks, quality, kinds, marks, .. } =
            parts(BUILT_IN).expect("the built-in model is sound");
        Self { blocks, marks, quality, kinds }
    }

    /// Reads a model that the program in `training/` wrote.
    ///
    /// # Errors
    /// [`ModelError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let Parts { names_hash, blocks, quality, kinds, marks } = parts(bytes)?;
        for forest in [&blocks, &quality].into_iter().chain(&kinds) {
            forest.check().map_err(ModelError::Malformed)?;
        }
        let names = content::feature_names();
        if names_hash != hash_of(&names) {
            return Err(ModelError::OtherFeatures { model: blocks.features(), engine: names.len() });
        }
        Ok(Self {
            blocks: blocks.into_owned(),
            marks: marks.into_owned(),
            quality: quality.into_owned(),
            kinds: kinds.map(Forest::into_owned),
        })
    }
}

/// A file's tables, each told what it is for.
struct Parts<'b> {
    /// Of the names of the features that they were made for.
    names_hash: u32,
    blocks: Forest<'b>,
    quality: Forest<'b>,
    kinds: Kinds<'b>,
    marks: forest::MarkTable<'b>,
}

fn parts(bytes: &[u8]) -> Result<Parts<'_>, ModelError> {
    const FORESTS: usize = 2 + page_type::KINDS.len();
    let Tables { names: names_hash, forests, marks } = forest::read(bytes).map_err(ModelError::Malformed)?;
    let count = forests.len();
    let [blocks, quality, kinds @ ..] = <[Forest<'_>; FORESTS]>::try_from(forests)
        .map_err(|_| ModelError::Malformed(format!("it has {count} forests; {FORESTS} are needed")))?;
    Ok(Parts { names_hash, blocks, quality, kinds, marks })
}

/// FNV-1a over the names, each with a line end.
fn hash_of(names: &[String]) -> u32 {
    let bytes = names.iter().flat_map(|name| name.bytes().chain(std::iter::once(b'\n')));
    bytes.fold(content::SEED, content::hash_byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Vector {
        row: Vec<f32>,
        sum: f32,
        marks: Vec<u16>,
        log_odds: f32,
    }

    #[test]
    fn the_built_in_model_is_made_for_the_engines_features() {
        assert!(Model::from_bytes(BUILT_IN).is_ok());
        assert!(BUILT_IN.len() < 1 << 20, "{} bytes", BUILT_IN.len());
    }

    #[test]
    fn the_table_walk_gives_what_the_trainer_gives() {
        let vectors: Vec<Vector> = serde_json::from_str(include_str!("../tests/golden.json")).unwrap();
        assert!(!vectors.is_empty());
        let model = Model::built_in();
        for Vector { row, sum, marks, log_odds } in vectors {
            let walked = model.blocks.sums(&row);
            assert!((walked[0] - sum).abs() < 1e-4, "{} instead of {sum}", walked[0]);
            let added = model.marks.log_odds(&marks);
            assert!((added - log_odds).abs() < 1e-3, "{added} instead of {log_odds}");
        }
    }

    #[test]
    fn a_model_for_other_features_is_refused() {
        let mut other = BUILT_IN.to_vec();
        other[4] ^= 1;
        let error = Model::from_bytes(&other).unwrap_err();
        assert!(matches!(error, ModelError::OtherFeatures { .. }), "{error}");
        assert!(matches!(Model::from_bytes(b"<html>").unwrap_err(), ModelError::Malformed(_)));
    }
}
