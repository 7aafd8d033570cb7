//! The commands that are used, as the protocol describes them.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::Command;

macro_rules! commands {
    ($($method:literal $name:ident $(<$life:lifetime>)? {
        $($(#[$attribute:meta])* $field:ident: $type:ty),* $(,)?
    } -> $answer:ty;)*) => {$(
        #[derive(Debug, Serialize)]
        #[serde(rename_all = "camelCase")]
        pub(crate) struct $name $(<$life>)? {
            $($(#[$attribute])* pub(crate) $field: $type),*
        }

        impl $(<$life>)? Command for $name $(<$life>)? {
            const METHOD: &'static str = $method;
            type Answer = $answer;
        }
    )*};
}

commands! {
    "Browser.getVersion" GetVersion {} -> Version;
    "Browser.close" CloseBrowser {} -> IgnoredAny;
    "Browser.setDownloadBehavior" SetDownloadBehavior<'a> {
        behavior: &'static str,
        browser_context_id: &'a str,
        events_enabled: bool,
    } -> IgnoredAny;

    "Target.createBrowserContext" CreateBrowserContext<'a> {
        dispose_on_detach: bool,
        proxy_server: &'a str,
        proxy_bypass_list: &'static str,
    } -> CreatedContext;
    "Target.disposeBrowserContext" DisposeBrowserContext<'a> { browser_context_id: &'a str } -> IgnoredAny;
    "Target.createTarget" CreateTarget<'a> { url: &'a str, browser_context_id: &'a str } -> IgnoredAny;
    "Target.closeTarget" CloseTarget<'a> { target_id: &'a str } -> IgnoredAny;
    "Target.setAutoAttach" SetAutoAttach {
        auto_attach: bool,
        wait_for_debugger_on_start: bool,
        flatten: bool,
        filter: [TargetFilter; 4],
    } -> IgnoredAny;

    "Storage.setCookies" SetCookies<'a> { cookies: Vec<CookieParam<'a>>, browser_context_id: &'a str } -> IgnoredAny;
    "Storage.getCookies" GetCookies<'a> { browser_context_id: &'a str } -> StoredCookies;

    "Page.enable" EnablePage {} -> IgnoredAny;
    "Page.navigate" Navigate<'a> { url: &'a str } -> Navigated;
    "Page.createIsolatedWorld" CreateIsolatedWorld<'a> { frame_id: &'a str, world_name: &'static str } -> World;
    "Page.handleJavaScriptDialog" HandleDialog { accept: bool } -> IgnoredAny;
    "Page.captureScreenshot" CaptureScreenshot {
        format: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        quality: Option<u8>,
        #[serde(skip_serializing_if = "Option::is_none")]
        clip: Option<Clip>,
        capture_beyond_viewport: bool,
    } -> Encoded;
    "Page.getLayoutMetrics" GetLayoutMetrics {} -> LayoutMetrics;
    "Page.printToPDF" PrintToPdf {
        landscape: bool,
        print_background: bool,
        paper_width: f64,
        paper_height: f64,
        #[serde(rename = "preferCSSPageSize")]
        prefer_css_page_size: bool,
    } -> Encoded;

    "Inspector.enable" EnableInspector {} -> IgnoredAny;
    "Network.enable" EnableNetwork { max_post_data_size: u32 } -> IgnoredAny;
    "Network.setBypassServiceWorker" SetBypassServiceWorker { bypass: bool } -> IgnoredAny;

    "Fetch.enable" EnableFetch { handle_auth_requests: bool } -> IgnoredAny;
    "Fetch.continueRequest" ContinueRequest<'a> {
        request_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        headers: Option<Vec<HeaderEntry<'a>>>,
    } -> IgnoredAny;
    "Fetch.failRequest" FailRequest<'a> { request_id: &'a str, error_reason: &'static str } -> IgnoredAny;
    "Fetch.continueWithAuth" ContinueWithAuth<'a> {
        request_id: &'a str,
        auth_challenge_response: AuthAnswer,
    } -> IgnoredAny;

    "Emulation.setDeviceMetricsOverride" SetDeviceMetrics {
        width: u32,
        height: u32,
        device_scale_factor: f64,
        mobile: bool,
    } -> IgnoredAny;
    "Emulation.setTouchEmulationEnabled" SetTouchEmulation { enabled: bool } -> IgnoredAny;
    "Emulation.setLocaleOverride" SetLocale<'a> { locale: &'a str } -> IgnoredAny;
    "Emulation.setUserAgentOverride" SetUserAgent<'a> {
        user_agent: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        accept_language: Option<&'a str>,
    } -> IgnoredAny;

    "Input.dispatchMouseEvent" DispatchMouse {
        r#type: &'static str,
        x: f64,
        y: f64,
        button: &'static str,
        click_count: u32,
    } -> IgnoredAny;
    "Input.dispatchKeyEvent" DispatchKey<'a> {
        r#type: &'static str,
        key: &'a str,
        code: &'a str,
        #[serde(skip_serializing_if = "str::is_empty")]
        text: &'a str,
        windows_virtual_key_code: u32,
    } -> IgnoredAny;
    "Input.insertText" InsertText<'a> { text: &'a str } -> IgnoredAny;

    "Runtime.evaluate" Evaluate<'a> {
        expression: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        context_id: Option<i64>,
        return_by_value: bool,
        await_promise: bool,
        user_gesture: bool,
    } -> Evaluated;
    "Runtime.runIfWaitingForDebugger" RunIfWaiting {} -> IgnoredAny;
    "Runtime.terminateExecution" TerminateExecution {} -> IgnoredAny;
}

