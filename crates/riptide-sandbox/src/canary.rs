//! A page with a known answer, for a component to show that it works.

use std::sync::Arc;

use riptide_types::Page;

use crate::{ComponentInfo, Extractor, Request, Sandbox, SandboxError};

/// What a component must find in [`CANARY`].
const SENTENCE: &str = "The canary of the lower gallery sings on quiet days.";

/// A page whose main content nobody can mistake.
const CANARY: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>The canary</title></head><body>\
    <nav><a href=\"/\">Home</a></nav><main><article><h1>The canary</h1>\
    <p>The canary of the lower gallery sings on quiet days. The miners listen for it on their way down, and again when \
    they come up in the evening with the lamps in their hands.</p>\
    <p>When it falls silent they leave their tools where they are and go up, the youngest first, without asking why.</p>\
    </article></main></body></html>";

impl Sandbox {
    /// Tries the component: its own health check, its description of itself, and a page with a known answer. That it fits
    /// the contract says nothing about whether it works. One that fails while its code comes from the quick compiler is
    /// tried again when the better code is there. Blocks.
    ///
    /// # Errors
    /// [`SandboxError::CanaryFailed`] with what failed first.
    pub fn check(&self, extractor: &Extractor) -> Result<ComponentInfo, SandboxError> {
        let code = extractor.0.code();
        pollster::block_on(self.try_out(extractor)).or_else(|error| {
            self.wait_for_compiler();
            let is_same = match (code, extractor.0.code()) {
                (Some(before), Some(now)) => Arc::ptr_eq(&before, &now),
                _ => false,
            };
            if is_same { Err(error) } else { pollster::block_on(self.try_out(extractor)) }
        })
    }

    async fn try_out(&self, extractor: &Extractor) -> Result<ComponentInfo, SandboxError> {
        let failed = |step| move |error| SandboxError::CanaryFailed { step, error: Box::new(error) };
        self.check_health(extractor).await.map_err(failed("its own health check"))?;
        let info = self.describe(extractor).await.map_err(failed("describing itself"))?;
        self.extract_canary(extractor).await.map_err(failed("extracting a page with a known answer"))?;
        Ok(info)
    }

    async fn extract_canary(&self, extractor: &Extractor) -> Result<(), SandboxError> {
        let page = Page { html: CANARY.to_owned(), url: "https://canary.example/".to_owned() };
        let document = self.extract(extractor, Request { page, ..Request::default() }).await?;
        if document.text.contains(SENTENCE) {
            return Ok(());
        }
        let reason = format!("the document's text lacks the page's first sentence, \"{SENTENCE}\"");
        Err(SandboxError::Unhealthy { reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_holds_the_sentence() {
        assert!(CANARY.contains(SENTENCE));
    }
}
