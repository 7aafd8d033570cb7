use riptide_events::Subscription;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn config() -> BreakerConfig {
    BreakerConfig {
        window: SECOND * 10,
        failure_percent: 50,
        minimum_calls: NonZero::new(4).unwrap(),
        open_for: SECOND,
        longest_open: SECOND * 4,
        probes: NonZero::new(2).unwrap(),
    }
}

struct World {
    clock: Clock,
    heard: Subscription,
    breaker: CircuitBreaker,
}

impl World {
    fn new(config: BreakerConfig) -> Self {
        let (clock, bus) = (Clock::manual(), EventBus::new(1024));
        let heard = bus.subscribe();
        let breaker = CircuitBreaker::new("it".into(), config, clock.clone(), bus).unwrap();
        Self { clock, heard, breaker }
    }

    fn call(&self) -> Call {
        self.breaker.try_call().unwrap()
    }

    fn refused_for(&self) -> Option<Duration> {
        self.breaker.try_call().err().map(|refusal| refusal.retry_after)
    }

    fn fail(&self, times: usize) {
        (0..times).for_each(|_| self.call().fail());
    }

    fn succeed(&self, times: usize) {
        (0..times).for_each(|_| self.call().succeed());
    }

    /// The changes since the last look.
    fn changes(&self) -> Vec<BreakerState> {
        let changed = |event| match event {
            Event::BreakerChanged { subject, state } => {
                assert_eq!(&*subject, "it");
                state
            }
            other => panic!("{other:?}"),
        };
        self.heard.try_iter().map(changed).collect()
    }
}

#[test]
fn it_opens_half_opens_and_closes_and_tells_each_change_once() {
    let world = World::new(config());
    world.succeed(2);
    world.fail(1);
    assert_eq!((world.breaker.state(), world.changes()), (BreakerState::Closed, vec![]));
    world.fail(1);
    assert_eq!((world.breaker.state(), world.changes()), (BreakerState::Open, vec![BreakerState::Open]));
    assert_eq!(world.refused_for(), Some(SECOND));
    world.clock.advance(SECOND);
    assert_eq!(world.breaker.state(), BreakerState::Open);
    world.succeed(1);
    assert_eq!(world.changes(), [BreakerState::HalfOpen]);
    world.succeed(1);
    assert_eq!((world.breaker.state(), world.changes()), (BreakerState::Closed, vec![BreakerState::Closed]));
}

#[test]
fn only_what_ended_within_the_window_counts() {
    for (window, opens) in [(SECOND * 10, true), (SECOND * 5, false)] {
        let world = World::new(BreakerConfig { window, ..config() });
        world.fail(3);
        world.clock.advance(SECOND * 6);
        world.fail(1);
        assert_eq!(world.breaker.state() == BreakerState::Open, opens, "{window:?}");
    }
}

#[test]
fn an_ending_counts_to_the_end_of_the_window_and_no_longer() {
    for (pause, opens) in [(SECOND * 10 - Duration::from_nanos(1), true), (SECOND * 10, false)] {
        let world = World::new(config());
        world.fail(3);
        world.clock.advance(pause);
        world.fail(1);
        assert_eq!(world.breaker.state() == BreakerState::Open, opens, "{pause:?}");
    }
}

#[test]
fn it_opens_at_its_share_of_failures() {
    for (failure_percent, opens) in [(33, true), (34, false)] {
        let minimum_calls = NonZero::new(3).unwrap();
        let world = World::new(BreakerConfig { failure_percent, minimum_calls, ..config() });
        world.succeed(2);
        world.fail(1);
        assert_eq!(world.breaker.state() == BreakerState::Open, opens, "{failure_percent}");
    }
}

#[test]
fn it_stays_closed_below_the_minimum_of_calls() {
    for (minimum, opens) in [(3, true), (4, false)] {
        let minimum_calls = NonZero::new(minimum).unwrap();
        let world = World::new(BreakerConfig { minimum_calls, ..config() });
        world.fail(3);
        assert_eq!(world.breaker.state() == BreakerState::Open, opens, "{minimum}");
    }
}

#[test]
fn it_stays_open_as_long_as_it_should_and_says_how_long() {
    for open_for in [SECOND, SECOND * 3] {
        let world = World::new(BreakerConfig { open_for, ..config() });
        world.fail(4);
        world.clock.advance(open_for - Duration::from_nanos(1));
        assert_eq!(world.refused_for(), Some(Duration::from_nanos(1)));
        world.clock.advance(Duration::from_nanos(1));
        assert_eq!(world.refused_for(), None);
    }
}

#[test]
fn each_probe_that_fails_doubles_the_time_up_to_the_longest() {
    for (longest, expected) in [(SECOND * 4, [1, 2, 4, 4]), (SECOND * 3, [1, 2, 3, 3])] {
        let world = World::new(BreakerConfig { longest_open: longest, ..config() });
        world.fail(4);
        for seconds in expected {
            assert_eq!(world.refused_for(), Some(SECOND * seconds));
            world.clock.advance(SECOND * seconds);
            world.fail(1);
        }
        world.clock.advance(longest);
        world.succeed(2);
        world.fail(4);
        assert_eq!(world.refused_for(), Some(SECOND), "closing ends the doubling");
    }
}

