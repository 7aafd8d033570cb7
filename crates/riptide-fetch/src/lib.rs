//! What stands between RipTide and the web.
//!
//! - [`Guard`] decides which addresses may be dialled. Every way out passes it: pages, redirects, the browser's proxy,
//!   robots.txt, sitemaps.
//! - [`Robots`] is what a site asks of crawlers.
//!
//! Nothing here opens a connection: the guard hands out the addresses that were checked, and whoever dials, dials those.

mod guard;
mod robots;

pub use guard::{
    Exception, Guard, InvalidException, Pinned, Policy, Ports, Reason, Refused, Resolve, Target, is_global,
    special_range,
};
pub use robots::{InvalidProductToken, ProductToken, Robots};
