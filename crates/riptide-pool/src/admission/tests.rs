use std::collections::BTreeMap;

use futures::FutureExt as _;
use futures::executor::block_on;
use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn tenant(name: &str) -> Tenant {
    name.parse().unwrap()
}

fn share(weight: u32, permits: Option<usize>) -> Share {
    Share { weight: weight.try_into().unwrap(), permits: permits.map(|permits| permits.try_into().unwrap()) }
}

fn pool(permits: usize, queue: usize) -> (Admission, Clock) {
    shared_pool(permits, queue, Shares::default())
}

fn shared_pool(permits: usize, queue: usize, shares: Shares) -> (Admission, Clock) {
    let clock = Clock::manual();
    let config = AdmissionConfig { permits: permits.try_into().unwrap(), queue, wait: SECOND, shares };
    (Admission::new(config, clock.clone()), clock)
}

/// Polls once: the outcome, if it is there.
fn poll(acquire: &mut Acquire) -> Option<Result<Permit, Refusal>> {
    acquire.now_or_never()
}

fn refused(acquire: &mut Acquire) -> RefusalReason {
    poll(acquire).unwrap().err().unwrap().reason
}

#[test]
fn no_more_permits_are_out_than_there_are() {
    let (pool, _) = pool(2, 10);
    let one = block_on(pool.acquire(&tenant("a"))).unwrap();
    let two = block_on(pool.acquire(&tenant("b"))).unwrap();
    let mut third = pool.acquire(&tenant("a"));
    assert!(poll(&mut third).is_none());
    assert_eq!((pool.in_use(), pool.waiting()), (2, 1));
    drop(one);
    let three = poll(&mut third).unwrap().unwrap();
    assert_eq!((pool.in_use(), pool.waiting()), (2, 0));
    drop((two, three));
    assert_eq!(pool.in_use(), 0);
}

#[test]
fn a_full_queue_refuses_its_own_tenant_alone_and_says_when_to_come_back() {
    let (pool, clock) = pool(1, 2);
    let held = block_on(pool.acquire(&tenant("loud"))).unwrap();
    let mut waiting: Vec<_> = (0..2).map(|_| pool.acquire(&tenant("loud"))).collect();
    assert!(waiting.iter_mut().all(|acquire| poll(acquire).is_none()));
    let refusal = poll(&mut pool.acquire(&tenant("loud"))).unwrap().err().unwrap();
    assert_eq!(refusal.reason, RefusalReason::QueueFull);
    assert_eq!(refusal.retry_after, FIRST_ESTIMATE * 3);
    assert!(poll(&mut pool.acquire(&tenant("quiet"))).is_none());
    clock.advance(SECOND / 2);
    drop(held);
    let held = poll(&mut waiting[0]).unwrap().unwrap();
    let mut another = pool.acquire(&tenant("loud"));
    assert!(poll(&mut another).is_none());
    // Half a second each, for the one that holds the permit and the two that wait.
    let refusal = poll(&mut pool.acquire(&tenant("loud"))).unwrap().err().unwrap();
    assert_eq!(refusal.retry_after, SECOND * 3 / 2);
    drop(held);
}

#[test]
fn a_wait_ends_when_its_time_is_over() {
    let (pool, clock) = pool(1, 2);
    let held = block_on(pool.acquire(&tenant("a"))).unwrap();
    let mut waiting = pool.acquire(&tenant("a"));
    assert!(poll(&mut waiting).is_none());
    clock.advance(SECOND / 2);
    assert!(poll(&mut waiting).is_none());
    clock.advance(SECOND / 2);
    assert_eq!(refused(&mut waiting), RefusalReason::Waited);
    assert_eq!(pool.waiting(), 0);
    drop(held);
    assert_eq!(pool.in_use(), 0);
}

