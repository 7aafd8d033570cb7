//! Where the extractor runs.

use std::any::Any;
use std::num::NonZero;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use riptide_events::{Event, EventBus};
use riptide_sandbox::{BUILT_IN_PDF, Extractor, Request, Sandbox, SandboxError};
use tokio::sync::Semaphore;

use crate::registry::{OnFailure, Reload, Route};
use crate::{
    ContentKind, Document, Error, Explanation, ExtractionError, ExtractionMode, Failure, Focus, Model, Page,
    Tenant, redacted,
};

/// Where the extractor runs.
pub(crate) enum Engine {
    /// In this process, without limits.
    Native(Native),
    /// In a fresh instance for each document.
    Sandboxed(Sandboxed),
}

/// A sandbox and what runs in it.
pub(crate) struct Sandboxed {
    pub(crate) sandbox: Sandbox,
    /// For pages that no registry knows another one for.
    pub(crate) extractor: Extractor,
    pub(crate) registry: Option<Registered>,
    /// For PDF documents; made ready when the first one comes.
    pub(crate) pdf: PdfExtractor,
    pub(crate) events: EventBus,
}

/// The extractors of a registry.
pub(crate) struct Registered {
    pub(crate) reload: Reload,
    /// Does the work of those that fail, where the registry wants that.
    pub(crate) built_in: Extractor,
}

impl Engine {
    /// Runs the extractor on one page.
    pub(crate) async fn extract(
        &self,
        tenant: Tenant,
        page: Page,
        mode: &ExtractionMode,
        caller: Caller,
    ) -> Result<Document, Error> {
        match self {
            Self::Sandboxed(sandboxed) => sandboxed.extract(tenant, page, mode).await,
            Self::Native(native) => {
                let model = Arc::clone(&native.model);
                let extract = move |page: &Page, mode: &ExtractionMode| {
                    guarded(page, || riptide_extract::extract_with(&model, page, mode))
                };
                native.run(caller, page, mode, extract).await
            }
        }
    }

    /// Runs the extractor for PDF documents on one of them.
    pub(crate) async fn extract_pdf(
        &self,
        tenant: Tenant,
        page: Page,
        mode: &ExtractionMode,
        caller: Caller,
    ) -> Result<Document, Error> {
        let sandboxed = match self {
            Self::Sandboxed(sandboxed) => sandboxed,
            Self::Native(native) => {
                let extract =
                    |page: &Page, mode: &ExtractionMode| guarded(page, || riptide_pdf::extract(page, mode));
                return native.run(caller, page, mode, extract).await;
            }
        };
        let url = redacted(&page.url);
        let request = Request { tenant, page, mode: mode.clone() };
        let done = match sandboxed.pdf.extractor(&sandboxed.sandbox, caller).await {
            Ok(extractor) => sandboxed.sandbox.extract(&extractor, request).await,
            Err(error) => Err(error),
        };
        done.map_err(|error| Error::Sandbox { url, error })
    }
}

/// Who waits for a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A thread that has nothing else to do.
    Thread,
    /// A task of a tokio runtime, whose threads must not be held up.
    Task,
}

/// The extractor for PDF documents, loaded when the first one comes.
#[derive(Clone, Default)]
pub(crate) struct PdfExtractor {
    ready: Arc<OnceLock<Extractor>>,
    /// Held while it is loaded, which may take seconds: no task waits for it.
    loading: Arc<Mutex<()>>,
}

impl PdfExtractor {
    async fn extractor(&self, sandbox: &Sandbox, caller: Caller) -> Result<Extractor, SandboxError> {
        if let Some(extractor) = self.ready.get() {
            return Ok(extractor.clone());
        }
        let (own, sandbox) = (self.clone(), sandbox.clone());
        match caller {
            Caller::Thread => own.load(&sandbox),
            // It may have to be compiled. A task that is lost with its runtime has nobody to answer to.
            Caller::Task => match tokio::task::spawn_blocking(move || own.load(&sandbox)).await {
                Ok(loaded) => loaded,
                Err(error) => Err(SandboxError::CompileFailed { reason: error.to_string() }),
            },
        }
    }

    fn load(&self, sandbox: &Sandbox) -> Result<Extractor, SandboxError> {
        let _loading = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(extractor) = self.ready.get() {
            return Ok(extractor.clone());
        }
        let extractor = sandbox.load(BUILT_IN_PDF)?;
        Ok(self.ready.get_or_init(|| extractor).clone())
    }
}

