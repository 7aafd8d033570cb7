//! From a URL to a document.

use std::time::Instant;

use http::HeaderMap;
use http::header::{CONTENT_TYPE, COOKIE, REFRESH};
use riptide_browser::{BrowserError, Cookie, RenderRequest, Rendered, SetCookie};
use riptide_events::{Event, Outcome, redacted};
use riptide_fetch::{CacheState, FetchError, FetchRequest, Fetched, Redirect};
use riptide_types::Failure as _;
use url::Url;

use crate::engine::Caller;
use crate::{ContentKind, Document, Error, ExtractionMode, Riptide, Source};

/// How often a page may send its readers on by itself, by `<meta http-equiv=refresh>`.
const MOST_REFRESHES: usize = 3;

/// A page that sends its readers on later than this, in seconds, is there to be read until then.
const SOON: u32 = 10;

/// A URL whose page is wanted as a document.
#[derive(Debug, Clone)]
pub struct ScrapeRequest {
    /// What to fetch, and how.
    pub fetch: FetchRequest,
    /// What to extract.
    pub mode: ExtractionMode,
    /// Whether the page is run in a browser.
    pub render: Render,
    /// How the page is run, if it is. Its URL, tenant, header fields and cookies are those of `fetch`.
    pub page: RenderRequest,
}

/// Whether pages are run in a browser before their content is extracted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Render {
    /// Those that show that their scripts make their content.
    #[default]
    Auto,
    /// None.
    Never,
    /// All. What is no page, such as a feed or a PDF document, is taken as it comes: a browser has only a viewer of its own for
    /// it.
    Always,
}

impl ScrapeRequest {
    /// The main content of a page.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self {
            page: RenderRequest::new(url.clone()),
            fetch: FetchRequest::new(url),
            mode: ExtractionMode::default(),
            render: Render::default(),
        }
    }
}

/// A document, and what it was made from.
#[derive(Debug, Clone)]
pub struct Scraped {
    /// What the page comes to.
    pub document: Document,
    /// What it was made from.
    pub origin: Origin,
}

/// What a document was made from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// A response as it came.
    Fetched(Box<Fetched>),
    /// A page after its scripts have run.
    Rendered(Box<Rendered>),
}

impl Scraped {
    /// The page's URL in the end.
    #[must_use]
    pub fn url(&self) -> &Url {
        match &self.origin {
            Origin::Fetched(fetched) => &fetched.url,
            Origin::Rendered(rendered) => &rendered.url,
        }
    }

    /// The status of its response (RFC 9110, section 15); it may be one of an error, such as 404: then the document is the
    /// page that says so.
    #[must_use]
    pub fn status(&self) -> u16 {
        match &self.origin {
            Origin::Fetched(fetched) => fetched.status,
            Origin::Rendered(rendered) => rendered.status,
        }
    }

    /// The header fields of its response.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        match &self.origin {
            Origin::Fetched(fetched) => &fetched.headers,
            Origin::Rendered(rendered) => &rendered.headers,
        }
    }
}

/// Takes the cookies out of header fields: a browser wants them one by one.
fn cookies(headers: &mut HeaderMap) -> Vec<Cookie> {
    let fields: Vec<_> =
        headers.get_all(COOKIE).iter().filter_map(|value| Some(value.to_str().ok()?.to_owned())).collect();
    headers.remove(COOKIE);
    let pairs =
        fields.iter().flat_map(|field| field.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs
        .map(|(name, value)| Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            domain: None,
            path: None,
        })
        .collect()
}

/// The `Content-Type` of a response that is no page.
fn no_page(rendered: &Rendered) -> Option<String> {
    let content_type = rendered.headers.get(CONTENT_TYPE)?.to_str().ok()?;
    match ContentKind::declared(Some(content_type), rendered.url.path()) {
        None | Some(ContentKind::Html | ContentKind::Xhtml) => None,
        Some(_) => Some(content_type.chars().take(100).collect()),
    }
}

impl From<Fetched> for Source {
    /// The body, with its address and what is known of its encoding.
    fn from(fetched: Fetched) -> Self {
        let kind = ContentKind::declared(fetched.content_type(), fetched.url.path());
        let (url, charset) = (fetched.url.to_string(), fetched.charset());
        Self { bytes: fetched.body.into(), url, charset, kind, ..Self::default() }
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
        let result = self.scrape_by(request).await;
        self.tell(&request.fetch.tenant, redacted(request.fetch.url.as_str()), started, &result);
        result
    }