#[test]
fn whoever_stops_waiting_leaves_the_queue() {
    let (pool, _) = pool(1, 2);
    let held = block_on(pool.acquire(&tenant("a"))).unwrap();
    let mut gone = pool.acquire(&tenant("a"));
    let mut stays = pool.acquire(&tenant("a"));
    assert!(poll(&mut gone).is_none() && poll(&mut stays).is_none());
    drop(gone);
    assert_eq!(pool.waiting(), 1);
    drop(held);
    assert!(poll(&mut stays).unwrap().is_ok());
}

#[test]
fn a_permit_granted_to_one_who_has_just_left_goes_on_to_the_next() {
    let (pool, _) = pool(1, 2);
    let held = block_on(pool.acquire(&tenant("a"))).unwrap();
    let mut gone = pool.acquire(&tenant("a"));
    let mut stays = pool.acquire(&tenant("a"));
    assert!(poll(&mut gone).is_none() && poll(&mut stays).is_none());
    drop(held);
    drop(gone);
    let held = poll(&mut stays).unwrap().unwrap();
    assert_eq!(pool.in_use(), 1);
    drop(held);
    assert_eq!(pool.in_use(), 0);
}

#[test]
fn a_small_tenant_is_served_next_however_many_a_large_one_has_waiting() {
    let (pool, clock) = pool(1, 100);
    let mut held = block_on(pool.acquire(&tenant("large"))).unwrap();
    let mut large: Vec<_> = (0..50).map(|_| pool.acquire(&tenant("large"))).collect();
    assert!(large.iter_mut().all(|acquire| poll(acquire).is_none()));
    for _ in 0..10 {
        let mut small = pool.acquire(&tenant("small"));
        assert!(poll(&mut small).is_none());
        clock.advance(Duration::from_millis(10));
        drop(held);
        let served = poll(&mut small).unwrap().unwrap();
        clock.advance(Duration::from_millis(10));
        drop(served);
        held = large.iter_mut().find_map(poll).unwrap().unwrap();
    }
}

/// Serves a hundred turns, each as long as its tenant's turns are, while both tenants always have one waiting; returns
/// how many each had.
fn turns(pool: &Admission, clock: &Clock, lengths: &[(&str, Duration)]) -> BTreeMap<Tenant, u32> {
    let mut held = block_on(pool.acquire(&tenant("first"))).unwrap();
    let mut waiting: Vec<_> =
        lengths.iter().map(|(name, length)| (pool.acquire(&tenant(name)), *length)).collect();
    assert!(waiting.iter_mut().all(|(acquire, _)| poll(acquire).is_none()));
    let mut served = BTreeMap::new();
    for _ in 0..100 {
        drop(held);
        let (permit, place) = waiting
            .iter_mut()
            .enumerate()
            .find_map(|(place, (acquire, _))| Some((poll(acquire)?.unwrap(), place)))
            .unwrap();
        let (name, length) = (permit.tenant().clone(), waiting[place].1);
        waiting[place].0 = pool.acquire(&name);
        assert!(poll(&mut waiting[place].0).is_none());
        clock.advance(length);
        *served.entry(name).or_default() += 1;
        held = permit;
    }
    served
}

#[test]
fn turns_are_shared_out_by_weight() {
    let shares = Shares { tenants: [(tenant("heavy"), share(3, None))].into(), ..Shares::default() };
    let (pool, clock) = shared_pool(1, 2, shares);
    let length = Duration::from_millis(10);
    let served = turns(&pool, &clock, &[("heavy", length), ("light", length)]);
    assert!((74..=76).contains(&served["heavy"]), "{served:?}");
}

#[test]
fn time_counts_not_turns() {
    let (pool, clock) = pool(1, 2);
    let served =
        turns(&pool, &clock, &[("slow", Duration::from_millis(30)), ("quick", Duration::from_millis(10))]);
    assert!((24..=27).contains(&served["slow"]), "{served:?}");
}

#[test]
fn a_pause_saves_nothing_up() {
    let (pool, clock) = pool(1, 100);
    for _ in 0..50 {
        let held = block_on(pool.acquire(&tenant("busy"))).unwrap();
        clock.advance(SECOND / 10);
        drop(held);
    }
    let length = Duration::from_millis(10);
    let served = turns(&pool, &clock, &[("busy", length), ("back", length)]);
    assert!((45..=55).contains(&served["back"]), "{served:?}");
}