impl Drop for Sandboxed {
    /// Waits for the machine code that is being compiled: the next start needs it. The threads of the sandbox may hold it a
    /// moment longer than this, so that its own end could come too late for a program that ends now.
    fn drop(&mut self) {
        self.sandbox.wait_for_compiler();
    }
}

impl Sandboxed {
    async fn extract(&self, tenant: Tenant, page: Page, mode: &ExtractionMode) -> Result<Document, Error> {
        let url = redacted(&page.url);
        let request = Request { tenant, page, mode: mode.clone() };
        self.extract_routed(request).await.map_err(|error| Error::Sandbox { url, error })
    }

    /// Runs the extractor that is there for the page's address.
    async fn extract_routed(&self, request: Request) -> Result<Document, SandboxError> {
        if let Some(registry) = &self.registry {
            let routes = registry.reload.routes();
            if let Some(route) = routes.find(&request.page.url) {
                return self.extract_by(route, &registry.built_in, request).await;
            }
        }
        self.sandbox.extract(&self.extractor, request).await
    }

    async fn extract_by(
        &self,
        Route { extractor, on_failure, .. }: &Route,
        built_in: &Extractor,
        request: Request,
    ) -> Result<Document, SandboxError> {
        let spare = (*on_failure == OnFailure::FallBack).then(|| request.clone());
        let result = self.sandbox.extract(extractor, request).await;
        match (result, spare) {
            (Err(error), Some(request)) if error.is_component_failure() => {
                self.events.emit(Event::FellBack { digest: extractor.digest().into(), code: error.code() });
                let mut document = self.sandbox.extract(built_in, request).await?;
                document
                    .warnings
                    .insert(0, format!("the built-in extractor did the work of another: {error}"));
                Ok(document)
            }
            (result, _) => result,
        }
    }
}

/// The engine in this process.
pub(crate) struct Native {
    model: Arc<Model>,
    /// One for each document that may be worked on at a time.
    turns: Arc<Semaphore>,
}

impl Native {
    pub(crate) fn new(model: Model, jobs: NonZero<usize>) -> Self {
        let turns = Semaphore::new(jobs.get().min(Semaphore::MAX_PERMITS));
        Self { model: Arc::new(model), turns: Arc::new(turns) }
    }

    /// Runs an extractor when it is its turn: on the thread that waits for it, or on one for blocking work beside the tasks.
    async fn run(
        &self,
        caller: Caller,
        page: Page,
        mode: &ExtractionMode,
        extract: impl FnOnce(&Page, &ExtractionMode) -> Result<Document, Error> + Send + 'static,
    ) -> Result<Document, Error> {
        // Nobody closes it.
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        if caller == Caller::Thread {
            return extract(&page, mode);
        }
        let (mode, url) = (mode.clone(), redacted(&page.url));
        // The engine catches its own panics; what is left is a runtime that ends.
        let message = "the runtime ends".to_owned();
        // The turn ends with the work, whether or not anybody still waits for it.
        let work = move || {
            let _turn = turn;
            extract(&page, &mode)
        };
        tokio::task::spawn_blocking(work).await.unwrap_or(Err(Error::Panicked { url, message }))
    }

    /// Tells how the main content comes to be chosen.
    pub(crate) fn explain(&self, page: &Page, focus: Focus, reasons: usize) -> Result<Explanation, Error> {
        guarded(page, || riptide_extract::explain(&self.model, page, focus, reasons))
    }
}

/// Makes a document of text that needs no extraction, in this process.
pub(crate) fn verbatim(kind: ContentKind, page: &Page, mode: &ExtractionMode) -> Result<Document, Error> {
    guarded(page, || riptide_extract::verbatim(kind, page, mode))
}

/// Runs the engine on a page; a panic becomes an error.
fn guarded<T>(page: &Page, run: impl FnOnce() -> Result<T, ExtractionError>) -> Result<T, Error> {
    // The engine keeps no state between pages, so none can be left half-changed.
    match panic::catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(ExtractionError::InvalidUrl(url))) => {
            let url = redacted(&url);
            Err(Error::Extraction { url: url.clone(), error: ExtractionError::InvalidUrl(url) })
        }
        Ok(Err(error)) => Err(Error::Extraction { url: redacted(&page.url), error }),
        Err(payload) => Err(Error::Panicked { url: redacted(&page.url), message: panic_message(&*payload) }),
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}
