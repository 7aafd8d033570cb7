use riptide_types::Page;

use crate::bindings::exports::riptide::extractor::extraction::{
    ComponentInfo, ExtractedContent, ExtractionError, ExtractionMode, Guest,
};
use crate::{health, panic_record};

/// The component's exports.
pub(crate) struct Component;

impl Guest for Component {
    fn extract(html: String, url: String, mode: ExtractionMode) -> Result<ExtractedContent, ExtractionError> {
        panic_record::install();
        let document = riptide_extract::extract(&Page { html, url }, &mode.into())?;
        Ok(document.into())
    }

    fn describe() -> ComponentInfo {
        ComponentInfo {
            name: "riptide".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            description: "RipTide's own extractor".to_owned(),
        }
    }

    fn check_health() -> Result<(), String> {
        panic_record::install();
        health::check()
    }
}
