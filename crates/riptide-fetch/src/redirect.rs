//! Where a response leads to.

use http::header::LOCATION;
use http::{HeaderMap, StatusCode};
use url::Url;

use crate::FetchError;

/// One step of the way from the URL that was asked for to the one that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// What was asked for.
    pub url: Url,
    /// The status that was answered; 200 where the page itself sends its readers elsewhere.
    pub status: u16,
    /// Where it led to.
    pub location: Url,
}

/// Where a redirect leads to, if the response is one (RFC 9110, section 15.4). One without `Location` is a page.
pub(crate) fn location(
    url: &Url,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<Url>, FetchError> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(value) = headers.get(LOCATION) else { return Ok(None) };
    if headers.get_all(LOCATION).iter().any(|other| other != value) {
        return Err(FetchError::InvalidRedirect {
            location: String::from_utf8_lossy(value.as_bytes()).chars().take(200).collect(),
            problem: "another one is named beside it".to_owned(),
        });
    }
    // Browsers read the bytes as UTF-8.
    let text = String::from_utf8_lossy(value.as_bytes());
    resolved(url, &text).map(Some)
}

/// A reference in a page at `url`. Its fragment is inherited if it has none (RFC 9110, section 10.2.2).
pub(crate) fn resolved(url: &Url, text: &str) -> Result<Url, FetchError> {
    let mut location = url.join(text.trim()).map_err(|error| FetchError::InvalidRedirect {
        location: text.chars().take(200).collect(),
        problem: error.to_string(),
    })?;
    if location.fragment().is_none() {
        location.set_fragment(url.fragment());
    }
    Ok(location)
}

/// The way so far.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) url: Url,
    pub(crate) redirects: Vec<Redirect>,
    limit: usize,
}

impl Way {
    pub(crate) fn from(url: Url, limit: usize) -> Self {
        Self { url, redirects: Vec::new(), limit }
    }

    /// What went wrong where the way has led to.
    pub(crate) fn failed(&self, error: FetchError) -> FetchError {
        if self.redirects.is_empty() { error } else { error.redirected_to(&self.url) }
    }

    /// Takes the next step.
    pub(crate) fn go_on(&mut self, status: StatusCode, location: Url) -> Result<(), FetchError> {
        // Once may be for a cookie that was set on the way; twice is a circle.
        let again =
            self.redirects.iter().filter(|earlier| earlier.url == self.url && earlier.location == location);
        if again.count() > 1 {
            return Err(FetchError::RedirectLoop);
        }
        if self.redirects.len() >= self.limit {
            return Err(FetchError::TooManyRedirects { limit: self.limit });
        }
        let url = std::mem::replace(&mut self.url, location.clone());
        self.redirects.push(Redirect { url, status: status.as_u16(), location });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_location_is_read_as_a_browser_reads_it() {
        let base = url("https://a.example/shop/page?x#part");
        for (location, leads_to) in [
            ("next", "https://a.example/shop/next#part"),
            ("/", "https://a.example/#part"),
            ("//b.example", "https://b.example/#part"),
            ("?y#own", "https://a.example/shop/page?y#own"),
            ("b\u{fc}cher", "https://a.example/shop/b%C3%BCcher#part"),
            (" https://b.example/ ", "https://b.example/#part"),
        ] {
            assert_eq!(resolved(&base, location).unwrap(), url(leads_to), "{location}");
        }
        assert!(resolved(&base, "http://[").is_err());
    }

    #[test]
    fn a_circle_is_told_from_a_long_way() {
        let mut circle = Way::from(url("https://a.example/"), 100);
        let steps =
            (0..100).map(|step| url(if step % 2 == 0 { "https://b.example/" } else { "https://a.example/" }));
        let end = steps.map(|to| circle.go_on(StatusCode::FOUND, to)).find(Result::is_err);
        assert!(matches!(end, Some(Err(FetchError::RedirectLoop))));

        let mut long = Way::from(url("https://a.example/0"), 5);
        let ends: Vec<_> = (1..=6)
            .map(|step| long.go_on(StatusCode::FOUND, url(&format!("https://a.example/{step}"))))
            .collect();
        assert!(ends.iter().take(5).all(Result::is_ok));
        assert!(matches!(ends[5], Err(FetchError::TooManyRedirects { limit: 5 })));
    }
}