    /// Fetches a URL, without extracting anything. Must be called within a tokio runtime with timers and I/O.
    ///
    /// # Errors
    /// [`Error::Fetch`].
    pub async fn fetch(&self, request: &FetchRequest) -> Result<Fetched, Error> {
        let (started, url) = (Instant::now(), redacted(request.url.as_str()));
        let result = match self.web.fetcher() {
            Ok(fetcher) => fetcher.fetch(request).await,
            Err(error) => Err(error),
        };
        let fetched = result.as_ref().ok();
        self.config.events.emit(Event::PageFetched {
            tenant: request.tenant.clone(),
            url: url.clone(),
            micros: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
            bytes: fetched.map_or(0, |fetched| fetched.received),
            cached: fetched.is_some_and(|fetched| {
                matches!(fetched.cache, CacheState::Hit { .. } | CacheState::Revalidated { .. })
            }),
            outcome: result.as_ref().map_or_else(|error| Outcome::Err(error.code()), |_| Outcome::Ok),
        });
        result.map_err(|error| Error::Fetch { url, error })
    }

    /// Runs a page in a browser, without extracting anything. Cookies that the page sets are kept in the request's jar. Must be
    /// called within a tokio runtime with timers and I/O.
    ///
    /// # Errors
    /// [`Error::Fetch`] if the rules of its site do not allow the page, or that which it leads to, and [`Error::Browser`].
    pub async fn render(&self, request: &ScrapeRequest) -> Result<Rendered, Error> {
        let url = || redacted(request.fetch.url.as_str());
        let refused = |error| Error::Fetch { url: url(), error };
        let fetcher = self.web.fetcher().map_err(refused)?;
        let _turn = fetcher.admit(&request.fetch).await.map_err(refused)?;
        let mut headers = request.fetch.own_fields().map_err(refused)?;
        request.fetch.cookies.add_to(&request.fetch.url, &mut headers);
        let page = RenderRequest {
            url: request.fetch.url.clone(),
            tenant: request.fetch.tenant.clone(),
            cookies: cookies(&mut headers),
            headers,
            ..request.page.clone()
        };
        let failed = |error| Error::Browser { url: url(), error };
        let browser = self.web.browser(fetcher.dialer()).await.map_err(failed)?;
        let rendered = browser.render(page).await.map_err(failed)?;
        let is_elsewhere = rendered.url != request.fetch.url;
        if is_elsewhere && matches!(rendered.url.scheme(), "http" | "https") {
            let allowed = fetcher.may_fetch(&request.fetch, &rendered.url).await;
            allowed.map_err(|error| refused(error.redirected_to(&rendered.url)))?;
        }
        for SetCookie { url, field } in &rendered.cookies {
            request.fetch.cookies.set(url, field);
        }
        Ok(rendered)
    }

    /// The data path from the web.
    async fn scrape_by(&self, request: &ScrapeRequest) -> Result<Scraped, Error> {
        if request.render == Render::Always {
            return self.render_or_fetch(request).await;
        }
        let mut scraped = self.fetch_and_extract(request).await?;
        let host = scraped.url().host_str().unwrap_or_default().to_owned();
        if request.render == Render::Never || !scraped.document.script_built || self.hosts.is_hopeless(&host)
        {
            return Ok(scraped);
        }
        match self.render_and_extract(request).await {
            Ok(rendered) => {
                let helped = rendered.document.word_count > scraped.document.word_count;
                self.hosts.learn(&host, helped);
                Ok(if helped { rendered } else { scraped })
            }
            Err(error) => {
                scraped
                    .document
                    .warnings
                    .push(format!("the page's scripts make its content, but it was not rendered: {error}"));
                Ok(scraped)
            }
        }
    }

