//! Pages from the web: the options for them, and what fetches them.

use std::ffi::OsStr;
use std::fmt;
use std::marker::PhantomData;
use std::num::NonZero;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, Args, Command};
use riptide::{
    Error, Exception, FetchConfig, FetchLimits, FetchRequest, Fetched, Kinds, Policy, Politeness, Proxy,
    Rendered, Resolver, Riptide, ScrapeRequest, Scraped, default_user_agent,
};
use tokio::runtime::{self, Runtime};
use url::Url;

use crate::args::{CacheArgs, positive_duration};
use crate::interrupt::Interrupt;
use crate::page_cache;

/// How long pages that are under way may take when the program ends; there are none but after an interrupt.
const GRACE: Duration = Duration::from_secs(1);

/// How pages are fetched.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pages from the web")]
pub(crate) struct WebArgs {
    /// Connect to this host and port although they are not on the public internet, such as 127.0.0.1:8080; may be
    /// repeated
    #[arg(long, value_name = "HOST:PORT", value_delimiter = ',')]
    pub(crate) allow: Vec<Exception>,

    /// Fetch what the site's robots.txt does not allow
    #[arg(long)]
    pub(crate) ignore_robots: bool,

    /// Where site owners reach you: a URL or an address, sent with the name of the program
    #[arg(long, value_name = "CONTACT")]
    pub(crate) contact: Option<String>,

    /// Send this instead of the program's own name and version
    #[arg(long, value_name = "TEXT", conflicts_with = "contact")]
    pub(crate) user_agent: Option<String>,

    /// Send this header field; may be repeated
    #[arg(long, value_name = "NAME: VALUE", value_parser = Secret::<HeaderField>::default())]
    pub(crate) header: Vec<HeaderField>,

    /// User name and password for the pages' own sites
    #[arg(long, value_name = "NAME:PASSWORD", value_parser = Secret::<Credentials>::default())]
    pub(crate) user: Option<Credentials>,

    /// Connect through this proxy: http://… or socks5://…
    #[arg(long, value_name = "URL", value_parser = Secret::<Proxy>::default())]
    pub(crate) proxy: Option<Proxy>,

    /// Time for each try at fetching a page, with all its redirects; not counted are waiting for a turn, and robots.txt, which
    /// has as much time of its own
    #[arg(long, value_name = "DURATION", value_parser = positive_duration,
          default_value_t = humantime::Duration::from(FetchLimits::default().total))]
    pub(crate) fetch_timeout: humantime::Duration,

    /// Redirects that are followed
    #[arg(long, value_name = "N", default_value_t = FetchLimits::default().redirects)]
    pub(crate) max_redirects: usize,

    /// How often to try again after a failure that may pass
    #[arg(long, value_name = "N", default_value_t = FetchConfig::default().retries)]
    pub(crate) retries: u32,

    /// Take a page from the cache if it was fetched less than this ago, whatever its server says [default: as it says]
    #[arg(long, value_name = "DURATION")]
    pub(crate) max_age: Option<humantime::Duration>,

    /// Neither take pages from the cache nor keep them there
    #[arg(long)]
    pub(crate) no_page_cache: bool,

    /// Time from one request to a host to the next
    #[arg(long, value_name = "DURATION",
          default_value_t = humantime::Duration::from(Politeness::default().delay))]
    pub(crate) delay: humantime::Duration,

    /// Requests to one host at once
    #[arg(long, value_name = "N", default_value_t = NonZero::new(Politeness::default().concurrency).unwrap_or(NonZero::<usize>::MIN))]
    pub(crate) per_host: NonZero<usize>,
}

impl WebArgs {
    /// The settings that the options come to. A body may have `body_limit` bytes.
    pub(crate) fn config(&self, body_limit: usize, cache: Option<&CacheArgs>) -> anyhow::Result<FetchConfig> {
        let limits = FetchLimits {
            total: Duration::from(self.fetch_timeout),
            body: body_limit,
            redirects: self.max_redirects,
            ..FetchLimits::default()
        };
        let user_agent =
            self.user_agent.clone().unwrap_or_else(|| default_user_agent(self.contact.as_deref()));
        Ok(FetchConfig {
            policy: Policy { exceptions: self.allow.clone(), ..Policy::default() },
            resolver: Resolver::system().context("the system's name servers are not known")?,
            proxy: self.proxy.clone(),
            user_agent,
            limits,
            politeness: Politeness {
                concurrency: self.per_host.get(),
                delay: Duration::from(self.delay),
                ..Politeness::default()
            },
            cache: cache.filter(|_| !self.no_page_cache).and_then(page_cache::of),
            retries: self.retries,
            ..FetchConfig::default()
        })
    }

