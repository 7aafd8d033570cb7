//! A pool of headless Chromium whose every connection passes the outbound guard.
//!
//! - [`BrowserPool`] starts browsers, lends them to pages, one at a time, replaces those that are worn out, ill or dead, and
//!   leaves no process and no file behind.
//! - [`RenderRequest`] says what is wanted of a page, [`Rendered`] is what came of it.
//! - [`find_chromium`] is where Chromium is.
//!
//! A browser is driven over its debugging pipe, which only this process holds: when the process dies, however it does, the
//! pipe closes and the browser ends. Each page runs in a browser context of its own, whose only way out is a SOCKS proxy
//! in this process. It judges every connection by the [`Guard`](riptide_fetch::Guard), and dials the address that was checked.
//!
//! ```no_run
//! # async fn render() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use riptide_browser::{BrowserConfig, BrowserPool, RenderRequest};
//! use riptide_events::EventBus;
//! use riptide_fetch::{Dialer, Guard, Policy, Resolver};
//!
//! let dialer =
//!     Dialer::new(Guard::new(Policy::default()), Resolver::system()?, None, Duration::from_secs(10));
//! let pool = BrowserPool::start(BrowserConfig::default(), dialer, EventBus::new(1024)).await?;
//! let page = pool.render(RenderRequest::new("https://example.org/".parse()?)).await?;
//! println!("{} {}", page.status, page.html);
//! pool.shutdown(Duration::from_secs(30)).await;
//! # Ok(())
//! # }
//! ```

#![cfg(unix)]

mod browser;
mod cdp;
mod config;
mod error;
mod find;
mod group;
mod launch;
mod page;
mod pool;
mod process;
mod profiles;
mod proxy;
mod rendered;
mod request;

pub use config::{BrowserConfig, SandboxRule};
pub use error::BrowserError;
pub use find::find_chromium;
pub use pool::{BrowserPool, PoolStatus};
pub use rendered::{ActionResult, Redirect, RefusedRequest, Rendered, SetCookie, Warning};
pub use request::{
    Action, Area, Block, Cookie, ImageFormat, Key, Pdf, RenderRequest, Screenshot, Scroll, Viewport, Wait,
    WaitRule,
};
