//! Where the extractor runs.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};

use riptide_sandbox::{Extractor, Sandbox};

use crate::{Document, Error, ExtractionMode, Page};

/// Where the extractor runs.
pub(crate) enum Engine {
    /// In this process, without limits.
    Native,
    /// In a fresh instance for each document.
    Sandboxed { sandbox: Box<Sandbox>, extractor: Extractor },
}

impl Engine {
    /// Runs the extractor on one page.
    pub(crate) fn extract(&self, page: Page, mode: &ExtractionMode) -> Result<Document, Error> {
        match self {
            Self::Native => extract_natively(page, mode),
            Self::Sandboxed { sandbox, extractor } => {
                let url = page.url.clone();
                sandbox.extract(extractor, page, mode.clone()).map_err(|error| Error::Sandbox { url, error })
            }
        }
    }
}

fn extract_natively(page: Page, mode: &ExtractionMode) -> Result<Document, Error> {
    // The engine keeps no state between pages, so none can be left half-changed.
    match panic::catch_unwind(AssertUnwindSafe(|| riptide_extract::extract(&page, mode))) {
        Ok(Ok(document)) => Ok(document),
        Ok(Err(error)) => Err(Error::Extraction { url: page.url, error }),
        Err(payload) => Err(Error::Panicked { url: page.url, message: panic_message(&*payload) }),
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}
