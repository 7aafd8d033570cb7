//! What is asked of a pool: a page, and what to do with it.

use std::time::Duration;

use http::{HeaderMap, HeaderName};
use riptide_types::Tenant;
use url::Url;

use crate::BrowserError;
use crate::cdp::protocol::CookieParam;

/// Most actions of one page.
const MOST_ACTIONS: usize = 100;
/// The longest time that a page may be given.
const LONGEST: Duration = Duration::from_hours(1);
/// Most pixels of a viewport in each direction.
const LARGEST_SIDE: u32 = 8192;
/// The headers that a browser sets itself, and that decide where a message ends or goes.
const RESERVED: [HeaderName; 5] = [
    http::header::HOST,
    http::header::CONTENT_LENGTH,
    http::header::TRANSFER_ENCODING,
    http::header::CONNECTION,
    http::header::COOKIE,
];

/// A page to render.
#[derive(Debug, Clone)]
pub struct RenderRequest {
    /// Where it is; `http` or `https`.
    pub url: Url,
    /// Who wants it.
    pub tenant: Tenant,
    /// The time for everything: waiting for a browser, loading, actions, pictures.
    pub deadline: Duration,
    /// When it counts as loaded.
    pub wait: Wait,
    /// The window that it is shown in.
    pub viewport: Viewport,
    /// The language that it is asked for in, as a tag (BCP 47) such as `de-AT`. `None`: Chromium's own.
    pub locale: Option<String>,
    /// How the browser introduces itself. `None`: as the configuration says.
    pub user_agent: Option<String>,
    /// Headers that are sent along with requests to the page's own origin, and to no other.
    pub headers: HeaderMap,
    /// Cookies that are there from the start.
    pub cookies: Vec<Cookie>,
    /// What is not loaded.
    pub block: Block,
    /// What is done once the page is loaded, in this order.
    pub actions: Vec<Action>,
    /// A picture of the page at the end.
    pub screenshot: Option<Screenshot>,
    /// The page as a PDF at the end.
    pub pdf: Option<Pdf>,
}

impl RenderRequest {
    /// The page at `url` for the default tenant, with 30 s for everything.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self {
            url,
            tenant: Tenant::default(),
            deadline: Duration::from_secs(30),
            wait: Wait::default(),
            viewport: Viewport::default(),
            locale: None,
            user_agent: None,
            headers: HeaderMap::new(),
            cookies: Vec::new(),
            block: Block::default(),
            actions: Vec::new(),
            screenshot: None,
            pdf: None,
        }
    }

    pub(crate) fn check(&self, scripts_allowed: bool) -> Result<(), BrowserError> {
        let invalid =
            |field, problem: &str| Err(BrowserError::InvalidRequest { field, problem: problem.into() });
        let Viewport { width, height, scale, .. } = self.viewport;
        if [width, height].iter().any(|side| *side == 0 || *side > LARGEST_SIDE) {
            return invalid("viewport", "expected 1 to 8192 pixels in each direction");
        }
        if !(0.1..=4.0).contains(&scale) {
            return invalid("viewport", "expected a scale of 0.1 to 4");
        }
        if self.deadline > LONGEST || self.wait.limit > LONGEST {
            return invalid("deadline", "expected 1 h at the most, as for `wait`");
        }
        if self.actions.len() > MOST_ACTIONS {
            return invalid("actions", "expected 100 at the most");
        }
        if let Some(reserved) = RESERVED.iter().find(|name| self.headers.contains_key(*name)) {
            return invalid("headers", &format!("the browser sets `{reserved}` itself"));
        }
        if self.headers.values().any(|value| value.to_str().is_err()) {
            return invalid("headers", "expected values in ASCII");
        }
        let has_script = |action: &Action| matches!(action, Action::Script { .. });
        match self.actions.iter().position(has_script) {
            Some(place) if !scripts_allowed => Err(BrowserError::ScriptsNotAllowed { number: place + 1 }),
            _ => Ok(()),
        }
    }
}

/// When a page counts as loaded. Where the rule is not met within the limit, the page is taken as it is then, with
/// [`Warning::StillLoading`](crate::Warning::StillLoading).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// The rule.
    pub rule: WaitRule,
    /// The longest time from the start of the request to the page. The request's deadline may be sooner: then the page is
    /// taken a little before that.
    pub limit: Duration,
}

