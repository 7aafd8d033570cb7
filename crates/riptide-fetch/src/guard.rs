//! The outbound guard: which addresses may be dialled.
//!
//! A way out has two steps. [`Guard::check_url`] judges what can be seen without the network and gives a [`Target`];
//! [`Guard::resolve`] turns that into the socket addresses to dial, [`Pinned`]. A connector takes nothing else, so that what
//! was checked is what is dialled, and a name cannot lead elsewhere when it is asked again (DNS rebinding). A redirect is
//! a URL like any other: each hop takes both steps.

mod address;
mod name;
mod policy;
mod refused;

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use crate::Resolve;
pub use address::{is_global, special_range};
use name::host_and_port;
pub use policy::{Exception, InvalidException, Policy, Ports};
pub use refused::{Reason, Refused};

/// The schemes that are dialled: those of HTTP, and of WebSockets, which begin as HTTP.
const SCHEMES: [&str; 4] = ["http", "https", "ws", "wss"];

/// Where a URL that passed the first step leads to. Only a [`Guard`] makes one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    host: Host<String>,
    port: u16,
}

impl Target {
    /// The host as [`Url`] understands it, trailing dot included.
    #[must_use]
    pub fn host(&self) -> &Host<String> {
        &self.host
    }

    /// The port, whether written or the scheme's default.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// A target with the addresses that were checked: the only ones to dial for it. Only a [`Guard`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    target: Target,
    addresses: Vec<SocketAddr>,
}

impl Pinned {
    /// What the addresses belong to.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// At least one, in the resolver's order.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}

/// Decides which addresses may be dialled, by one [`Policy`].
#[derive(Debug, Clone, Default)]
pub struct Guard {
    policy: Policy,
}

impl Guard {
    /// A guard that follows `policy`.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self { policy }
    }

    /// The first step, for what a URL names: page, redirect, sub-resource, WebSocket, robots.txt, sitemap.
    ///
    /// The host is the one that the [URL standard](https://url.spec.whatwg.org/#host-parsing) finds, which knows octal,
    /// hexadecimal and short IPv4 addresses, full-width digits and ideographic dots; it is what would be dialled.
    ///
    /// # Errors
    ///
    /// If the URL's scheme, user name or password, host or port is not allowed.
    pub fn check_url(&self, url: &Url) -> Result<Target, Refused> {
        if !SCHEMES.contains(&url.scheme()) {
            return Err(Reason::Scheme(url.scheme().to_owned()).into());
        }
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        if has_credentials && !self.policy.credentials {
            return Err(Reason::Credentials.into());
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(Reason::Name(String::new()).into());
        };
        self.check_host(host.to_owned(), port)
    }

    /// The first step, for what names a host and a port alone: a proxy's address, or what a browser asks a proxy to connect
    /// to (RFC 9110, section 9.3.6). An IPv6 address stands in brackets.
    ///
    /// # Errors
    ///
    /// If `authority` is not `host:port`, or its host or port is not allowed.
    pub fn check_authority(&self, authority: &str) -> Result<Target, Refused> {
        let (host, port) = host_and_port(authority)
            .ok_or_else(|| Reason::Authority(authority.chars().take(80).collect()))?;
        self.check_host(host, port)
    }

    /// The second step: the addresses to dial. Asks the resolver once, and not at all for an IP address.
    ///
    /// # Errors
    ///
    /// If the name has no address, or a single one of them is not global: an honest name does not lead to both sides.
    pub async fn resolve<R: Resolve>(&self, target: &Target, resolver: &R) -> Result<Pinned, Refused> {
        let addresses = match target.host() {
            Host::Ipv4(address) => vec![IpAddr::V4(*address)],
            Host::Ipv6(address) => vec![IpAddr::V6(*address)],
            Host::Domain(name) => resolver
                .lookup(name)
                .await
                .map_err(|error| Reason::Unresolved { name: name.clone(), message: error.to_string() })?,
        };
        if addresses.is_empty() {
            return Err(Reason::NoAddress(target.host.to_string()).into());
        }
        if !self.policy.excepts(&target.host, target.port)
            && let Some((address, range)) =
                addresses.iter().find_map(|address| Some((*address, special_range(*address)?)))
        {
            return Err(Reason::Answer { name: target.host.to_string(), address, range }.into());
        }
        let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, target.port)).collect();
        Ok(Pinned { target: target.clone(), addresses })
    }

    fn check_host(&self, host: Host<String>, port: u16) -> Result<Target, Refused> {
        if let Host::Domain(name) = &host {
            name::check_form(name)?;
        }
        if self.policy.excepts(&host, port) {
            return Ok(Target { host, port });
        }
        match &host {
            Host::Domain(name) => name::check_public(name)?,
            Host::Ipv4(address) => check_address(IpAddr::V4(*address))?,
            Host::Ipv6(address) => check_address(IpAddr::V6(*address))?,
        }
        if !self.policy.ports.allow(port) {
            return Err(Reason::Port(port).into());
        }
        Ok(Target { host, port })
    }
}

fn check_address(address: IpAddr) -> Result<(), Reason> {
    special_range(address).map_or(Ok(()), |range| Err(Reason::Address { address, range }))
}