    /// The request for a URL.
    pub(crate) fn request(&self, url: Url) -> FetchRequest {
        FetchRequest {
            headers: self.header.iter().map(|field| (field.name.clone(), field.value.clone())).collect(),
            basic_auth: self.user.as_ref().map(|user| (user.name.clone(), user.password.clone())),
            robots: !self.ignore_robots,
            max_age: self.max_age.map(Duration::from),
            ..FetchRequest::new(url)
        }
    }
}

/// Waits for the network, on behalf of threads that have nothing else to do.
pub(crate) struct Web<'a> {
    runtime: Runtime,
    riptide: &'a Riptide,
    args: &'a WebArgs,
}

impl<'a> Web<'a> {
    pub(crate) fn new(riptide: &'a Riptide, args: &'a WebArgs) -> anyhow::Result<Self> {
        let mut builder = runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(2).thread_name("web").enable_all().build();
        Ok(Self { runtime: runtime.context("the network cannot be used")?, riptide, args })
    }

    /// A page from the web as a document; nothing if it was given up after an interrupt.
    pub(crate) fn scrape(
        &self,
        request: &ScrapeRequest,
        interrupt: &Interrupt,
    ) -> Option<Result<Scraped, Error>> {
        self.runtime.block_on(async {
            tokio::select! {
                scraped = self.riptide.scrape(request) => Some(scraped),
                () = interrupt.grace_is_over() => None,
            }
        })
    }

    /// A page after its scripts have run.
    pub(crate) fn render(&self, request: &ScrapeRequest) -> Result<Rendered, Error> {
        self.runtime.block_on(self.riptide.render(request))
    }

    /// What a server answers.
    pub(crate) fn fetch(&self, url: &Url) -> Result<Fetched, Error> {
        let request = FetchRequest { kinds: Kinds::Any, ..self.args.request(url.clone()) };
        self.runtime.block_on(self.riptide.fetch(&request))
    }
}

impl Drop for Web<'_> {
    /// Browsers end more gently than with the process.
    fn drop(&mut self) {
        self.runtime.block_on(self.riptide.shutdown(GRACE));
    }
}

/// A header field as one types it.
#[derive(Clone)]
pub(crate) struct HeaderField {
    name: http::HeaderName,
    value: http::HeaderValue,
}

impl FromStr for HeaderField {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) =
            text.split_once(':').ok_or("expected a name and a value such as `Accept-Language: de`")?;
        Ok(Self {
            name: name
                .trim()
                .parse()
                .map_err(|_| format!("`{}` is no name of a header field", name.trim()))?,
            value: value
                .trim()
                .parse()
                .map_err(|_| "the value holds characters that cannot be sent".to_owned())?,
        })
    }
}

impl fmt::Debug for HeaderField {
    /// Without the value, which may be a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: …", self.name)
    }
}

/// A user name and a password as one types them.
#[derive(Clone)]
pub(crate) struct Credentials {
    name: String,
    password: String,
}

impl FromStr for Credentials {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, password) =
            text.split_once(':').ok_or("expected a name and a password such as `anna:secret`")?;
        Ok(Self { name: name.to_owned(), password: password.to_owned() })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:…", self.name)
    }
}

/// Parses a value that may hold a secret: errors do not repeat it.
struct Secret<T>(PhantomData<fn() -> T>);

impl<T> Default for Secret<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T> Clone for Secret<T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<T> TypedValueParser for Secret<T>
where
    T: FromStr<Err: fmt::Display> + Clone + Send + Sync + 'static,
{
    type Value = T;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        let parsed = match value.to_str() {
            Some(text) => text.parse().map_err(|error: T::Err| error.to_string()),
            None => Err("it is no UTF-8".to_owned()),
        };
        parsed.map_err(|reason| {
            let argument = argument.map(Arg::to_string).unwrap_or_default();
            let text = format!("invalid value for '{argument}': {reason}\n");
            clap::Error::raw(ErrorKind::ValueValidation, text).with_cmd(command)
        })
    }
}
