//! Who may start next: a fixed number of permits, shared out fairly between tenants.
//!
//! Each tenant waits in a queue of its own. A free permit goes to the tenant that has had the least so far, counted in
//! time of use divided by weight (stride scheduling: Waldspurger and Weihl, 1995). A tenant that comes back from a pause
//! has saved nothing up.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::future::Future;
use std::num::NonZero;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use riptide_types::Tenant;

use crate::sync::{Arc, Mutex, lock};
use crate::{Alarm, Clock, Refusal, RefusalReason};

/// What a tenant is charged before it is known how long it really takes.
const FIRST_ESTIMATE: Duration = Duration::from_millis(10);
/// A new time of use counts as one part in this many of the running average.
const AVERAGED_OVER: u32 = 8;
/// How many tenants without use and wishes are remembered, with what they had beyond their share.
const IDLE_ACCOUNTS: usize = 1024;
/// Retrying sooner than this cannot help.
const SHORTEST_RETRY: Duration = Duration::from_millis(10);

/// How a pool shares its permits out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmissionConfig {
    /// How many permits there are.
    pub permits: NonZero<usize>,
    /// How many requests of one tenant may wait.
    pub queue: usize,
    /// How long a request may wait.
    pub wait: Duration,
    /// What each tenant may use.
    pub shares: Shares,
}

/// What each tenant may use of a pool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shares {
    /// The share of tenants that are not named.
    pub default: Share,
    /// The shares of those that are.
    pub tenants: BTreeMap<Tenant, Share>,
}

/// What one tenant may use of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// How much it gets when others want permits too, compared with their weights.
    pub weight: NonZero<u32>,
    /// How many permits it may hold at once; `None`: all.
    pub permits: Option<NonZero<usize>>,
}

impl Default for Share {
    fn default() -> Self {
        Self { weight: NonZero::<u32>::MIN, permits: None }
    }
}

impl Shares {
    fn of(&self, tenant: &Tenant) -> Share {
        self.tenants.get(tenant).copied().unwrap_or(self.default)
    }
}

/// Hands out the permits of one pool. Clones hand out the same.
#[derive(Clone)]
pub struct Admission(Arc<Shared>);

struct Shared {
    clock: Clock,
    config: AdmissionConfig,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tenants: HashMap<Tenant, Account>,
    waiters: HashMap<u64, Waiter>,
    next: u64,
    in_use: usize,
    /// What the tenant that was served last had had by then: where newcomers start.
    served: u128,
    /// A running average of how long a permit is held.
    average: Option<Duration>,
    closed: bool,
    under_pressure: bool,
    /// Who waits for the last permit to come back.
    drained: Vec<Waker>,
}

/// What one tenant has had, has and wants.
#[derive(Default)]
struct Account {
    /// Time of use, as [`Shared::price`] counts it.
    had: u128,
    in_use: usize,
    queue: VecDeque<u64>,
}

enum Waiter {
    Waiting(Waker),
    /// The permit is its own, whether it is polled again or dropped.
    Granted(Grant),
    Refused(RefusalReason),
}

/// What was charged in advance, and since when.
#[derive(Clone, Copy)]
struct Grant {
    since: Instant,
    charged: Duration,
}

impl Admission {
    /// A pool of permits, all of them free.
    #[must_use]
    pub fn new(config: AdmissionConfig, clock: Clock) -> Self {
        Self(Arc::new(Shared { clock, config, state: Mutex::new(State::default()) }))
    }

    /// Waits for a permit. Dropping the future at any time leaves the place in the queue, or gives the permit back.
    ///
    /// # Errors
    /// A [`Refusal`] when the tenant's queue is full, the wait is over, memory is short or the pool is closed.
    pub fn acquire(&self, tenant: &Tenant) -> Acquire {
        Acquire { shared: Arc::clone(&self.0), tenant: tenant.clone(), waiting: None }
    }

    /// Refuses everybody who waits, and who comes from now on.
    pub fn close(&self) {
        let mut state = lock(&self.0.state);
        state.closed = true;
        state.refuse_all(RefusalReason::Closed);
        state.tell_drained();
    }

    /// While memory is short, refuses who would have to wait; who finds a free permit is served.
    pub fn set_pressure(&self, under_pressure: bool) {
        let mut state = lock(&self.0.state);
        state.under_pressure = under_pressure;
        if under_pressure {
            state.refuse_all(RefusalReason::Pressure);
        }
    }

