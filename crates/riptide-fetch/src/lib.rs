//! What stands between RipTide and the web.
//!
//! - [`Guard`] decides which addresses may be dialled. Every way out passes it: pages, redirects, the browser's proxy,
//!   robots.txt, sitemaps.
//! - [`Robots`] is what a site asks of crawlers.
//!
//! - [`Dialer`] opens connections, and nothing else does: it dials the addresses that the guard checked.
//! - [`HttpCache`] says what need not be fetched again, and asks the rest whether it has changed.
//!
//! ```
//! use riptide_fetch::{Guard, Policy, ProductToken, Robots};
//! use url::Url;
//!
//! let guard = Guard::new(Policy { exceptions: vec!["127.0.0.1:8080".parse()?], ..Policy::default() });
//! assert!(guard.check_url(&Url::parse("http://127.0.0.1:8080/")?).is_ok());
//! let refused = guard.check_url(&Url::parse("http://0x7f.1/")?).unwrap_err();
//! assert_eq!(refused.to_string(), "the URL's host is not on the public internet");
//! assert_eq!(refused.reason().to_string(), "127.0.0.1 is not a global address: loopback");
//!
//! let robots = Robots::from_status(200, b"User-agent: *\nDisallow: /private\nCrawl-delay: 2");
//! assert!(!robots.allows(&ProductToken::default(), "/private/page?id=7"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod body;
mod cookies;
mod dial;
mod error;
mod exchange;
mod fetcher;
mod guard;
mod http_cache;
mod politeness;
mod proxy;
mod redirect;
mod request;
mod resolve;
mod robots;
mod robots_cache;

pub use cookies::CookieJar;
pub use dial::{DialError, Dialer};
pub use error::FetchError;
pub use fetcher::{FetchConfig, Fetcher, default_user_agent, is_passing_status};
pub use guard::{
    Exception, Guard, InvalidException, Pinned, Policy, Ports, Reason, Refused, Target, is_global,
    special_range,
};
pub use http_cache::{CachedResponse, HttpCache, Lookup};
pub use politeness::{Politeness, Turn};
pub use proxy::{InvalidProxy, Proxy};
pub use redirect::Redirect;
pub use request::{CacheState, FetchLimits, FetchRequest, FetchTiming, Fetched, Kinds};
pub use resolve::{Resolve, Resolver};
pub use riptide_store::{CacheStats, PageCache, Store, StoreError};
pub use robots::{InvalidProductToken, ProductToken, Robots};