#[test]
fn half_open_it_lets_as_many_through_as_it_has_probes() {
    for probes in [1, 3] {
        let world = World::new(BreakerConfig { probes: NonZero::new(probes).unwrap(), ..config() });
        world.fail(4);
        world.clock.advance(SECOND);
        let calls: Vec<_> = (0..probes).map(|_| world.call()).collect();
        assert_eq!(world.refused_for(), Some(SECOND));
        calls.into_iter().for_each(Call::succeed);
        assert_eq!(world.breaker.state(), BreakerState::Closed);
    }
}

#[test]
fn a_probe_that_is_given_up_leaves_its_place_to_another() {
    let world = World::new(config());
    world.fail(4);
    world.clock.advance(SECOND);
    let (first, second) = (world.call(), world.call());
    assert!(world.refused_for().is_some());
    drop(first);
    let third = world.call();
    assert!(world.refused_for().is_some());
    second.succeed();
    third.succeed();
    assert_eq!(world.breaker.state(), BreakerState::Closed);
}

#[test]
fn calls_of_an_earlier_generation_count_for_nothing() {
    let world = World::new(config());
    let [early_failure, early_success] = [world.call(), world.call()];
    world.fail(4);
    world.clock.advance(SECOND);
    let [first, second] = [world.call(), world.call()];
    early_failure.fail();
    early_success.succeed();
    assert_eq!(world.breaker.state(), BreakerState::HalfOpen);
    assert!(world.refused_for().is_some(), "a late ending frees no probe");
    first.succeed();
    second.succeed();
    assert_eq!(world.breaker.state(), BreakerState::Closed);
}

#[test]
fn calls_that_are_given_up_count_for_nothing() {
    let world = World::new(config());
    world.fail(3);
    (0..10).for_each(|_| drop(world.call()));
    assert_eq!(world.breaker.state(), BreakerState::Closed);
    world.fail(1);
    assert_eq!(world.breaker.state(), BreakerState::Open);
}

#[test]
fn settings_out_of_range_are_refused_with_the_range() {
    let refused = |config: BreakerConfig| {
        let breaker = CircuitBreaker::new("it".into(), config, Clock::manual(), EventBus::new(1));
        breaker.err().unwrap().to_string()
    };
    let text = refused(BreakerConfig { window: Duration::from_millis(9), ..config() });
    assert_eq!(text, "`window` of a circuit breaker is 9ms; expected 10ms to 86400s");
    let text = refused(BreakerConfig { failure_percent: 0, ..config() });
    assert_eq!(text, "`failure_percent` of a circuit breaker is 0; expected 1 to 100");
    assert!(refused(BreakerConfig { failure_percent: 101, ..config() }).contains("is 101; expected 1 to"));
    let text = refused(BreakerConfig { open_for: Duration::ZERO, ..config() });
    assert_eq!(text, "`open_for` of a circuit breaker is 0ns; expected 1ms to 86400s");
    let text = refused(BreakerConfig { longest_open: Duration::from_millis(999), ..config() });
    assert_eq!(text, "`longest_open` of a circuit breaker is 999ms; expected 1s to 86400s");
}

#[test]
fn a_refusal_can_be_retried_and_names_its_subject() {
    let world = World::new(config());
    world.fail(4);
    let refusal = world.breaker.try_call().err().unwrap();
    assert_eq!((refusal.code(), refusal.phase(), refusal.retryable()), ("circuit-open", Phase::Queue, true));
    assert_eq!(refusal.to_string(), "`it` keeps failing and is left alone for a while; try again in 1s");
}

/// What a circuit breaker should do, in the plainest way: everything is remembered for ever, and each question is
/// answered from all of it.
struct Model {
    config: BreakerConfig,
    now: Duration,
    changes: Vec<(BreakerState, Duration)>,
    /// In how many changes' time each call began.
    begun: Vec<usize>,
    /// Which call ended, how and when.
    ended: Vec<(usize, Option<Ending>, Duration)>,
    failed_probes: u32,
}

impl Model {
    fn new(config: BreakerConfig) -> Self {
        let changes = vec![(BreakerState::Closed, Duration::ZERO)];
        Self { config, now: Duration::ZERO, changes, begun: vec![], ended: vec![], failed_probes: 0 }
    }

    fn state(&self) -> BreakerState {
        self.changes.last().unwrap().0
    }

    fn since(&self) -> Duration {
        self.changes.last().unwrap().1
    }

    fn open_for(&self) -> Duration {
        let doubled = self.config.open_for.saturating_mul(2u32.saturating_pow(self.failed_probes));
        doubled.min(self.config.longest_open)
    }

    /// The slice of time since the last change.
    fn slice(&self, time: Duration) -> u128 {
        (time - self.since()).as_nanos() / (self.config.window / 10).as_nanos()
    }

