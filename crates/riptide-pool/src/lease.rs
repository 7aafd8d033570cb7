//! The right to use something that must be cleaned up, exactly once, whatever happens.
//!
//! A [`Lease`] owns what it lends together with the permit for it. [`Lease::release`] is the way to end it; a lease that
//! is dropped instead hands what it holds to a [`Reaper`], which cleans it up on a thread of its own. Either way the
//! permit goes back last, when what it stood for is gone.

use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::time::{Duration, Instant};

use riptide_types::Tenant;

use crate::reaper::Leak;
use crate::{Clock, Permit, Reaper, within};

/// Something that can be lent.
pub trait Resource: Send + Sized + 'static {
    /// What it is called where a leak is told, such as `instance` or `browser`.
    const NAME: &'static str;

    /// How an orderly end went.
    type Outcome: Send;

    /// Ends it in an orderly way. May be dropped at any await: then [`Resource::abandon`] follows.
    fn close(&mut self) -> impl Future<Output = Self::Outcome> + Send;

    /// Ends it at once, whatever state it is in. May block; runs on the reaper's thread.
    fn abandon(self);
}

/// What ended by [`Lease::release`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Released<T> {
    /// In an orderly way.
    Closed(T),
    /// Not in time; the reaper cleans up.
    TimedOut,
}

/// Something lent to a tenant. [`Lease::release`] ends it in an orderly way; what is dropped instead, a [`Reaper`] cleans up.
pub struct Lease<R: Resource> {
    /// Taken out only by what consumes the lease.
    held: Option<Held<R>>,
}

struct Held<R> {
    resource: R,
    terms: Terms,
}

/// Under which terms something is lent.
pub struct Terms {
    /// The right to it.
    pub permit: Permit,
    /// When the tenant wants to be done with it; `None`: no matter when.
    pub deadline: Option<Instant>,
    /// Who cleans up after a lease that is dropped.
    pub reaper: Reaper,
    /// Where it was taken.
    pub place: &'static Location<'static>,
}

impl<R: Resource> Lease<R> {
    /// Lends `resource` under the terms.
    #[must_use]
    pub fn new(resource: R, terms: Terms) -> Self {
        Self { held: Some(Held { resource, terms }) }
    }

    /// To whom it is lent.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        self.held().terms.permit.tenant()
    }

    /// When the tenant wants to be done with it.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.held().terms.deadline
    }

    /// Ends the lease in an orderly way, within `limit`. Dropping the future before it is done is no leak of anything:
    /// the reaper does the rest then, and after the limit.
    pub async fn release(mut self, clock: &Clock, limit: Duration) -> Released<R::Outcome> {
        let Some(held) = &mut self.held else { return Released::TimedOut };
        let Some(outcome) = within(clock, limit, held.resource.close()).await else {
            return Released::TimedOut;
        };
        // Done: from here on there is nothing left to clean up but the permit.
        self.held = None;
        Released::Closed(outcome)
    }

    /// Ends the lease by a function that may block.
    pub fn release_with<T>(mut self, close: impl FnOnce(R) -> T) -> Option<T> {
        self.held.take().map(|Held { resource, terms }| {
            let outcome = close(resource);
            drop(terms);
            outcome
        })
    }

    #[expect(clippy::expect_used, reason = "what empties a lease consumes it")]
    fn held(&self) -> &Held<R> {
        self.held.as_ref().expect("a lease that is there holds something")
    }
}

impl<R: Resource> Deref for Lease<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.held().resource
    }
}

impl<R: Resource> DerefMut for Lease<R> {
    #[expect(clippy::expect_used, reason = "what empties a lease consumes it")]
    fn deref_mut(&mut self) -> &mut R {
        &mut self.held.as_mut().expect("a lease that is there holds something").resource
    }
}

impl<R: Resource> Drop for Lease<R> {
    fn drop(&mut self) {
        if let Some(Held { resource, terms }) = self.held.take() {
            let Terms { permit, reaper, place, .. } = terms;
            let tenant = permit.tenant().clone();
            reaper.hand_over(Leak { resource: R::NAME, tenant, place }, move || {
                resource.abandon();
                drop(permit);
            });
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
