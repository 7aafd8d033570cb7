use std::sync::Arc;
use std::time::Instant;

use riptide_events::LeaseEnd;
use riptide_pool::Lease;
use riptide_types::{Document, ExtractionMode, Page, Tenant};
use wasmtime::component::{ComponentNamedList, Lift, Lower};

use crate::component::{Function, Loaded};
use crate::contract::extract_params;
use crate::engine::Stop;
use crate::extractor::{Place, Tiers};
use crate::instance::{Instance, Term};
use crate::sandbox::{Runtime, document};
use crate::{ComponentInfo, SandboxError};

/// An instance, lent to a tenant for one call. The call ends the lease, and so does [`InstanceLease::release`]. A lease
/// that is dropped is cleaned up too, but counts as leaked; see [`Sandbox::leaks`](crate::Sandbox::leaks).
pub struct InstanceLease {
    lease: Lease<Instance>,
    tiers: Arc<Tiers>,
    runtime: Arc<Runtime>,
}

/// A lease whose call is over.
pub(crate) struct Used {
    pub(crate) lease: InstanceLease,
    pub(crate) tiers: Arc<Tiers>,
    pub(crate) end: LeaseEnd,
}

impl InstanceLease {
    pub(crate) fn new(lease: Lease<Instance>, tiers: Arc<Tiers>, runtime: Arc<Runtime>) -> Self {
        Self { lease, tiers, runtime }
    }

    /// To whom it is lent.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        self.lease.tenant()
    }

    /// When its call must be over.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.lease.deadline()
    }

    /// Extracts a page. The component begins at once; dropping the future stops it.
    ///
    /// # Errors
    /// As [`Sandbox::extract`](crate::Sandbox::extract).
    pub fn extract(
        self,
        page: Page,
        mode: ExtractionMode,
    ) -> impl Future<Output = Result<Document, SandboxError>> + Send + use<> {
        let running = self.start(extract_params(page, mode), |component| &component.extract);
        async { document(running.await) }
    }

    /// Asks the component what it is.
    ///
    /// # Errors
    /// As [`Sandbox::extract`](crate::Sandbox::extract).
    pub fn describe(self) -> impl Future<Output = Result<ComponentInfo, SandboxError>> + Send + use<> {
        let running = self.start((), |component| &component.describe);
        async { running.await.map(|(info,)| info.into()) }
    }

    /// Lets the component extract a page whose answer it knows.
    ///
    /// # Errors
    /// [`SandboxError::Unhealthy`] when the answer is another, else as [`Sandbox::extract`](crate::Sandbox::extract).
    pub fn check_health(self) -> impl Future<Output = Result<(), SandboxError>> + Send + use<> {
        let running = self.start((), |component| &component.check_health);
        async {
            running.await.and_then(|(health,)| health.map_err(|reason| SandboxError::Unhealthy { reason }))
        }
    }

    /// Gives the instance back without a call.
    pub async fn release(self) {
        self.finish(LeaseEnd::Kept);
    }

    fn start<P, R>(
        self,
        params: P,
        function: fn(&Loaded) -> &Function<P, R>,
    ) -> impl Future<Output = Result<R, SandboxError>> + Send + use<P, R>
    where
        P: ComponentNamedList + Lower + Send + 'static,
        R: ComponentNamedList + Lift + Send + 'static,
    {
        let runtime = Arc::clone(&self.runtime);
        runtime.run(move |stop| self.call(params, function, stop))
    }

    /// Calls a function of the component. Belongs on a guest thread.
    pub(crate) fn call<P, R>(
        mut self,
        params: P,
        function: fn(&Loaded) -> &Function<P, R>,
        stop: &Stop,
    ) -> (Result<R, SandboxError>, Option<Used>)
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift + 'static,
    {
        let limits = self.runtime.config.limits(self.tenant());
        let term = Term { deadline: self.deadline(), ..self.runtime.term(limits, stop) };
        let result = self.lease.call(function, params, &term);
        let end = match &result {
            Ok(_) => LeaseEnd::Destroyed,
            Err(SandboxError::Cancelled) => LeaseEnd::Cancelled,
            Err(_) => LeaseEnd::Poisoned,
        };
        let tiers = Arc::clone(&self.tiers);
        (result, Some(Used { lease: self, tiers, end }))
    }

    /// Ends the lease: has the instance wait for another call, if it may, or destroys it.
    pub(crate) fn finish(self, end: LeaseEnd) {
        let Self { lease, tiers, runtime } = self;
        lease.release_with(|mut instance| {
            let Some(booking) = instance.unbook() else { return };
            let may_wait = matches!(end, LeaseEnd::Kept | LeaseEnd::Destroyed)
                && instance.calls() < runtime.config.documents_per_instance.get();
            let place =
                may_wait.then(|| Place::reserve(&runtime.waiting, runtime.config.tiers.hot)).flatten();
            let end = match place {
                // Nothing of the tenant has entered it.
                Some(place) if instance.calls() == 0 => tiers.make_ready(place.fill(instance)),
                Some(place) => tiers.keep(booking.tenant().clone(), place.fill(instance)),
                None => {
                    drop(instance);
                    if end == LeaseEnd::Kept { LeaseEnd::Destroyed } else { end }
                }
            };
            booking.end(end);
        });
    }
}

/// A lease that its taker has not seen yet: if it never does, that is no leak.
pub(crate) struct Offer(Option<InstanceLease>);

impl Offer {
    pub(crate) fn new(lease: InstanceLease) -> Self {
        Self(Some(lease))
    }

    pub(crate) fn accept(mut self) -> Result<InstanceLease, SandboxError> {
        self.0.take().ok_or(SandboxError::Cancelled)
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        if let Some(lease) = self.0.take() {
            lease.finish(LeaseEnd::Cancelled);
        }
    }
}
