//! Where the extractor runs.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};

use futures::executor::block_on;
use riptide_sandbox::{Extractor, Request, Sandbox};

use crate::{Document, Error, ExtractionError, ExtractionMode, Page, Tenant, redacted};

/// Where the extractor runs.
pub(crate) enum Engine {
    /// In this process, without limits.
    Native,
    /// In a fresh instance for each document.
    Sandboxed { sandbox: Sandbox, extractor: Extractor },
}

impl Engine {
    /// Runs the extractor on one page.
    pub(crate) fn extract(
        &self,
        tenant: Tenant,
        page: Page,
        mode: &ExtractionMode,
    ) -> Result<Document, Error> {
        match self {
            Self::Native => extract_natively(page, mode),
            Self::Sandboxed { sandbox, extractor } => {
                let url = redacted(&page.url);
                let request = Request { tenant, page, mode: mode.clone() };
                block_on(sandbox.extract(extractor, request)).map_err(|error| Error::Sandbox { url, error })
            }
        }
    }
}

fn extract_natively(page: Page, mode: &ExtractionMode) -> Result<Document, Error> {
    // The engine keeps no state between pages, so none can be left half-changed.
    match panic::catch_unwind(AssertUnwindSafe(|| riptide_extract::extract(&page, mode))) {
        Ok(Ok(document)) => Ok(document),
        Ok(Err(ExtractionError::InvalidUrl(url))) => {
            let url = redacted(&url);
            Err(Error::Extraction { url: url.clone(), error: ExtractionError::InvalidUrl(url) })
        }
        Ok(Err(error)) => Err(Error::Extraction { url: redacted(&page.url), error }),
        Err(payload) => Err(Error::Panicked { url: redacted(&page.url), message: panic_message(&*payload) }),
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}
