//! What stands between RipTide and the web.
//!
//! - [`Guard`] decides which addresses may be dialled. Every way out passes it: pages, redirects, the browser's proxy,
//!   robots.txt, sitemaps.
//! - [`Robots`] is what a site asks of crawlers.
//!
//! Nothing here opens a connection: the guard hands out the addresses that were checked, and whoever dials, dials those.
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

mod guard;
mod robots;

pub use guard::{
    Exception, Guard, InvalidException, Pinned, Policy, Ports, Reason, Refused, Resolve, Target, is_global,
    special_range,
};
pub use robots::{InvalidProductToken, ProductToken, Robots};