    /// Waits until a closed pool has all its permits back.
    pub async fn drained(&self) {
        std::future::poll_fn(|context| {
            let mut state = lock(&self.0.state);
            if state.closed && state.in_use == 0 {
                return Poll::Ready(());
            }
            state.drained.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// How many permits are out.
    #[must_use]
    pub fn in_use(&self) -> usize {
        lock(&self.0.state).in_use
    }

    /// How many requests wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        lock(&self.0.state).waiting()
    }
}

enum Entry {
    Granted(Grant),
    Waits(u64),
}

impl Shared {
    /// Grants a free permit, or finds a place in the tenant's queue.
    fn enter(&self, state: &mut State, tenant: &Tenant, waker: &Waker) -> Result<Entry, RefusalReason> {
        if state.closed {
            return Err(RefusalReason::Closed);
        }
        let served = state.served;
        let account = state.tenants.entry(tenant.clone()).or_default();
        if account.in_use == 0 && account.queue.is_empty() {
            account.had = account.had.max(served);
        }
        // Whoever waits while a permit is free has all that its tenant may hold.
        if state.in_use < self.config.permits.get() && self.has_room(tenant, account) {
            return Ok(Entry::Granted(self.grant(state, tenant)));
        }
        if state.under_pressure {
            return Err(RefusalReason::Pressure);
        }
        if account.queue.len() >= self.config.queue {
            return Err(RefusalReason::QueueFull);
        }
        let number = state.next;
        state.next += 1;
        account.queue.push_back(number);
        state.waiters.insert(number, Waiter::Waiting(waker.clone()));
        Ok(Entry::Waits(number))
    }

    /// Ends the wait of a request when its time is over.
    fn end_wait(shared: &Arc<Self>, tenant: &Tenant, number: u64) -> Option<Alarm> {
        // A moment beyond what the clock can tell never comes.
        let end = shared.clock.now().checked_add(shared.config.wait)?;
        let (waited, tenant) = (Arc::clone(shared), tenant.clone());
        Some(shared.clock.at(end, move || {
            let mut state = lock(&waited.state);
            if let Some(Waiter::Waiting(waker)) = state.waiters.get(&number) {
                let waker = waker.clone();
                state.waiters.insert(number, Waiter::Refused(RefusalReason::Waited));
                state.leave(&tenant, number);
                waker.wake();
            }
            None
        }))
    }

    /// Gives free permits to those who wait, fairest first.
    fn dispatch(&self, state: &mut State) {
        while state.in_use < self.config.permits.get() {
            let next = state
                .tenants
                .iter()
                .filter(|(tenant, account)| !account.queue.is_empty() && self.has_room(tenant, account))
                .min_by_key(|(_, account)| (account.had, account.queue.front().copied()))
                .map(|(tenant, _)| tenant.clone());
            let Some(tenant) = next else { return };
            let number = state.tenants.get_mut(&tenant).and_then(|account| account.queue.pop_front());
            let Some(number) = number else { return };
            let grant = self.grant(state, &tenant);
            if let Some(Waiter::Waiting(waker)) = state.waiters.insert(number, Waiter::Granted(grant)) {
                waker.wake();
            }
        }
    }

    fn has_room(&self, tenant: &Tenant, account: &Account) -> bool {
        self.config.shares.of(tenant).permits.is_none_or(|permits| account.in_use < permits.get())
    }

    /// Books a permit on the tenant's account.
    fn grant(&self, state: &mut State, tenant: &Tenant) -> Grant {
        let charged = state.average.unwrap_or(FIRST_ESTIMATE);
        state.in_use += 1;
        let account = state.tenants.entry(tenant.clone()).or_default();
        state.served = state.served.max(account.had);
        account.in_use += 1;
        account.had = account.had.saturating_add(self.price(tenant, charged));
        Grant { since: self.clock.now(), charged }
    }

    /// Takes a permit back, books what it really cost, and passes it on.
    fn give_back(&self, tenant: &Tenant, grant: Grant) {
        let used = self.clock.now().saturating_duration_since(grant.since);
        let mut state = lock(&self.state);
        let average = state.average.unwrap_or(used);
        state.average = Some((average * (AVERAGED_OVER - 1) + used) / AVERAGED_OVER);
        state.in_use -= 1;
        if let Some(account) = state.tenants.get_mut(tenant) {
            account.in_use -= 1;
            let had = account.had.saturating_sub(self.price(tenant, grant.charged));
            account.had = had.saturating_add(self.price(tenant, used));
        }
        self.dispatch(&mut state);
        state.forget_idle();
        state.tell_drained();
    }

    /// What a time of use counts for a tenant: picoseconds, divided by its weight. Something at least, so that turns are
    /// taken where no time passes.
    fn price(&self, tenant: &Tenant, time: Duration) -> u128 {
        time.as_nanos().max(1) * 1000 / u128::from(self.config.shares.of(tenant).weight.get())
    }

    /// How long it takes about until a request that comes now would be served.
    fn retry_after(&self, state: &State) -> Duration {
        let ahead = state.waiting().saturating_add(state.in_use) / self.config.permits.get();
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX).max(1);
        state.average.unwrap_or(FIRST_ESTIMATE).saturating_mul(ahead).max(SHORTEST_RETRY)
    }
}

impl State {
    fn waiting(&self) -> usize {
        self.tenants.values().map(|account| account.queue.len()).sum()
    }

