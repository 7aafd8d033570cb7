use riptide_types::Page;

use crate::bindings::exports::riptide::extractor::extraction::{
    ComponentInfo, ExtractedContent, ExtractionError, ExtractionMode, Guest,
};
use crate::rules;

/// The component's exports.
pub(crate) struct Component;

impl Guest for Component {
    fn extract(html: String, url: String, mode: ExtractionMode) -> Result<ExtractedContent, ExtractionError> {
        let document = rules::extract(&Page { html, url }, &mode.into())?;
        Ok(document.into())
    }

    fn describe() -> ComponentInfo {
        ComponentInfo {
            name: "site-rules".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            description: "Rules for single sites, the built-in extraction for all others".to_owned(),
        }
    }

    fn check_health() -> Result<(), String> {
        rules::check()
    }
}
