use url::{Host, Position, Url};

/// Which addresses are meant: `[scheme://]host[:port][/path]`, as the match patterns of browser extensions are written,
/// but that scheme and path may be left out.
///
/// - The scheme is `http`, `https`, or `*` for both, as without one.
/// - The host is a name or an IP address; `*.example.org` means `example.org` and all hosts below it, `*` every host.
/// - A port is compared with the address' own or its scheme's; without one every port fits.
/// - The path is compared with path and query as the address writes them, percent-encoded; each `*` in it stands for
///   any characters, none included. Without a path every path fits.
#[derive(Debug)]
pub(crate) struct UrlPattern {
    /// `None`: both.
    scheme: Option<&'static str>,
    host: HostPattern,
    port: Option<u16>,
    path: Option<String>,
}

#[derive(Debug)]
enum HostPattern {
    Any,
    Exactly(Host),
    /// A domain and what is below it.
    Within(String),
}

impl UrlPattern {
    /// Reads a pattern; the error says what is wrong with it and what would be right.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = match text.split_once("://") {
            None | Some(("*", _)) => (None, text.strip_prefix("*://").unwrap_or(text)),
            Some(("http", rest)) => (Some("http"), rest),
            Some(("https", rest)) => (Some("https"), rest),
            Some((scheme, _)) => {
                return Err(format!("the scheme is `{scheme}`; expected `http`, `https` or `*`"));
            }
        };
        let start = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(start).unwrap_or((rest, ""));
        if path.contains('#') {
            return Err(
                "a page's address is compared without its fragment; leave out what follows `#`".to_owned()
            );
        }
        let (host, port) = match authority.rsplit_once(':') {
            // The colons of an IPv6 address stand in brackets.
            Some((host, port)) if !port.ends_with(']') => {
                let port = port.parse().map_err(|_| format!("the port is `{port}`; expected 0 to 65535"))?;
                (host, Some(port))
            }
            _ => (authority, None),
        };
        let path = Some(path.to_owned()).filter(|path| !path.is_empty());
        Ok(Self { scheme, host: HostPattern::parse(host)?, port, path })
    }

    /// Whether the address is meant.
    pub(crate) fn matches(&self, url: &Url) -> bool {
        let is_web = matches!(url.scheme(), "http" | "https");
        is_web
            && self.scheme.is_none_or(|scheme| scheme == url.scheme())
            && self.port.is_none_or(|port| url.port_or_known_default() == Some(port))
            && url.host().is_some_and(|host| self.host.matches(&host))
            && self
                .path
                .as_ref()
                .is_none_or(|path| glob(path, &url[Position::BeforePath..Position::AfterQuery]))
    }
}

impl HostPattern {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let domain = text.strip_prefix("*.");
        let name = domain.unwrap_or(text);
        if name.contains('*') {
            return Err(format!(
                "the host is `{text}`; `*` may stand for all of it, or before its first dot as in `*.example.org`"
            ));
        }
        // Lower case and Punycode, as in a parsed address.
        let host = Host::parse(name).map_err(|error| {
            format!("the host is `{text}`: {error}; expected one such as `news.example.org`")
        })?;
        match (domain, host) {
            (None, host) => Ok(Self::Exactly(host)),
            (Some(_), Host::Domain(name)) => Ok(Self::Within(name)),
            (Some(_), _) => Err(format!("the host is `{text}`; nothing is below an IP address")),
        }
    }

    fn matches(&self, host: &Host<&str>) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Exactly(expected), host) => expected == host,
            (Self::Within(domain), Host::Domain(name)) => {
                name.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            (Self::Within(_), _) => false,
        }
    }
}

/// Whether a text is what a pattern says, in which each `*` stands for any characters.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((first, others)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces = others.split('*').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        // The first place is as good as any: what follows has the most room then.
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, url: &str) -> bool {
        UrlPattern::parse(pattern).unwrap().matches(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_host_alone_means_all_its_pages() {
        for url in ["https://example.org/", "http://EXAMPLE.org:8080/a?b", "https://example.org"] {
            assert!(fits("example.org", url), "{url}");
            assert!(fits("*://Example.ORG", url), "{url}");
        }
        for url in
            ["https://www.example.org/", "https://example.com/", "ftp://example.org/", "data:,example.org"]
        {
            assert!(!fits("example.org", url), "{url}");
        }
    }

    #[test]
    fn a_star_before_a_domain_means_it_and_what_is_below() {
        for url in ["https://example.org/", "https://a.example.org/", "https://a.b.example.org/"] {
            assert!(fits("*.example.org", url), "{url}");
        }
        for url in ["https://badexample.org/", "https://example.org.evil.example/", "https://org/"] {
            assert!(!fits("*.example.org", url), "{url}");
        }
        assert!(fits("*", "https://[::1]/"));
    }

    #[test]
    fn hosts_are_compared_as_the_url_standard_writes_them() {
        assert!(fits("bücher.example", "https://xn--bcher-kva.example/"));
        assert!(fits("[::1]", "http://[0:0:0:0:0:0:0:1]/"));
        assert!(fits("[::1]:8080", "http://[::1]:8080/"));
        assert!(fits("127.0.0.1", "http://127.0.0.1/"));
    }

    #[test]
    fn scheme_and_port_narrow_it_down() {
        assert!(fits("https://example.org", "https://example.org/"));
        assert!(!fits("https://example.org", "http://example.org/"));
        assert!(fits("example.org:443", "https://example.org/"));
        assert!(!fits("example.org:443", "http://example.org/"));
        assert!(fits("example.org:80", "http://example.org/"));
    }

    #[test]
    fn a_path_is_compared_with_path_and_query() {
        assert!(fits("example.org/", "https://example.org"));
        assert!(!fits("example.org/", "https://example.org/a"));
        assert!(fits("example.org/news/*", "https://example.org/news/"));
        assert!(fits("example.org/news/*", "https://example.org/news/a/b?c=d#e"));
        assert!(!fits("example.org/news/*", "https://example.org/news"));
        assert!(fits("example.org/*.html", "https://example.org/a/b.html"));
        assert!(!fits("example.org/*.html", "https://example.org/a/b.html?print"));
        assert!(fits("example.org/*/x*y/*z", "https://example.org/a/b/xy/c/xyy/z"));
        assert!(!fits("example.org/*/x*y/*z", "https://example.org/a/x/z"));
        assert!(!fits("example.org/ab*ba", "https://example.org/aba"));
        assert!(fits("example.org/ab*ba", "https://example.org/abba"));
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        let error = |text: &str| UrlPattern::parse(text).unwrap_err();
        assert_eq!(error("ftp://example.org/"), "the scheme is `ftp`; expected `http`, `https` or `*`");
        assert!(error("www.*.org").starts_with("the host is `www.*.org`; `*` may stand for all of it"));
        assert_eq!(error("*.192.0.2.1"), "the host is `*.192.0.2.1`; nothing is below an IP address");
        assert_eq!(error("example.org:99999"), "the port is `99999`; expected 0 to 65535");
        assert!(error("example.org/#top").contains("leave out what follows `#`"));
        for text in ["", "/news", "https://", "https:///a", "user@example.org", "exa mple.org"] {
            assert!(
                error(text).contains("expected one such as `news.example.org`"),
                "{text}: {}",
                error(text)
            );
        }
    }
}