    fn refuse_all(&mut self, reason: RefusalReason) {
        let State { tenants, waiters, .. } = self;
        for number in tenants.values_mut().flat_map(|account| account.queue.drain(..)) {
            if let Some(Waiter::Waiting(waker)) = waiters.insert(number, Waiter::Refused(reason)) {
                waker.wake();
            }
        }
    }

    /// Leaves the queue, if it is still in there.
    fn leave(&mut self, tenant: &Tenant, number: u64) {
        if let Some(account) = self.tenants.get_mut(tenant) {
            account.queue.retain(|waiting| *waiting != number);
        }
    }

    fn tell_drained(&mut self) {
        if self.closed && self.in_use == 0 {
            self.drained.drain(..).for_each(Waker::wake);
        }
    }

    fn forget_idle(&mut self) {
        if self.tenants.len() > IDLE_ACCOUNTS {
            self.tenants.retain(|_, account| account.in_use > 0 || !account.queue.is_empty());
        }
    }
}

/// The wait for a permit; see [`Admission::acquire`].
#[must_use = "a future does nothing unless it is awaited"]
pub struct Acquire {
    shared: Arc<Shared>,
    tenant: Tenant,
    waiting: Option<Place>,
}

/// A place in a queue.
struct Place {
    number: u64,
    /// Ends the wait.
    _alarm: Option<Alarm>,
}

impl Future for Acquire {
    type Output = Result<Permit, Refusal>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let shared = Arc::clone(&self.shared);
        let mut state = lock(&shared.state);
        let outcome = match &self.waiting {
            None => match shared.enter(&mut state, &self.tenant, context.waker()) {
                Ok(Entry::Granted(grant)) => Ok(grant),
                Ok(Entry::Waits(number)) => {
                    drop(state);
                    self.waiting =
                        Some(Place { number, _alarm: Shared::end_wait(&shared, &self.tenant, number) });
                    return Poll::Pending;
                }
                Err(reason) => Err(reason),
            },
            Some(place) => match state.waiters.get_mut(&place.number) {
                Some(Waiter::Waiting(waker)) => {
                    waker.clone_from(context.waker());
                    return Poll::Pending;
                }
                Some(Waiter::Granted(grant)) => Ok(*grant),
                Some(Waiter::Refused(reason)) => Err(*reason),
                // Polled again after its end.
                None => Err(RefusalReason::Closed),
            },
        };
        if let Some(place) = &self.waiting {
            state.waiters.remove(&place.number);
        }
        let retry_after = shared.retry_after(&state);
        drop(state);
        // The alarm goes after the lock: its action takes the same lock.
        self.waiting = None;
        Poll::Ready(match outcome {
            Ok(grant) => Ok(Permit { shared, tenant: self.tenant.clone(), grant }),
            Err(reason) => Err(Refusal { tenant: self.tenant.clone(), reason, retry_after }),
        })
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        let Some(Place { number, .. }) = &self.waiting else { return };
        let mut state = lock(&self.shared.state);
        let waiter = state.waiters.remove(number);
        state.leave(&self.tenant, *number);
        drop(state);
        if let Some(Waiter::Granted(grant)) = waiter {
            self.shared.give_back(&self.tenant, grant);
        }
    }
}

/// The right to use one instance of what the pool holds; dropping it gives it back.
#[must_use = "a permit that is dropped is given back"]
pub struct Permit {
    shared: Arc<Shared>,
    tenant: Tenant,
    grant: Grant,
}

impl Permit {
    /// Who holds it.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.shared.give_back(&self.tenant, self.grant);
    }
}

#[cfg(test)]
mod tests;