/// Kinds of targets; the first that fits decides, and one without a kind fits all.
#[derive(Debug, Serialize)]
pub(crate) struct TargetFilter {
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    exclude: bool,
}

impl SetAutoAttach {
    /// Has pages, frames and workers told before they run, but no part of the browser's own windows.
    pub(crate) const PAGES: Self = Self {
        auto_attach: true,
        wait_for_debugger_on_start: true,
        flatten: true,
        filter: [
            TargetFilter { r#type: Some("browser_ui"), exclude: true },
            TargetFilter { r#type: Some("browser"), exclude: true },
            TargetFilter { r#type: Some("tab"), exclude: true },
            TargetFilter { r#type: None, exclude: false },
        ],
    };
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Version {
    pub(crate) product: String,
    pub(crate) user_agent: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatedContext {
    pub(crate) browser_context_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredCookies {
    pub(crate) cookies: Vec<StoredCookie>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct StoredCookie {
    pub(crate) name: String,
    pub(crate) value: String,
    /// With a leading dot if it is for the hosts below as well.
    pub(crate) domain: String,
    pub(crate) path: String,
    pub(crate) secure: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct CookieParam<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
    pub(crate) url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) domain: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<&'a str>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Navigated {
    pub(crate) error_text: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct World {
    pub(crate) execution_context_id: i64,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Clip {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) scale: f64,
}

/// Bytes in base64 (RFC 4648, section 4).
#[derive(Debug, Deserialize)]
pub(crate) struct Encoded {
    pub(crate) data: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LayoutMetrics {
    pub(crate) css_content_size: Size,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Size {
    pub(crate) width: f64,
    pub(crate) height: f64,
}

#[derive(Debug, Serialize)]
pub(crate) struct HeaderEntry<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct AuthAnswer {
    pub(crate) response: &'static str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Evaluated {
    pub(crate) result: RemoteObject,
    pub(crate) exception_details: Option<Exception>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct RemoteObject {
    #[serde(default)]
    pub(crate) value: serde_json::Value,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Exception {
    pub(crate) text: String,
    pub(crate) exception: Option<Thrown>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Thrown {
    pub(crate) description: Option<String>,
}

impl Exception {
    /// What was thrown, in one line.
    pub(crate) fn message(&self) -> String {
        let description = self.exception.as_ref().and_then(|thrown| thrown.description.as_deref());
        let line = description.unwrap_or(&self.text).lines().next().unwrap_or_default();
        line.chars().take(300).collect()
    }
}
