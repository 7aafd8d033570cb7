//! A web site on loopback whose pages behave well and badly, for tests of whatever reads pages.
//!
//! A [`Site`] listens on a port of its own until it is dropped; any number may run in one process. What it serves stands in one
//! table, [`endpoints`]: path, what happens there, and how reading it should end. It speaks HTTP/1.1 with its own code on plain
//! sockets, for a proper server would not send most of this. It connects to nothing.
//!
//! ```
//! use riptide_test_site::{Expected, Site, endpoints};
//!
//! let site = Site::start()?;
//! for endpoint in endpoints() {
//!     let url = site.url(endpoint.path);
//!     match endpoint.expected {
//!         Expected::Page(phrase) => println!("{url} is a page with the words {phrase:?}"),
//!         other => println!("{url} ends in {other:?}"),
//!     }
//! }
//! assert_eq!(site.hits("/article"), 0);
//! # Ok::<(), std::io::Error>(())
//! ```

mod article;
mod coding;
mod endpoint;
mod endpoints;
mod exchange;
mod guard_vectors;
mod robots;
mod site;

pub use article::{ARTICLE_PHRASE, bulk_phrase};
pub use endpoint::{Endpoint, Expected, Fault};
pub use endpoints::{endpoint, endpoints};
pub use exchange::SeenRequest;
pub use guard_vectors::{GuardVector, guard_vectors};
pub use robots::RobotsFile;
pub use site::{Site, SiteBuilder};
