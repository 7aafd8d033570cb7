//! Pages run in a browser: the options for that, and `riptide screenshot`.

use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, ValueEnum, ValueHint};
use riptide::{
    Area, Block, BrowserConfig, ImageFormat, Pdf, Render, RenderRequest, Riptide, ScrapeRequest, Screenshot,
    Viewport, Wait, WaitRule, redacted,
};
use url::Url;

use crate::args::{ScreenshotArgs, positive_duration, usage};
use crate::exit::{self, Exit};
use crate::progress::say;
use crate::web::Web;

/// How pages are run in a browser.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pages run in a browser")]
pub(crate) struct BrowserArgs {
    /// Chromium's program [default: found on the PATH]
    #[arg(long, value_name = "PROGRAM", value_hint = ValueHint::ExecutablePath)]
    pub(crate) browser: Option<PathBuf>,

    /// Pages to run at once, each in a browser of its own
    #[arg(long, value_name = "N", default_value_t = BrowserConfig::default().browsers)]
    pub(crate) browsers: NonZero<usize>,

    /// Time for a page in the browser
    #[arg(long, value_name = "DURATION", value_parser = positive_duration, default_value = "30s")]
    pub(crate) render_timeout: humantime::Duration,

    /// What to wait for before the page is read: `idle` for a pause of its requests, a duration such as 2s, or a CSS
    /// selector
    #[arg(long, value_name = "WHAT", default_value = "idle")]
    pub(crate) wait_for: WaitFor,

    /// The longest wait; then the page is read as it is
    #[arg(long, value_name = "DURATION", value_parser = positive_duration, default_value = "10s")]
    pub(crate) wait_limit: humantime::Duration,

    /// What the page is not given
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_enum)]
    pub(crate) block: Vec<Blocked>,

    /// The size of the browser's window, in CSS pixels
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "1280x800")]
    pub(crate) viewport: WindowSize,

    /// Be a telephone
    #[arg(long)]
    pub(crate) mobile: bool,

    /// The reader's language, such as de-DE
    #[arg(long, value_name = "TAG")]
    pub(crate) locale: Option<String>,
}

impl BrowserArgs {
    /// The settings of the browsers, which call themselves `user_agent` if that is given.
    pub(crate) fn config(&self, user_agent: Option<String>) -> BrowserConfig {
        BrowserConfig {
            program: self.browser.clone(),
            browsers: self.browsers,
            warm: 0,
            user_agent,
            ..BrowserConfig::default()
        }
    }

    /// How a page is run.
    pub(crate) fn page(&self, url: Url) -> RenderRequest {
        let kinds = |kind| self.block.contains(&kind);
        let WindowSize { width, height } = self.viewport;
        let viewport =
            if self.mobile { Viewport::PHONE } else { Viewport { width, height, ..Viewport::default() } };
        RenderRequest {
            deadline: Duration::from(self.render_timeout),
            wait: Wait { rule: self.wait_for.0.clone(), limit: Duration::from(self.wait_limit) },
            viewport,
            locale: self.locale.clone(),
            block: Block {
                images: kinds(Blocked::Images),
                media: kinds(Blocked::Media),
                fonts: kinds(Blocked::Fonts),
                ads: kinds(Blocked::Ads),
            },
            ..RenderRequest::new(url)
        }
    }
}

/// Whether pages are run in a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RenderChoice {
    /// Those whose scripts make their content
    Auto,
    /// None
    Never,
    /// All; what is no page, such as a feed or a PDF document, is taken as it comes
    Always,
}

impl From<RenderChoice> for Render {
    fn from(choice: RenderChoice) -> Self {
        match choice {
            RenderChoice::Auto => Self::Auto,
            RenderChoice::Never => Self::Never,
            RenderChoice::Always => Self::Always,
        }
    }
}

/// What a page is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Blocked {
    /// Pictures
    Images,
    /// Films and recordings
    Media,
    /// Fonts
    Fonts,
    /// Advertisements and trackers
    Ads,
}

/// What is waited for.
#[derive(Debug, Clone)]
pub(crate) struct WaitFor(WaitRule);

impl FromStr for WaitFor {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(match (text, text.parse::<humantime::Duration>()) {
            ("idle", _) => Wait::default().rule,
            (_, Ok(time)) => WaitRule::Fixed(time.into()),
            (selector, Err(_)) => WaitRule::Selector(selector.to_owned()),
        }))
    }
}

/// Width and height in CSS pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WindowSize {
    width: u32,
    height: u32,
}

impl FromStr for WindowSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sides = text
            .split_once('x')
            .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
        match sides {
            Some((width @ 1.., height @ 1..)) => Ok(Self { width, height }),
            _ => Err("expected a width and a height such as 1280x800".to_owned()),
        }
    }
}

/// What a file's name says that it is to hold.
enum Picture {
    Image(ImageFormat),
    Pdf,
}

impl Picture {
    fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match extension.as_str() {
            "png" => Self::Image(ImageFormat::Png),
            "jpg" | "jpeg" => Self::Image(ImageFormat::Jpeg { quality: 85 }),
            "webp" => Self::Image(ImageFormat::WebP { quality: 85 }),
            "pdf" => Self::Pdf,
            _ => return None,
        })
    }
}

/// Runs `riptide screenshot`.
pub(crate) fn screenshot(args: &ScreenshotArgs) -> anyhow::Result<Exit> {
    let picture = Picture::of(&args.output).ok_or_else(|| {
        usage(
            "screenshot",
            "--output names no picture; expected a name that ends in .png, .jpg, .webp or .pdf",
        )
    })?;
    let riptide = Riptide::builder()
        .native(true)
        .fetch(args.web.config(riptide::FetchLimits::default().body, None)?)
        .browse(args.browser.config(args.web.user_agent.clone()))
        .build()?;
    let mut request = ScrapeRequest {
        fetch: args.web.request(args.url.clone()),
        page: args.browser.page(args.url.clone()),
        ..ScrapeRequest::new(args.url.clone())
    };
    match picture {
        Picture::Image(format) => {
            let area = if args.full_page { Area::FullPage } else { Area::Viewport };
            request.page.screenshot = Some(Screenshot { area, format });
        }
        Picture::Pdf => request.page.pdf = Some(Pdf::default()),
    }
    let web = Web::new(&riptide, &args.web)?;
    let rendered = match web.render(&request) {
        Ok(rendered) => rendered,
        Err(error) => return Ok(exit::of_one("screenshot", &args.url, &error)),
    };
    for warning in &rendered.warnings {
        say(&format!("riptide: warning: {}: {warning}", redacted(args.url.as_str())));
    }
    let bytes = rendered.screenshot.or(rendered.pdf).context("the browser gave no picture")?;
    fs::write(&args.output, bytes)
        .with_context(|| format!("{}: cannot be written", args.output.display()))?;
    Ok(Exit::Ok)
}
