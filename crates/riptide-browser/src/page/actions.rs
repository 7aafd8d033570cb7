//! What is done with a page: actions, pictures, prints.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::events::Page;
use super::script::{quoted, selector_error};
use crate::cdp::protocol::{
    CaptureScreenshot, Clip, DispatchKey, DispatchMouse, Encoded, GetLayoutMetrics, InsertText, PrintToPdf,
};
use crate::{Action, ActionResult, Area, BrowserError, ImageFormat, Key, Pdf, Screenshot, Scroll, WaitRule};

/// What an action sets off gets this much quiet to be over.
const QUIET: Duration = Duration::from_millis(150);
/// How long that is waited for.
const SETTLE: Duration = Duration::from_secs(3);
/// CSS pixels of the highest picture: what Chromium can draw in one piece.
const HIGHEST: f64 = 16384.0;

impl Page {
    /// Does one action; `number` counts from 1, `end` is when all must be done.
    pub(super) async fn act(
        &self,
        number: usize,
        action: &Action,
        max_output: usize,
        end: Instant,
    ) -> Result<ActionResult, BrowserError> {
        match action {
            Action::Click { selector } => self.click(number, selector).await?,
            Action::Type { selector, text } => {
                let focus = format!("{FIND}.focus({{ preventScroll: false }})");
                self.with_element(number, selector, &focus).await?;
                self.call(&InsertText { text }).await?;
            }
            Action::Press { key } => self.press(*key).await?,
            Action::Scroll(scroll) => self.scroll(number, scroll).await?,
            Action::Wait(rule) => {
                let came = self.wait(rule, end).await?;
                return Ok(if came { ActionResult::Done } else { ActionResult::TimedOut });
            }
            Action::Screenshot(screenshot) => {
                return Ok(ActionResult::Screenshot(self.screenshot(*screenshot, max_output).await?));
            }
            Action::Script { source } => {
                let value = self.run(source).await?;
                let value = value.map_err(|message| BrowserError::ScriptFailed { number, message })?;
                if value.to_string().len() > max_output {
                    return Err(BrowserError::TooLarge { what: "script's answer", limit: max_output });
                }
                self.settle(end).await?;
                return Ok(ActionResult::Script(value));
            }
        }
        self.settle(end).await?;
        Ok(ActionResult::Done)
    }

    /// Gives what an action set off a moment to be over.
    async fn settle(&self, end: Instant) -> Result<(), BrowserError> {
        let end = end.min(Instant::now() + SETTLE);
        // What the page tells comes in order: with this answer there it is known whether the action leads elsewhere.
        let _ = timeout_at(end, self.evaluate("0")).await;
        self.state().stir();
        self.wait(&WaitRule::NetworkIdle { quiet: QUIET }, end).await.map(drop)
    }