#[test]
fn a_tenant_holds_no_more_than_its_share() {
    let shares = Shares { default: share(1, Some(1)), ..Shares::default() };
    let (pool, _) = shared_pool(3, 5, shares);
    let held = block_on(pool.acquire(&tenant("a"))).unwrap();
    let mut second = pool.acquire(&tenant("a"));
    assert!(poll(&mut second).is_none());
    assert!(poll(&mut pool.acquire(&tenant("b"))).unwrap().is_ok());
    drop(held);
    assert!(poll(&mut second).unwrap().is_ok());
}

#[test]
fn short_memory_refuses_who_would_wait_and_serves_who_need_not() {
    let (pool, _) = pool(1, 5);
    let held = block_on(pool.acquire(&tenant("a"))).unwrap();
    let mut waiting = pool.acquire(&tenant("a"));
    assert!(poll(&mut waiting).is_none());
    pool.set_pressure(true);
    assert_eq!(refused(&mut waiting), RefusalReason::Pressure);
    assert_eq!(refused(&mut pool.acquire(&tenant("a"))), RefusalReason::Pressure);
    drop(held);
    let held = block_on(pool.acquire(&tenant("a"))).unwrap();
    pool.set_pressure(false);
    assert!(poll(&mut pool.acquire(&tenant("a"))).is_none());
    drop(held);
}

#[test]
fn a_closed_pool_refuses_everybody_and_drains() {
    let (pool, _) = pool(1, 5);
    let held = block_on(pool.acquire(&tenant("a"))).unwrap();
    let mut waiting = pool.acquire(&tenant("a"));
    assert!(poll(&mut waiting).is_none());
    pool.close();
    assert_eq!(refused(&mut waiting), RefusalReason::Closed);
    assert_eq!(refused(&mut pool.acquire(&tenant("a"))), RefusalReason::Closed);
    assert!(pool.drained().now_or_never().is_none());
    drop(held);
    block_on(pool.drained());
}

#[test]
fn accounts_of_tenants_that_are_gone_are_forgotten() {
    let (pool, _) = pool(1, 5);
    for number in 0..3 * IDLE_ACCOUNTS {
        drop(block_on(pool.acquire(&tenant(&format!("t{number}")))).unwrap());
    }
    assert!(lock(&pool.0.state).tenants.len() <= IDLE_ACCOUNTS + 1);
    assert!(lock(&pool.0.state).waiters.is_empty());
}

proptest! {
    /// Whatever is asked for, polled, abandoned and given back in whatever order: nothing is lost, nothing is doubled.
    #[test]
    fn permits_are_neither_lost_nor_doubled(
        permits in 1_usize..4,
        steps in proptest::collection::vec((0_u8..5, 0_usize..16), 0..200),
    ) {
        let (pool, clock) = pool(permits, 4);
        let mut waiting = Vec::new();
        let mut held = Vec::new();
        for (step, place) in steps {
            match step {
                0 => waiting.push(pool.acquire(&tenant(["a", "b", "c"][place % 3]))),
                1 if !waiting.is_empty() => {
                    let place = place % waiting.len();
                    if let Some(outcome) = poll(&mut waiting[place]) {
                        drop(waiting.swap_remove(place));
                        held.extend(outcome.ok());
                    }
                }
                2 if !waiting.is_empty() => drop(waiting.swap_remove(place % waiting.len())),
                3 if !held.is_empty() => drop(held.swap_remove(place % held.len())),
                _ => clock.advance(SECOND / 4),
            }
            prop_assert!(held.len() <= pool.in_use() && pool.in_use() <= permits);
            // A permit is free only when nobody waits for it.
            prop_assert!(pool.in_use() == permits || pool.waiting() == 0);
        }
        waiting.clear();
        held.clear();
        prop_assert_eq!((pool.in_use(), pool.waiting()), (0, 0));
        prop_assert!(lock(&pool.0.state).waiters.is_empty());
    }
}
