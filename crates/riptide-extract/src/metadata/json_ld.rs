//! JSON-LD 1.1 as pages carry it: not expanded by its algorithm, which needs contexts from elsewhere, but read for the
//! schema.org names that nearly all pages use, and mended where it is broken in the usual ways.

use serde_json::{Map, Value as Json};

use super::json_repair;
use super::structured::{ItemGraph, Syntax, Value, local_part};

/// Blocks longer than this are left alone: no page describes itself in more.
const BLOCK_SIZE: usize = 4 * 1024 * 1024;

/// Adds what a `script` element of type `application/ld+json` says. A block that cannot be mended adds nothing.
pub(super) fn read(block: &str, graph: &mut ItemGraph) {
    if block.len() <= BLOCK_SIZE {
        json_repair::values(block).iter().for_each(|json| add_all(json, None, graph));
    }
}

/// Adds the items of a value; serde_json has bounded its nesting.
fn add_all(json: &Json, held_by: Option<(usize, &str)>, graph: &mut ItemGraph) {
    match json {
        Json::Array(members) => members.iter().for_each(|member| add_all(member, held_by, graph)),
        Json::Object(object) => {
            add(object, held_by, graph);
        }
        _ => {}
    }
}

fn add(object: &Map<String, Json>, held_by: Option<(usize, &str)>, graph: &mut ItemGraph) -> Value {
    let id = object.get("@id").and_then(Json::as_str);
    if let Some(members) = object.get("@graph") {
        add_all(members, None, graph);
    }
    let described = object.keys().any(|key| !matches!(key.as_str(), "@id" | "@context" | "@type" | "@graph"));
    if !described && let Some(id) = id {
        return Value::Reference(id.to_owned());
    }
    if let Some(text) = object.get("@value").and_then(Json::as_str) {
        return Value::Text(text.to_owned());
    }
    let item = graph.add(types(object), held_by, Syntax::JsonLd);
    if let Some(id) = id {
        graph.identify(item, id);
    }
    for (key, json) in object {
        if key.starts_with('@') {
            continue;
        }
        let property = local_part(key);
        set(item, property, json, graph);
    }
    Value::Item(item)
}

fn set(item: usize, property: &str, json: &Json, graph: &mut ItemGraph) {
    match json {
        Json::String(text) => graph.set(item, property, Value::Text(text.clone())),
        Json::Number(number) => graph.set(item, property, Value::Text(number.to_string())),
        Json::Array(members) => members.iter().for_each(|member| set(item, property, member, graph)),
        Json::Object(object) => {
            let value = add(object, Some((item, property)), graph);
            graph.set(item, property, value);
        }
        Json::Null | Json::Bool(_) => {}
    }
}

fn types(object: &Map<String, Json>) -> Vec<String> {
    match object.get("@type") {
        Some(Json::String(name)) => vec![local_part(name).to_owned()],
        Some(Json::Array(names)) => {
            names.iter().filter_map(Json::as_str).map(|name| local_part(name).to_owned()).collect()
        }
        _ => Vec::new(),
    }
}
