//! The events that are heard, as the protocol describes them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

/// `Target.attachedToTarget`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attached {
    pub(crate) session_id: String,
    pub(crate) target_info: TargetInfo,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TargetInfo {
    pub(crate) target_id: String,
    pub(crate) r#type: String,
    pub(crate) browser_context_id: Option<String>,
}

/// `Target.detachedFromTarget`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Detached {
    pub(crate) session_id: String,
}

/// `Page.frameNavigated`
#[derive(Debug, Deserialize)]
pub(crate) struct FrameNavigated {
    pub(crate) frame: Frame,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Frame {
    pub(crate) parent_id: Option<String>,
    pub(crate) loader_id: String,
    pub(crate) unreachable_url: Option<String>,
}

/// `Page.frameRequestedNavigation`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NavigationRequested<'m> {
    pub(crate) frame_id: String,
    #[serde(borrow)]
    pub(crate) disposition: Cow<'m, str>,
}

/// `Page.frameScheduledNavigation`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NavigationScheduled {
    pub(crate) frame_id: String,
    /// In seconds.
    pub(crate) delay: f64,
}

/// `Page.frameStoppedLoading`, `Page.frameClearedScheduledNavigation`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoppedLoading {
    pub(crate) frame_id: String,
}

/// `Page.javascriptDialogOpening`
#[derive(Debug, Deserialize)]
pub(crate) struct DialogOpening {
    pub(crate) message: String,
    pub(crate) r#type: String,
}

/// `Browser.downloadWillBegin`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DownloadWillBegin {
    pub(crate) frame_id: String,
    pub(crate) url: String,
}

/// `Network.requestWillBeSent`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestWillBeSent<'m> {
    pub(crate) request_id: String,
    #[serde(borrow, default)]
    pub(crate) loader_id: Cow<'m, str>,
    #[serde(borrow)]
    pub(crate) request: Request<'m>,
    #[serde(borrow)]
    pub(crate) redirect_response: Option<Response<'m>>,
    #[serde(borrow, default)]
    pub(crate) r#type: Cow<'m, str>,
    pub(crate) frame_id: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Request<'m> {
    #[serde(borrow)]
    pub(crate) url: Cow<'m, str>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
}

/// `Network.responseReceived`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResponseReceived<'m> {
    #[serde(borrow)]
    pub(crate) request_id: Cow<'m, str>,
    #[serde(borrow)]
    pub(crate) response: Response<'m>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Response<'m> {
    #[serde(borrow)]
    pub(crate) url: Cow<'m, str>,
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
}

/// `Network.loadingFinished`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoadingFinished {
    pub(crate) request_id: String,
}

/// `Network.loadingFailed`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoadingFailed {
    pub(crate) request_id: String,
}

/// `Fetch.requestPaused`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestPaused<'m> {
    pub(crate) request_id: String,
    #[serde(borrow)]
    pub(crate) request: Request<'m>,
    pub(crate) frame_id: String,
    #[serde(borrow)]
    pub(crate) resource_type: Cow<'m, str>,
}

/// `Fetch.authRequired`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthRequired {
    pub(crate) request_id: String,
}
