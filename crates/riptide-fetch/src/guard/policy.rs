use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use riptide_types::{Failure, Phase};
use url::Host;

use super::name::{check_form, host_and_port, without_root};

/// What a guard lets through besides global addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// The ports that may be dialled.
    pub ports: Ports,
    /// The hosts and ports that may be dialled whatever address and port they have. There is no way to allow a whole
    /// range, such as every private address.
    pub exceptions: Vec<Exception>,
    /// Whether a URL may hold a user name and password.
    pub credentials: bool,
}

impl Policy {
    pub(super) fn excepts(&self, host: &Host<String>, port: u16) -> bool {
        self.exceptions.iter().any(|exception| exception.covers(host, port))
    }
}

/// Which ports may be dialled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Ports {
    /// Where web servers listen: 80, 443, and the ports from 1024 on that any program may open. Of the latter those are left
    /// out that browsers refuse to connect to, since what listens there might take HTTP for its own protocol
    /// ([Fetch standard](https://fetch.spec.whatwg.org/#port-blocking)).
    #[default]
    Web,
    /// These alone.
    Only(Vec<RangeInclusive<u16>>),
}

/// The ports from 1024 on that the Fetch standard calls bad: H.323, PPTP, NFS, Apple SASL, NPP, Sieve, SIP, X11, SANE, IRC
/// and Amanda.
const BAD_PORTS: [u16; 19] = [
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
    6697, 10080,
];

impl Ports {
    pub(super) fn allow(&self, port: u16) -> bool {
        match self {
            Self::Web => matches!(port, 80 | 443 | 1024..) && !BAD_PORTS.contains(&port),
            Self::Only(ranges) => ranges.iter().any(|range| range.contains(&port)),
        }
    }
}

/// One host and port that may be dialled although its address is not global or its port not allowed: `127.0.0.1:8080`,
/// `[fd00::7]:80`, `wiki.corp.example:8443`.
///
/// It covers URLs that name this host. An address does not cover the names that lead to it: a stranger could make such a
/// name. A name covers every address that it leads to, so only names whose owner is trusted belong here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Exception {
    /// Without the dot of the root.
    host: Host<String>,
    port: u16,
}

impl Exception {
    fn covers(&self, host: &Host<String>, port: u16) -> bool {
        let is_host = match (&self.host, host) {
            (Host::Domain(own), Host::Domain(name)) => own == without_root(name),
            (own, host) => own == host,
        };
        is_host && self.port == port
    }
}

/// This names no exception.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a host and a port, such as `127.0.0.1:8080`, `[fd00::7]:80` or `wiki.example:8443`")]
pub struct InvalidException {
    /// What was given.
    pub text: String,
}

impl Failure for InvalidException {
    fn code(&self) -> &'static str {
        "invalid-exception"
    }

    fn phase(&self) -> Phase {
        Phase::Configure
    }

    fn retryable(&self) -> bool {
        false
    }
}

impl FromStr for Exception {
    type Err = InvalidException;

    fn from_str(text: &str) -> Result<Self, InvalidException> {
        let invalid = || InvalidException { text: text.escape_debug().to_string() };
        let (host, port) = host_and_port(text).ok_or_else(invalid)?;
        let host = match host {
            Host::Domain(name) => {
                check_form(&name).map_err(|_| invalid())?;
                Host::Domain(without_root(&name).to_owned())
            }
            address => address,
        };
        Ok(Self { host, port })
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_is_read_as_a_host_of_a_url_is() {
        for (text, shown) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("0x7f.1:8080", "127.0.0.1:8080"),
            ("[0:0::1]:80", "[::1]:80"),
            ("Wiki.Corp.Example.:8443", "wiki.corp.example:8443"),
            ("b\u{fc}cher.example:80", "xn--bcher-kva.example:80"),
        ] {
            assert_eq!(text.parse::<Exception>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_not_one_host_and_one_port_is_refused() {
        for text in [
            "",
            ":80",
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.1:+80",
            "127.0.0.1:65536",
            "127.0.0.1:80-90",
            "127.0.0.0/8:80",
            "*:80",
            "*.corp.example:80",
            "::1:80",
            "[::1%eth0]:80",
            "http://127.0.0.1:80",
            "user@127.0.0.1:80",
            "a b:80",
        ] {
            assert!(text.parse::<Exception>().is_err(), "{text}");
        }
    }

    #[test]
    fn web_ports_are_the_two_known_ones_and_those_that_any_program_may_open() {
        for port in [80, 443, 1024, 3000, 8000, 8080, 8443, 9200, 65535] {
            assert!(Ports::Web.allow(port), "{port}");
        }
        for port in [0, 1, 21, 22, 25, 79, 81, 442, 444, 1023, 2049, 5060, 6000, 6667, 10080] {
            assert!(!Ports::Web.allow(port), "{port}");
        }
    }

    #[test]
    fn listed_ports_replace_the_web_ports() {
        let ports = Ports::Only(vec![22..=22, 8000..=8001]);
        for (port, allowed) in [(22, true), (8000, true), (8001, true), (80, false), (8002, false)] {
            assert_eq!(ports.allow(port), allowed, "{port}");
        }
    }
}