    async fn click(&self, number: usize, selector: &str) -> Result<(), BrowserError> {
        let middle = self.with_element(number, selector, MIDDLE).await?;
        let coordinate = |name| middle.get(name).and_then(Value::as_f64).unwrap_or_default();
        let (x, y) = (coordinate("x"), coordinate("y"));
        for (kind, button) in [("mouseMoved", "none"), ("mousePressed", "left"), ("mouseReleased", "left")] {
            let click_count = u32::from(button == "left");
            self.call(&DispatchMouse { r#type: kind, x, y, button, click_count }).await?;
        }
        Ok(())
    }

    async fn press(&self, key: Key) -> Result<(), BrowserError> {
        let (name, code, text, number) = key.codes();
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            self.call(&DispatchKey { r#type: kind, key: name, code, text, windows_virtual_key_code: number })
                .await?;
        }
        Ok(())
    }

    async fn scroll(&self, number: usize, scroll: &Scroll) -> Result<(), BrowserError> {
        let script = match scroll {
            Scroll::By(pixels) => format!("window.scrollBy({{ top: {pixels}, behavior: 'instant' }})"),
            Scroll::ToEnd => {
                "window.scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' })"
                    .to_owned()
            }
            Scroll::To(selector) => return self.with_element(number, selector, MIDDLE).await.map(drop),
        };
        let done = self.evaluate(&script).await?;
        done.map(drop).map_err(|message| BrowserError::ScriptFailed { number, message })
    }

    /// The value of a script about an element, which it calls `FIND`.
    async fn with_element(&self, number: usize, selector: &str, script: &str) -> Result<Value, BrowserError> {
        let missing = || BrowserError::NoElement { number, selector: selector.chars().take(200).collect() };
        let valid = format!("document.querySelector({}) !== null", quoted(selector));
        let found = self.evaluate(&valid).await?.map_err(|_| selector_error(selector))?;
        if found != Value::Bool(true) {
            return Err(missing());
        }
        let script = script.replace(FIND, &format!("document.querySelector({})", quoted(selector)));
        // What throws here is an element that has gone in the meantime.
        let value = self.evaluate(&script).await?.map_err(|_| missing())?;
        if value == Value::Bool(false) { Err(missing()) } else { Ok(value) }
    }

    /// A picture.
    pub(super) async fn screenshot(&self, wanted: Screenshot, limit: usize) -> Result<Vec<u8>, BrowserError> {
        let (format, quality) = match wanted.format {
            ImageFormat::Png => ("png", None),
            ImageFormat::Jpeg { quality } => ("jpeg", Some(quality.min(100))),
            ImageFormat::WebP { quality } => ("webp", Some(quality.min(100))),
        };
        let clip = match wanted.area {
            Area::Viewport => None,
            Area::FullPage => {
                let size = self.call(&GetLayoutMetrics {}).await?.css_content_size;
                let (width, height) = (size.width.clamp(1.0, HIGHEST), size.height.clamp(1.0, HIGHEST));
                Some(Clip { x: 0.0, y: 0.0, width, height, scale: 1.0 })
            }
        };
        let capture_beyond_viewport = clip.is_some();
        let taken = self.call(&CaptureScreenshot { format, quality, clip, capture_beyond_viewport }).await?;
        decoded(&taken, "screenshot", limit)
    }

    /// A print.
    pub(super) async fn pdf(&self, wanted: Pdf, limit: usize) -> Result<Vec<u8>, BrowserError> {
        // In inches: letter, and A4.
        let (paper_width, paper_height) = if wanted.letter { (8.5, 11.0) } else { (8.27, 11.69) };
        let printed = self
            .call(&PrintToPdf {
                landscape: wanted.landscape,
                print_background: wanted.background,
                paper_width,
                paper_height,
                prefer_css_page_size: false,
            })
            .await?;
        decoded(&printed, "PDF", limit)
    }

    /// Does all actions in turn, until `end` at the latest.
    pub(super) async fn act_all(
        &self,
        actions: &[Action],
        max_output: usize,
        end: Instant,
    ) -> Result<Vec<ActionResult>, BrowserError> {
        let mut results = Vec::new();
        for (action, number) in actions.iter().zip(1..) {
            let acting = self.act(number, action, max_output, end);
            match timeout_at(end, acting).await {
                Ok(result) => results.push(result?),
                Err(_) => results.push(ActionResult::TimedOut),
            }
        }
        Ok(results)
    }
}

/// Stands in a script for the element that it is about.
const FIND: &str = "ELEMENT";

/// Scrolls an element into the middle of the window and tells where its own middle is; `false` if it takes no room.
const MIDDLE: &str = "(element => {
    element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && { x: box.x + box.width / 2, y: box.y + box.height / 2 };
})(ELEMENT)";

fn decoded(encoded: &Encoded, what: &'static str, limit: usize) -> Result<Vec<u8>, BrowserError> {
    let bytes = BASE64_STANDARD
        .decode(&encoded.data)
        .map_err(|error| BrowserError::Protocol { message: format!("the {what}: {error}") })?;
    if bytes.len() > limit { Err(BrowserError::TooLarge { what, limit }) } else { Ok(bytes) }
}

impl Key {
    /// Name and code by the UI Events standard, the text that it writes, and the number that old pages know it by.
    fn codes(self) -> (&'static str, &'static str, &'static str, u32) {
        match self {
            Self::Enter => ("Enter", "Enter", "\r", 13),
            Self::Tab => ("Tab", "Tab", "", 9),
            Self::Escape => ("Escape", "Escape", "", 27),
            Self::Backspace => ("Backspace", "Backspace", "", 8),
            Self::Delete => ("Delete", "Delete", "", 46),
            Self::Space => (" ", "Space", " ", 32),
            Self::ArrowUp => ("ArrowUp", "ArrowUp", "", 38),
            Self::ArrowDown => ("ArrowDown", "ArrowDown", "", 40),
            Self::ArrowLeft => ("ArrowLeft", "ArrowLeft", "", 37),
            Self::ArrowRight => ("ArrowRight", "ArrowRight", "", 39),
            Self::PageUp => ("PageUp", "PageUp", "", 33),
            Self::PageDown => ("PageDown", "PageDown", "", 34),
            Self::Home => ("Home", "Home", "", 36),
            Self::End => ("End", "End", "", 35),
        }
    }
}
