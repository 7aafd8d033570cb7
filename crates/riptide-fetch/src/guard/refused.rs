use std::net::IpAddr;

use riptide_types::{Failure, Phase};

/// The guard did not let an address through.
///
/// What it displays, and its [code](Failure::code), can be shown to whoever asked for the page: they tell nothing that is not
/// in the URL itself, and no answer of the resolver. A name that leads to an inner network and one that does not exist
/// look the same. The whole story is the [`reason`](Self::reason), for logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.reason.public_text())]
pub struct Refused {
    reason: Reason,
}

/// Why the guard did not let an address through. Names hosts and addresses of the network that RipTide runs in: what it
/// displays is for logs alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The URL has another scheme than those of HTTP and WebSockets.
    #[error("the scheme `{0}` is none of http, https, ws and wss")]
    Scheme(String),
    /// The URL holds a user name or password, and the policy does not want them.
    #[error("the URL holds a user name or password")]
    Credentials,
    /// This is not `host:port`.
    #[error("`{0}` is not a host and a port")]
    Authority(String),
    /// The host can be neither resolved nor dialled.
    #[error("`{0}` is not a host name")]
    Name(String),
    /// The name belongs to the local machine or network.
    #[error("`{0}` is a name of the local machine or network")]
    LocalName(String),
    /// The policy does not allow the port.
    #[error("port {0} is not allowed")]
    Port(u16),
    /// The host is an IP address that is not global.
    #[error("{address} is not a global address: {range}")]
    Address {
        /// The address.
        address: IpAddr,
        /// The range that it is in.
        range: &'static str,
    },
    /// The name has an address that is not global.
    #[error("`{name}` leads to {address}, which is not a global address: {range}")]
    Answer {
        /// The name.
        name: String,
        /// The first of its addresses that is not global.
        address: IpAddr,
        /// The range that it is in.
        range: &'static str,
    },
    /// The name has no address at all.
    #[error("`{0}` has no address")]
    NoAddress(String),
    /// The resolver gave no answer.
    #[error("`{name}` could not be resolved: {message}")]
    Unresolved {
        /// The name.
        name: String,
        /// The resolver's message.
        message: String,
    },
}

impl Refused {
    /// Why, in full. For logs: see [`Reason`].
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }
}

impl From<Reason> for Refused {
    fn from(reason: Reason) -> Self {
        Self { reason }
    }
}

impl Reason {
    /// A short name in kebab-case, for counting.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Scheme(_) => "scheme",
            Self::Credentials => "credentials",
            Self::Authority(_) => "authority",
            Self::Name(_) => "name",
            Self::LocalName(_) => "local-name",
            Self::Port(_) => "port",
            Self::Address { .. } => "address",
            Self::Answer { .. } => "answer",
            Self::NoAddress(_) => "no-address",
            Self::Unresolved { .. } => "unresolved",
        }
    }

    fn public_text(&self) -> &'static str {
        match self {
            Self::Scheme(_) => "URLs of this scheme are not fetched",
            Self::Credentials => "URLs with a user name or password are not fetched",
            Self::Authority(_) | Self::Name(_) => "the URL's host is not a host name",
            Self::Port(_) => "the URL's port is not allowed",
            Self::LocalName(_) | Self::Address { .. } => "the URL's host is not on the public internet",
            Self::Answer { .. } | Self::NoAddress(_) | Self::Unresolved { .. } => {
                "the URL's host cannot be reached"
            }
        }
    }
}

impl Failure for Refused {
    fn code(&self) -> &'static str {
        match self.reason {
            Reason::Scheme(_) | Reason::Authority(_) | Reason::Name(_) => "url-refused",
            Reason::Credentials => "credentials-refused",
            Reason::Port(_) => "port-refused",
            Reason::LocalName(_) | Reason::Address { .. } => "host-refused",
            Reason::Answer { .. } | Reason::NoAddress(_) | Reason::Unresolved { .. } => "host-unreachable",
        }
    }

    fn phase(&self) -> Phase {
        Phase::Fetch
    }

    fn retryable(&self) -> bool {
        matches!(self.reason, Reason::Unresolved { .. })
    }

    /// Whether the policy forbids the address, as opposed to a name that could not be resolved.
    fn is_refusal(&self) -> bool {
        !matches!(self.reason, Reason::NoAddress(_) | Reason::Unresolved { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Refused {
        let address = "10.20.30.40".parse().unwrap();
        Reason::Answer { name: "db.example".to_owned(), address, range: "private use" }.into()
    }

    fn unresolved() -> Refused {
        Reason::Unresolved { name: "db.example".to_owned(), message: "no such name at 10.0.0.53".to_owned() }
            .into()
    }

    #[test]
    fn what_clients_see_does_not_tell_an_inner_name_from_one_that_does_not_exist() {
        assert_eq!(answer().to_string(), unresolved().to_string());
        assert_eq!(answer().code(), unresolved().code());
        for refused in [answer(), unresolved()] {
            assert!(!refused.to_string().contains("10."), "{refused}");
            assert!(std::error::Error::source(&refused).is_none(), "a chain of sources is shown to clients");
        }
    }

    #[test]
    fn what_logs_see_names_host_address_and_range() {
        assert_eq!(
            answer().reason().to_string(),
            "`db.example` leads to 10.20.30.40, which is not a global address: private use"
        );
    }

    #[test]
    fn only_what_the_resolver_could_not_tell_is_worth_another_try() {
        assert!(unresolved().retryable());
        assert!(!unresolved().is_refusal());
        assert!(!answer().retryable());
        assert!(answer().is_refusal());
    }
}
