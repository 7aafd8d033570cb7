use riptide_types::Page;

use crate::bindings::exports::riptide::extractor::extraction::{
    ComponentInfo, ExtractedContent, ExtractionError, ExtractionMode, Guest,
};
#[cfg(not(feature = "pdf"))]
use crate::health;
use crate::panic_record;

/// The component's exports.
pub(crate) struct Component;

impl Guest for Component {
    fn extract(html: String, url: String, mode: ExtractionMode) -> Result<ExtractedContent, ExtractionError> {
        panic_record::install();
        let page = Page { html, url };
        #[cfg(feature = "pdf")]
        let document = riptide_pdf::extract(&page, &mode.into())?;
        #[cfg(not(feature = "pdf"))]
        let document = riptide_extract::extract(&page, &mode.into())?;
        Ok(document.into())
    }

    fn describe() -> ComponentInfo {
        ComponentInfo {
            name: if cfg!(feature = "pdf") { "riptide-pdf" } else { "riptide" }.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            description: "RipTide's own extractor".to_owned(),
        }
    }

    fn check_health() -> Result<(), String> {
        panic_record::install();
        #[cfg(feature = "pdf")]
        return riptide_pdf::check_health();
        #[cfg(not(feature = "pdf"))]
        health::check()
    }
}
