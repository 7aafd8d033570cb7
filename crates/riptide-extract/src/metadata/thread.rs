//! What a page states about the discussion that it shows.

use riptide_types::Thread;

use super::facts::Facts;
use super::structured::{Item, ItemGraph, Value, local_part};
use super::subject;

/// Actions of an `InteractionCounter` that are replies.
const REPLIES: &[&str] = &["CommentAction", "ReplyAction", "UserComments"];
/// Actions of an `InteractionCounter` that are views.
const VIEWS: &[&str] = &["ViewAction", "WatchAction", "ReadAction", "UserPageVisits"];

/// The facts of the page's discussion; `None` when it shows none, or says nothing about it.
pub(super) fn resolve(facts: &Facts<'_>, subjects: &[&Item]) -> Option<Thread> {
    let graph = &facts.items;
    let discussions = || subjects.iter().filter(|item| item.is_a(subject::DISCUSSIONS));
    let stated = |property: &str| discussions().find_map(|item| count(item.text(property)?));
    let counted = |actions: &[&str]| discussions().find_map(|item| interactions(graph, item, actions));
    let asked = discussions().any(|item| item.is_a(&["Question"]));
    let accepted = discussions().any(|item| item.values("acceptedAnswer").next().is_some());
    let thread = Thread {
        replies: stated("answerCount").or_else(|| stated("commentCount")).or_else(|| counted(REPLIES)),
        views: counted(VIEWS),
        answered: asked.then_some(accepted),
    };
    (thread != Thread::default()).then_some(thread)
}

/// How often one of the actions was taken, by `interactionStatistic` or by `interactionCount`, which came before it.
fn interactions(graph: &ItemGraph, item: &Item, actions: &[&str]) -> Option<u32> {
    let mut counters = item.values("interactionStatistic").filter_map(|value| graph.follow(value));
    let counted = counters
        .find(|counter| counter.values("interactionType").any(|value| is_one_of(graph, value, actions)));
    counted.and_then(|counter| count(counter.text("userInteractionCount")?)).or_else(|| {
        item.values("interactionCount").find_map(|value| {
            let Value::Text(text) = value else { return None };
            let (action, number) = text.rsplit_once(':')?;
            actions.contains(&local_part(action)).then(|| count(number))?
        })
    })
}

fn is_one_of(graph: &ItemGraph, value: &Value, actions: &[&str]) -> bool {
    match value {
        Value::Text(name) | Value::Reference(name) => actions.contains(&local_part(name)),
        Value::Item(_) => graph.follow(value).is_some_and(|item| item.is_a(actions)),
    }
}

/// A whole number, grouped or not.
fn count(text: &str) -> Option<u32> {
    let digits: String = text.trim().chars().filter(|c| !matches!(c, ',' | '.' | ' ' | '\u{a0}')).collect();
    digits.parse().ok()
}
