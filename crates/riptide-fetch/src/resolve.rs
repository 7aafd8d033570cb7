//! Names to addresses.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use hickory_resolver::TokioResolver;

/// Finds the addresses of a name. Whoever implements it asks the network; a test answers from a table.
pub trait Resolve {
    /// All IPv4 and IPv6 addresses of `name`, in the order in which they should be tried. The name is in ASCII form and
    /// may end in a dot.
    ///
    /// # Errors
    ///
    /// If there is no answer: the name does not exist, or nobody could tell.
    fn lookup(&self, name: &str) -> impl Future<Output = io::Result<Vec<IpAddr>>> + Send;
}

/// The resolver of a process: fixed answers first, then the name servers of the system. Clones share what they
/// remember.
#[derive(Clone, Debug, Default)]
pub struct Resolver {
    fixed: Arc<HashMap<String, Vec<IpAddr>>>,
    servers: Option<TokioResolver>,
}

impl Resolver {
    /// Asks the name servers that the system is set up with, and its hosts file; remembers answers for as long as they
    /// allow.
    ///
    /// # Errors
    ///
    /// If the system's settings cannot be read.
    pub fn system() -> io::Result<Self> {
        let servers = TokioResolver::builder_tokio().and_then(|builder| builder.build());
        Ok(Self { servers: Some(servers.map_err(io::Error::other)?), ..Self::default() })
    }

    /// Answers for these names without asking anybody, as a hosts file would. Names are in lower-case ASCII without a
    /// final dot.
    #[must_use]
    pub fn with_fixed(mut self, answers: impl IntoIterator<Item = (String, Vec<IpAddr>)>) -> Self {
        Arc::make_mut(&mut self.fixed).extend(answers);
        self
    }
}

impl Resolve for Resolver {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        if let Some(addresses) = self.fixed.get(name.trim_end_matches('.')) {
            return Ok(addresses.clone());
        }
        let Some(servers) = &self.servers else {
            return Err(io::Error::new(io::ErrorKind::NotFound, "there is no name server to ask"));
        };
        // A final dot keeps the search list of the system out: `example.org` must not become `example.org.corp`.
        let absolute =
            if name.contains('.') && !name.ends_with('.') { format!("{name}.") } else { name.to_owned() };
        let answer = servers.lookup_ip(absolute).await.map_err(io::Error::other)?;
        Ok(answer.iter().collect())
    }
}
