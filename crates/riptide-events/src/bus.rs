use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};

use crossbeam_channel::{Receiver, Sender, TrySendError};

use crate::Event;

/// Hands every event to every observer and subscriber. Clones are the same bus.
#[derive(Clone)]
pub struct EventBus(Arc<Shared>);

/// Sees every event at the moment it is emitted, on the thread that emits it. Unlike a subscriber it misses none, and
/// whoever emits waits for it: it must be quick, must not panic, and must neither emit nor subscribe.
pub trait Observer: Send + Sync {
    /// Takes note of the event.
    fn observe(&self, event: &Event);
}

struct Shared {
    capacity: usize,
    listeners: RwLock<Listeners>,
}

#[derive(Default)]
struct Listeners {
    observers: Vec<Arc<dyn Observer>>,
    subscribers: Vec<Subscriber>,
}

impl Shared {
    fn change(&self, change: impl FnOnce(&mut Listeners)) {
        change(&mut self.listeners.write().unwrap_or_else(PoisonError::into_inner));
    }
}

struct Subscriber {
    queue: Sender<Event>,
    dropped: Arc<AtomicU64>,
}

impl EventBus {
    /// A bus whose subscribers may each lag behind by `capacity` events.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self(Arc::new(Shared { capacity, listeners: RwLock::default() }))
    }

    /// Shows the event to every observer, and hands it to every subscriber that has room for it. Never blocks.
    pub fn emit(&self, event: Event) {
        let listeners = self.0.listeners.read().unwrap_or_else(PoisonError::into_inner);
        for observer in &listeners.observers {
            observer.observe(&event);
        }
        for subscriber in &listeners.subscribers {
            if let Err(TrySendError::Full(_)) = subscriber.queue.try_send(event.clone()) {
                subscriber.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Shows the observer every event from now on, as long as the bus is there.
    pub fn observe(&self, observer: Arc<dyn Observer>) {
        self.0.change(|listeners| listeners.observers.push(observer));
    }

    /// Receives the events from now on, until the subscription is dropped.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        let (queue, events) = crossbeam_channel::bounded(self.0.capacity);
        let dropped = Arc::new(AtomicU64::new(0));
        let subscriber = Subscriber { queue, dropped: Arc::clone(&dropped) };
        self.0.change(|listeners| listeners.subscribers.push(subscriber));
        Subscription { events, dropped, bus: Arc::downgrade(&self.0) }
    }
}

/// The receiving end of a bus; dropping it unsubscribes.
pub struct Subscription {
    events: Receiver<Event>,
    dropped: Arc<AtomicU64>,
    bus: Weak<Shared>,
}

impl Subscription {
    /// Waits for the next event. `None` once the bus is gone or the subscription has ended, and the last event has been
    /// received.
    #[must_use]
    pub fn recv(&self) -> Option<Event> {
        self.events.recv().ok()
    }

    /// The events that are already there. Never blocks.
    pub fn try_iter(&self) -> impl Iterator<Item = Event> + '_ {
        self.events.try_iter()
    }

    /// Ends the subscription: what is already there can still be received, and nothing follows.
    pub fn end(&self) {
        if let Some(bus) = self.bus.upgrade() {
            bus.change(|listeners| {
                listeners.subscribers.retain(|subscriber| !Arc::ptr_eq(&subscriber.dropped, &self.dropped));
            });
        }
    }

    /// How many events this subscriber has missed because its queue was full.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn event(number: u64) -> Event {
        Event::ComponentLoading { digest: number.to_string().into() }
    }

    #[test]
    fn every_subscriber_receives_every_event_in_order() {
        let bus = EventBus::new(8);
        let (one, other) = (bus.subscribe(), bus.subscribe());
        (0..5).for_each(|number| bus.emit(event(number)));
        let expected: Vec<_> = (0..5).map(event).collect();
        assert_eq!(one.try_iter().collect::<Vec<_>>(), expected);
        assert_eq!(other.try_iter().collect::<Vec<_>>(), expected);
        assert_eq!((one.dropped(), other.dropped()), (0, 0));
    }

    #[test]
    fn a_subscriber_hears_nothing_from_before_it_came() {
        let bus = EventBus::new(8);
        bus.emit(event(0));
        let late = bus.subscribe();
        bus.emit(event(1));
        assert_eq!(late.try_iter().collect::<Vec<_>>(), [event(1)]);
    }

    #[test]
    fn a_full_queue_loses_the_newest_events_and_counts_them() {
        let bus = EventBus::new(2);
        let slow = bus.subscribe();
        (0..5).for_each(|number| bus.emit(event(number)));
        assert_eq!(slow.dropped(), 3);
        assert_eq!(slow.try_iter().collect::<Vec<_>>(), [event(0), event(1)]);
        bus.emit(event(5));
        assert_eq!(slow.recv(), Some(event(5)));
        assert_eq!(slow.dropped(), 3);
    }

    #[test]
    fn a_slow_subscriber_costs_the_others_nothing() {
        let bus = EventBus::new(1);
        let (slow, quick) = (bus.subscribe(), bus.subscribe());
        for number in 0..100 {
            bus.emit(event(number));
            assert_eq!(quick.recv(), Some(event(number)));
        }
        assert_eq!((slow.dropped(), quick.dropped()), (99, 0));
    }

    #[test]
    fn received_and_dropped_add_up_to_what_all_threads_emitted() {
        let bus = EventBus::new(16);
        let subscription = bus.subscribe();
        thread::scope(|scope| {
            for _ in 0..4 {
                let bus = bus.clone();
                scope.spawn(move || (0..1000).for_each(|number| bus.emit(event(number))));
            }
        });
        assert_eq!(subscription.try_iter().count(), 16);
        assert_eq!(subscription.dropped(), 4000 - 16);
    }

    #[test]
    fn observers_see_every_event_that_all_threads_emit() {
        #[derive(Default)]
        struct Count(AtomicU64);

        impl Observer for Count {
            fn observe(&self, _: &Event) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }

        let (bus, one, other) = (EventBus::new(1), Arc::new(Count::default()), Arc::new(Count::default()));
        bus.emit(event(0));
        bus.observe(one.clone());
        bus.observe(other.clone());
        let slow = bus.subscribe();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).for_each(|number| bus.emit(event(number))));
            }
        });
        assert_eq!((one.0.load(Ordering::Relaxed), other.0.load(Ordering::Relaxed)), (4000, 4000));
        assert_eq!(slow.dropped(), 3999);
    }

    #[test]
    fn dropping_a_subscription_unsubscribes_it_alone() {
        let bus = EventBus::new(8);
        let (gone, stays) = (bus.subscribe(), bus.subscribe());
        drop(gone);
        assert_eq!(bus.0.listeners.read().unwrap().subscribers.len(), 1);
        bus.emit(event(0));
        assert_eq!(stays.recv(), Some(event(0)));
    }

    #[test]
    fn a_subscription_that_has_ended_gives_what_is_there_and_nothing_more() {
        let bus = EventBus::new(8);
        let subscription = bus.subscribe();
        bus.emit(event(0));
        subscription.end();
        bus.emit(event(1));
        assert_eq!((subscription.recv(), subscription.recv()), (Some(event(0)), None));
    }

    #[test]
    fn a_waiting_subscriber_is_woken_when_the_bus_goes() {
        let bus = EventBus::new(8);
        let subscription = bus.subscribe();
        let waiting = thread::spawn(move || (subscription.recv(), subscription.recv()));
        bus.emit(event(0));
        drop(bus);
        assert_eq!(waiting.join().unwrap(), (Some(event(0)), None));
    }
}