impl Default for Wait {
    /// No request for half a second, 10 s at the most.
    fn default() -> Self {
        Self {
            rule: WaitRule::NetworkIdle { quiet: Duration::from_millis(500) },
            limit: Duration::from_secs(10),
        }
    }
}

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitRule {
    /// The document is parsed, and no request of the page, its frames and workers has been under way for this long.
    /// Connections that stay open by design (WebSockets, server-sent events) do not count.
    NetworkIdle {
        /// How long.
        quiet: Duration,
    },
    /// There is an element that this CSS selector fits.
    Selector(String),
    /// The `load` event, and then this long.
    Fixed(Duration),
}

/// The window that a page is shown in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Viewport {
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
    /// Device pixels for one CSS pixel.
    pub scale: f64,
    /// Whether it is that of a phone: touch, the page's own `viewport` heeded, and a phone's user agent unless one is
    /// given.
    pub mobile: bool,
}

impl Viewport {
    /// A phone of middling size.
    pub const PHONE: Self = Self { width: 412, height: 915, scale: 2.0, mobile: true };
}

impl Default for Viewport {
    /// A desktop's 1280 by 800.
    fn default() -> Self {
        Self { width: 1280, height: 800, scale: 1.0, mobile: false }
    }
}

/// A cookie (RFC 6265) that is there from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// For which hosts; `None`: the page's own alone.
    pub domain: Option<String>,
    /// For which paths; `None`: as the page's URL implies.
    pub path: Option<String>,
}

impl Cookie {
    pub(crate) fn at<'c>(&'c self, url: &'c str) -> CookieParam<'c> {
        let Self { name, value, domain, path } = self;
        CookieParam { name, value, url, domain: domain.as_deref(), path: path.as_deref() }
    }
}

/// What is not loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Block {
    /// Pictures.
    pub images: bool,
    /// Sound and film.
    pub media: bool,
    /// Fonts.
    pub fonts: bool,
    /// What comes from a short list of well-known hosts of advertisements and trackers.
    pub ads: bool,
}

/// Something to do with a page. Selectors are CSS (Selectors Level 4); the first element that fits is meant.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Clicks into the middle of an element.
    Click {
        /// Which.
        selector: String,
    },
    /// Gives the focus to an element and writes into it.
    Type {
        /// Which.
        selector: String,
        /// What.
        text: String,
    },
    /// Presses and releases a key.
    Press {
        /// Which.
        key: Key,
    },
    /// Scrolls.
    Scroll(Scroll),
    /// Waits for what a page is waited for.
    Wait(WaitRule),
    /// Takes a picture.
    Screenshot(Screenshot),
    /// Runs a script in the page, waits for its promise and gives its value as JSON. Refused unless the
    /// [configuration](crate::BrowserConfig::scripts) allows it.
    Script {
        /// An expression of JavaScript.
        source: String,
    },
}

/// Where to scroll.
#[derive(Debug, Clone, PartialEq)]
pub enum Scroll {
    /// Down by so many CSS pixels; up if negative.
    By(i32),
    /// To the end of the page.
    ToEnd,
    /// Until this element is in the middle.
    To(String),
}

/// A key, by its name in the [UI Events standard](https://www.w3.org/TR/uievents-key/).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the standard's")]
pub enum Key {
    Enter,
    Tab,
    Escape,
    Backspace,
    Delete,
    Space,
    ArrowUp,
    ArrowDown,
    ArrowLeft,
    ArrowRight,
    PageUp,
    PageDown,
    Home,
    End,
}

/// A picture of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Screenshot {
    /// How much of it.
    pub area: Area,
    /// In which format.
    pub format: ImageFormat,
}

impl Default for Screenshot {
    /// What the window shows, as PNG.
    fn default() -> Self {
        Self { area: Area::Viewport, format: ImageFormat::Png }
    }
}

/// How much of a page a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Area {
    /// What the window shows.
    Viewport,
    /// The whole page, up to 16384 CSS pixels high.
    FullPage,
}

/// The format of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg {
        /// From 0 to 100.
        quality: u8,
    },
    /// WebP.
    WebP {
        /// From 0 to 100.
        quality: u8,
    },
}

/// How a page is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Pdf {
    /// Wider than high.
    pub landscape: bool,
    /// Letter rather than A4.
    pub letter: bool,
    /// With the backgrounds.
    pub background: bool,
}