    /// How the calls ended that began since the last change, the latest first.
    fn endings(&self) -> impl Iterator<Item = (Option<Ending>, Duration)> + '_ {
        let recent = self.ended.iter().rev().take_while(|(_, _, time)| {
            *time >= self.since()
                && (self.state() != BreakerState::Closed || *time + self.config.window > self.now)
        });
        recent
            .filter(|(call, ..)| self.begun[*call] == self.changes.len())
            .map(|(_, how, when)| (*how, *when))
    }

    fn try_call(&mut self) -> Result<usize, Duration> {
        if self.state() == BreakerState::Open {
            let end = self.since() + self.open_for();
            if self.now < end {
                return Err(end - self.now);
            }
            self.changes.push((BreakerState::HalfOpen, self.now));
        }
        if self.state() == BreakerState::HalfOpen {
            let begun = self.begun.iter().rev().take_while(|began| **began == self.changes.len()).count();
            let given_up = self.endings().filter(|(how, _)| how.is_none()).count();
            if begun - given_up == self.config.probes.get() {
                return Err(self.config.open_for);
            }
        }
        self.begun.push(self.changes.len());
        Ok(self.begun.len() - 1)
    }

    fn end(&mut self, call: usize, how: Option<Ending>) {
        self.ended.push((call, how, self.now));
        if self.begun[call] != self.changes.len() || how.is_none() {
            return;
        }
        match (self.state(), how) {
            (BreakerState::Closed, _) => {
                let latest: Vec<_> = self
                    .endings()
                    .filter(|(_, when)| self.slice(*when) + 10 > self.slice(self.now))
                    .filter_map(|(how, _)| how)
                    .collect();
                let failed = latest.iter().filter(|how| **how == Ending::Failed).count();
                let enough = latest.len() as u64 >= self.config.minimum_calls.get();
                if enough && failed * 100 >= latest.len() * usize::from(self.config.failure_percent) {
                    self.failed_probes = 0;
                    self.changes.push((BreakerState::Open, self.now));
                }
            }
            (BreakerState::HalfOpen, Some(Ending::Failed)) => {
                self.failed_probes += 1;
                self.changes.push((BreakerState::Open, self.now));
            }
            (BreakerState::HalfOpen, _) => {
                let succeeded = self.endings().filter(|(how, _)| *how == Some(Ending::Succeeded)).count();
                if succeeded == self.config.probes.get() {
                    self.changes.push((BreakerState::Closed, self.now));
                }
            }
            (BreakerState::Open, _) => panic!("no call begins while it is open"),
        }
    }
}

/// Marsaglia's xorshift64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}

/// Takes random steps with both and compares all that can be seen. Gives the number of changes.
fn compare(random: &mut Random, config: BreakerConfig, steps: usize) -> usize {
    let (world, mut model) = (World::new(config.clone()), Model::new(config));
    let mut under_way: Vec<(Call, usize)> = Vec::new();
    // What it guards works and fails by turns, so that every state is seen for a while.
    let mut failing = 2;
    // The model's first state is no change.
    let mut told = 1;
    for step in 0..steps {
        match random.below(8) {
            0..=2 if under_way.len() < 32 => match (world.breaker.try_call(), model.try_call()) {
                (Ok(call), Ok(number)) => under_way.push((call, number)),
                (Err(refusal), Err(retry_after)) => assert_eq!(refusal.retry_after, retry_after),
                (real, expected) => panic!("step {step}: {:?}, expected {expected:?}", real.err()),
            },
            3..=5 if !under_way.is_empty() => {
                let chosen = random.below(under_way.len() as u64) as usize;
                let (call, number) = under_way.swap_remove(chosen);
                match random.below(10) {
                    0 => {
                        drop(call);
                        model.end(number, None);
                    }
                    one_to_nine if one_to_nine <= failing => {
                        call.fail();
                        model.end(number, Some(Ending::Failed));
                    }
                    _ => {
                        call.succeed();
                        model.end(number, Some(Ending::Succeeded));
                    }
                }
            }
            6 if random.below(50) == 0 => failing = random.below(10),
            _ => {
                let pause = Duration::from_micros(random.below(300_000));
                world.clock.advance(pause);
                model.now += pause;
            }
        }
        assert_eq!(world.breaker.state(), model.state(), "step {step}");
        let expected: Vec<_> = model.changes.iter().skip(told).map(|(state, _)| *state).collect();
        assert_eq!(world.changes(), expected, "step {step}");
        told = model.changes.len();
    }
    model.changes.len()
}

#[test]
fn a_million_random_steps_go_as_the_model_says() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut changes = 0;
    for _ in 0..100 {
        let open_for = Duration::from_millis(100 + random.below(2000));
        let config = BreakerConfig {
            window: Duration::from_millis(500 + random.below(4000)),
            failure_percent: u8::try_from(10 + random.below(91)).unwrap(),
            minimum_calls: NonZero::new(1 + random.below(10)).unwrap(),
            open_for,
            longest_open: open_for * u32::try_from(1 + random.below(20)).unwrap(),
            probes: NonZero::new(1 + random.below(4) as usize).unwrap(),
        };
        changes += compare(&mut random, config, 10_000);
    }
    assert!(changes > 10_000, "only {changes} changes were seen");
}
