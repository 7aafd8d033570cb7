//! From a URL to a document.

use std::time::Instant;

use riptide_events::redacted;
use riptide_fetch::{FetchRequest, Fetched};
use url::Url;

use crate::{Document, Error, ExtractionMode, Riptide, Source};

/// A URL whose page is wanted as a document.
#[derive(Debug, Clone)]
pub struct ScrapeRequest {
    /// What to fetch, and how.
    pub fetch: FetchRequest,
    /// What to extract.
    pub mode: ExtractionMode,
}

impl ScrapeRequest {
    /// The main content of a page.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self { fetch: FetchRequest::new(url), mode: ExtractionMode::default() }
    }
}

/// A document, and the response that it was made from.
#[derive(Debug, Clone)]
pub struct Scraped {
    /// What the page comes to.
    pub document: Document,
    /// The response. Its status may be one of an error, such as 404; then the document is the page that says so.
    pub fetched: Fetched,
}

impl From<Fetched> for Source {
    /// The body, with its address and what is known of its encoding.
    fn from(fetched: Fetched) -> Self {
        let (url, charset) = (fetched.url.to_string(), fetched.charset());
        Self { bytes: fetched.body.into(), url, charset, ..Self::default() }
    }
}

impl Riptide {
    /// Fetches a URL and turns its page into a document, and tells the event bus how that went. Must be called within a
    /// tokio runtime with timers and I/O.
    ///
    /// # Errors
    /// See [`Error`]. A status such as 404 is none, if its page has content.
    pub async fn scrape(&self, request: &ScrapeRequest) -> Result<Scraped, Error> {
        let started = Instant::now();
        let result = self.fetch_and_extract(request).await;
        self.tell(&request.fetch.tenant, redacted(request.fetch.url.as_str()), started, &result);
        result
    }

    /// Fetches a URL, without extracting anything. Must be called within a tokio runtime with timers and I/O.
    ///
    /// # Errors
    /// [`Error::Fetch`].
    pub async fn fetch(&self, request: &FetchRequest) -> Result<Fetched, Error> {
        let failed = |error| Error::Fetch { url: redacted(request.url.as_str()), error };
        self.web.fetcher().map_err(failed)?.fetch(request).await.map_err(failed)
    }

    /// The data path from the web.
    async fn fetch_and_extract(&self, request: &ScrapeRequest) -> Result<Scraped, Error> {
        let fetched = self.fetch(&request.fetch).await?;
        let document = self.extract_fetched(request, &fetched).await?;
        Ok(Scraped { document, fetched })
    }

    async fn extract_fetched(&self, request: &ScrapeRequest, fetched: &Fetched) -> Result<Document, Error> {
        let tenant = request.fetch.tenant.clone();
        let source = Source { tenant: tenant.clone(), ..Source::from(fetched.clone()) };
        let (page, warnings) = match self.decode(source) {
            Ok(decoded) => decoded,
            Err(_) if !(200..300).contains(&fetched.status) => {
                return Err(Error::Status { url: redacted(fetched.url.as_str()), status: fetched.status });
            }
            Err(error) => return Err(error),
        };
        let mut document = self.engine.extract_beside(tenant, page, &request.mode).await?;
        let truncated = fetched.truncated.iter().map(|problem| format!("the page is not whole: {problem}"));
        let told = truncated.chain(fetched.warnings.iter().cloned()).chain(warnings);
        document.warnings.splice(0..0, told);
        Ok(document)
    }
}
