//! A proxy that the operator names; none is taken from the environment.

use std::fmt;
use std::str::FromStr;

use riptide_types::{Failure, Phase};
use url::Url;

/// A proxy that every connection goes through: `http://proxy.example:3128`, `socks5://user:password@proxy.example:1080`.
///
/// The guard checks the proxy's address like any other, so that one in the own network must be among the policy's
/// [exceptions](crate::Policy::exceptions). Names are resolved and checked here, and the proxy is asked for the address that
/// was checked, by `CONNECT` (RFC 9110, section 9.3.6) or SOCKS 5 (RFC 1928, RFC 1929).
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    pub(crate) protocol: Protocol,
    /// `host:port`.
    pub(crate) authority: String,
    /// User name and password.
    pub(crate) credentials: Option<(String, String)>,
}

/// How a proxy is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// `CONNECT` over HTTP/1.1.
    Http,
    /// SOCKS 5.
    Socks5,
}

/// This is not the URL of a proxy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not the URL of a proxy: {problem}; expected such as `http://proxy.example:3128` or `socks5://proxy.example:1080`"
)]
pub struct InvalidProxy {
    problem: String,
}

impl Failure for InvalidProxy {
    fn code(&self) -> &'static str {
        "invalid-proxy"
    }

    fn phase(&self) -> Phase {
        Phase::Configure
    }

    fn retryable(&self) -> bool {
        false
    }
}

impl FromStr for Proxy {
    type Err = InvalidProxy;

    fn from_str(text: &str) -> Result<Self, InvalidProxy> {
        let invalid = |problem: &str| InvalidProxy { problem: problem.to_owned() };
        let url = Url::parse(text).map_err(|error| invalid(&error.to_string()))?;
        let (protocol, default_port) = match url.scheme() {
            "http" => (Protocol::Http, 80),
            "socks5" | "socks5h" => (Protocol::Socks5, 1080),
            other => return Err(invalid(&format!("its scheme is `{other}`"))),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| invalid("it has no host"))?;
        let decoded =
            |part: &str| percent_decoded(part).ok_or_else(|| invalid("its credentials are not UTF-8"));
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, password) => Some((decoded(user)?, decoded(password.unwrap_or_default())?)),
        };
        Ok(Self {
            protocol,
            authority: format!("{host}:{}", url.port().unwrap_or(default_port)),
            credentials,
        })
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    percent_encoding::percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

impl fmt::Display for Proxy {
    /// Without its credentials.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.protocol {
            Protocol::Http => "http",
            Protocol::Socks5 => "socks5",
        };
        write!(formatter, "{scheme}://{}", self.authority)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_shows_itself_without_its_password() {
        let proxy: Proxy = "socks5://user:pa%40ss@proxy.example".parse().unwrap();
        assert_eq!(proxy.credentials, Some(("user".to_owned(), "pa@ss".to_owned())));
        assert_eq!(proxy.to_string(), "socks5://proxy.example:1080");
        assert_eq!(format!("{proxy:?}"), "socks5://proxy.example:1080");
    }

    #[test]
    fn what_is_no_proxy_is_refused_with_an_example() {
        for text in ["", "proxy:3128", "ftp://proxy.example", "https://proxy.example", "http://"] {
            let error = text.parse::<Proxy>().unwrap_err().to_string();
            assert!(error.contains("expected such as"), "{text}: {error}");
        }
    }
}
