//! The way from the site's start to the page.

use html5ever::local_name;
use riptide_html::{Dom, NodeData, NodeId, Visit};

use super::facts::Facts;
use super::structured::{Item, ItemGraph};
use super::text::{fold, is_unseen, plain};

/// Labels that are kept; a longer trail is a list of something else.
const LABELS: usize = 20;
/// Bytes of a label.
const LABEL_SIZE: usize = 200;
/// Nodes of a trail.
const NODES: usize = 400;
/// Bytes of a trail.
const SIZE: usize = 4000;
/// What pages put between the labels of a trail.
const SEPARATORS: &[char] = &['>', '›', '»', '/', '\\', '|', '→', '▸', '▶', '❯', '⟩', '•', '·', '~'];

/// Stands for the start or end of an element that parts labels; white space of the source does not.
const PART: char = '\u{0}';

/// The labels as the structured data gives them, else as the page shows them.
pub(super) fn resolve(facts: &Facts<'_>) -> Vec<String> {
    let graph = &facts.items;
    let lists = graph.items().iter().filter(|item| item.is_a(&["BreadcrumbList"]));
    let stated = lists.map(|list| of_list(graph, list)).find(|labels| !labels.is_empty());
    let trails = facts.trails.iter();
    stated
        .or_else(|| Some(of_vocabulary(graph)).filter(|labels| !labels.is_empty()))
        .or_else(|| trails.map(|mark| shown(facts.dom, mark.node)).find(|labels| labels.len() > 1))
        .unwrap_or_default()
}

/// The members of a `BreadcrumbList` in the order of their positions.
fn of_list(graph: &ItemGraph, list: &Item) -> Vec<String> {
    let members = list.values("itemListElement").filter_map(|value| graph.follow(value)).take(LABELS);
    let mut placed: Vec<(u32, String)> = members
        .filter_map(|member| {
            let position =
                member.text("position").and_then(|text| text.trim().parse().ok()).unwrap_or(u32::MAX);
            Some((position, label(name(graph, member)?)?))
        })
        .collect();
    placed.sort_by_key(|(position, _)| *position);
    placed.into_iter().map(|(_, label)| label).collect()
}

/// The name of a member, or that of the item that it stands for.
fn name<'a>(graph: &'a ItemGraph, member: &'a Item) -> Option<&'a str> {
    let item = || member.values("item").find_map(|value| graph.follow(value))?.text("name");
    member.text("name").or_else(item)
}

/// The members of a trail in the vocabulary that came before schema.org, `data-vocabulary.org/Breadcrumb`.
fn of_vocabulary(graph: &ItemGraph) -> Vec<String> {
    let members = graph.items().iter().filter(|item| item.is_a(&["Breadcrumb"]));
    members.filter_map(|item| label(item.text("title")?)).take(LABELS).collect()
}

fn label(text: &str) -> Option<String> {
    let text = plain(text);
    (!text.is_empty() && text.len() <= LABEL_SIZE && !text.contains("://")).then_some(text)
}

/// The labels of a trail that the page shows: the texts between list items, links and separators.
fn shown(dom: &Dom, trail: NodeId) -> Vec<String> {
    let mut text = String::new();
    let mut walk = dom.walk(trail);
    let mut visited = 0;
    while let Some(visit) = walk.next() {
        visited += 1;
        if visited > 2 * NODES {
            return Vec::new();
        }
        match visit {
            Visit::Enter(node) => match dom.data(node) {
                NodeData::Text(piece) if text.len() + piece.trim().len() > SIZE => return Vec::new(),
                NodeData::Text(piece) => text.push_str(piece),
                // Icons part labels as `›` does.
                NodeData::Element(_) if is_unseen(dom, node) => {
                    walk.skip_children();
                    text.push(PART);
                }
                _ if parts(dom, node) => text.push(PART),
                _ => {}
            },
            Visit::Leave(node) if parts(dom, node) => text.push(PART),
            Visit::Leave(_) => {}
        }
    }
    let pieces = text.split(PART).flat_map(|piece| split(&fold(piece)));
    let labels: Vec<String> = pieces.filter(|label| says_where(label)).collect();
    if labels.len() > LABELS { Vec::new() } else { labels }
}

/// Whether a text is a label and not what introduces or parts them.
fn says_where(label: &str) -> bool {
    let introduces = label.ends_with(':') || label.to_lowercase().starts_with("breadcrumb");
    label.chars().any(char::is_alphanumeric) && !introduces
}

/// Whether an element parts the labels of a trail.
fn parts(dom: &Dom, node: NodeId) -> bool {
    dom.html_name(node).is_some_and(|name| {
        matches!(
            *name,
            local_name!("a")
                | local_name!("li")
                | local_name!("ol")
                | local_name!("ul")
                | local_name!("div")
                | local_name!("p")
        )
    })
}

/// Parts a text at the separators in it that stand alone, and takes off those at its ends.
fn split(text: &str) -> Vec<String> {
    let mut labels = vec![String::new()];
    for word in text.split(' ') {
        match labels.last_mut() {
            Some(_) if word.chars().all(|c| SEPARATORS.contains(&c)) => labels.push(String::new()),
            Some(label) if label.is_empty() => label.push_str(word),
            Some(label) => {
                label.push(' ');
                label.push_str(word);
            }
            None => {}
        }
    }
    labels
        .iter()
        .map(|label| label.trim_matches(|c: char| c == ' ' || SEPARATORS.contains(&c)).to_owned())
        .collect()
}