    /// Fetches a page, and those that it sends its readers to by itself, and extracts the last one.
    async fn fetch_and_extract(&self, request: &ScrapeRequest) -> Result<Scraped, Error> {
        let mut asked = request.fetch.clone();
        let mut redirects = Vec::new();
        loop {
            let mut fetched = self.fetch(&asked).await.map_err(|error| match error {
                // The page itself has led there.
                Error::Fetch { url, error } if !redirects.is_empty() => {
                    Error::Fetch { url, error: error.redirected_to(&asked.url) }
                }
                error => error,
            })?;
            let document = self.extract_fetched(request, &fetched).await?;
            redirects.append(&mut fetched.redirects);
            let next = document.refresh.as_ref().filter(|refresh| refresh.seconds <= SOON);
            let next = next.and_then(|refresh| Url::parse(&refresh.url).ok());
            let was_seen = |next: &Url| {
                *next == fetched.url || redirects.iter().any(|step: &Redirect| step.url == *next)
            };
            if document.word_count == 0 && next.as_ref().is_some_and(was_seen) {
                let url = redacted(fetched.url.as_str());
                return Err(Error::Fetch { url, error: FetchError::RedirectLoop });
            }
            let next = next.filter(|next| !was_seen(next));
            match next {
                Some(next) if redirects.iter().filter(|step| step.status == 200).count() < MOST_REFRESHES => {
                    redirects.push(Redirect { url: fetched.url, status: 200, location: next.clone() });
                    asked = asked.led_to(next);
                }
                _ => {
                    fetched.redirects = redirects;
                    return Ok(Scraped { document, origin: Origin::Fetched(Box::new(fetched)) });
                }
            }
        }
    }

    async fn extract_fetched(&self, request: &ScrapeRequest, fetched: &Fetched) -> Result<Document, Error> {
        let tenant = request.fetch.tenant.clone();
        let source = Source { tenant, ..Source::from(fetched.clone()) };
        let mut document = match self.run(source, &request.mode, Caller::Task).await {
            Err(Error::Decode { .. }) if !(200..300).contains(&fetched.status) => {
                return Err(Error::Status { url: redacted(fetched.url.as_str()), status: fetched.status });
            }
            result => result?,
        };
        let truncated = fetched.truncated.iter().map(|problem| format!("the page is not whole: {problem}"));
        let field = fetched.headers.get(REFRESH).and_then(|value| value.to_str().ok());
        let field = field.and_then(|content| riptide_extract::refresh_field(content, &fetched.url));
        document.refresh = document.refresh.or(field);
        document.warnings.splice(0..0, truncated.chain(fetched.warnings.iter().cloned()));
        Ok(document)
    }

    /// Renders whatever is a page. Of anything else a browser shows a viewer, or a download.
    async fn render_or_fetch(&self, request: &ScrapeRequest) -> Result<Scraped, Error> {
        let (url, what) = match self.render(request).await {
            Ok(rendered) => match no_page(&rendered) {
                None => return self.extract_rendered(request, rendered).await,
                Some(content_type) => (rendered.url, content_type),
            },
            Err(Error::Browser { error: BrowserError::Download { .. }, .. }) => {
                (request.fetch.url.clone(), "a download".to_owned())
            }
            Err(error) => return Err(error),
        };
        let fetch = request.fetch.led_to(url);
        let mut scraped = self.fetch_and_extract(&ScrapeRequest { fetch, ..request.clone() }).await?;
        scraped.document.warnings.push(format!("not run in a browser: it is no page, but {what}"));
        Ok(scraped)
    }

    async fn render_and_extract(&self, request: &ScrapeRequest) -> Result<Scraped, Error> {
        let rendered = self.render(request).await?;
        self.extract_rendered(request, rendered).await
    }

    async fn extract_rendered(
        &self,
        request: &ScrapeRequest,
        mut rendered: Rendered,
    ) -> Result<Scraped, Error> {
        let source = Source {
            bytes: std::mem::take(&mut rendered.html).into_bytes(),
            url: rendered.url.to_string(),
            tenant: request.fetch.tenant.clone(),
            charset: Some("utf-8".to_owned()),
            kind: Some(ContentKind::Html),
        };
        let mut document = self.run(source, &request.mode, Caller::Task).await?;
        document.warnings.splice(0..0, rendered.warnings.iter().map(ToString::to_string));
        Ok(Scraped { document, origin: Origin::Rendered(Box::new(rendered)) })
    }
}
