//! JSON Feed 1.1 (<https://www.jsonfeed.org/version/1.1/>), and 1.0, which has one author where 1.1 has several.

use riptide_html::BaseUrl;
use riptide_types::MediaItem;
use serde_json::Value;

use super::{Body, Feed, Item, MOST_ENTRIES, add, enclosure, moment};
use crate::metadata::date::Order;
use crate::metadata::json_repair;
use crate::metadata::text::fold;

/// Reads a JSON Feed that was loaded from `url`, which may be empty.
pub(super) fn read(text: &str, url: &str) -> Feed {
    let mut warnings = Vec::new();
    let feed = serde_json::from_str(text).unwrap_or_else(|_| {
        warnings.push("the feed ends early or is malformed; what could be read was kept".to_owned());
        json_repair::values(text).into_iter().next().unwrap_or_default()
    });
    let own = BaseUrl::at(url);
    let address = line(&feed, "feed_url").and_then(|url| own.resolve(&url));
    let home = line(&feed, "home_page_url").and_then(|url| own.resolve(&url));
    let base = [url, address.as_deref().unwrap_or_default(), home.as_deref().unwrap_or_default()];
    let base = base.iter().find(|url| !url.is_empty()).map_or(own, |url| BaseUrl::at(url));
    let items = feed.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if items.len() > MOST_ENTRIES {
        warnings.push(format!("the feed has more than {MOST_ENTRIES} entries; the rest was left out"));
    }
    let authors = authors(&feed);
    Feed {
        title: line(&feed, "title"),
        image: ["icon", "favicon"].iter().find_map(|key| base.resolve(&line(&feed, key)?)),
        language: line(&feed, "language"),
        description: line(&feed, "description"),
        entries: items.iter().take(MOST_ENTRIES).map(|item| entry(item, &base, &authors)).collect(),
        authors,
        address,
        warnings,
        ..Feed::default()
    }
}

fn entry(item: &Value, base: &BaseUrl, feed_authors: &[String]) -> Item {
    let url = ["url", "external_url"].iter().find_map(|key| base.resolve(&line(item, key)?));
    let date = |key: &str| moment(&line(item, key)?, Order::MonthFirst);
    let authors = match authors(item) {
        own if own.is_empty() => feed_authors.to_vec(),
        own => own,
    };
    let text = |key: &str| item.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let html = text("content_html").map(|html| Body::Html(html.to_owned()));
    let mut tags = Vec::new();
    add(&mut tags, list(item, "tags").filter_map(Value::as_str).map(fold).filter(|tag| !tag.is_empty()));
    Item {
        title: line(item, "title"),
        id: line(item, "id"),
        authors,
        published: date("date_published"),
        modified: date("date_modified"),
        summary: text("summary").map(|text| Body::Text(text.to_owned())),
        content: html.or_else(|| text("content_text").map(|text| Body::Text(text.to_owned()))),
        tags,
        enclosures: enclosures(item, base),
        base: url.as_deref().map_or_else(|| base.clone(), BaseUrl::at),
        url,
    }
}

fn enclosures(item: &Value, base: &BaseUrl) -> Vec<MediaItem> {
    let mut items = Vec::new();
    for attachment in list(item, "attachments") {
        let kind = line(attachment, "mime_type").unwrap_or_default();
        let title = line(attachment, "title").unwrap_or_default();
        let url = line(attachment, "url").and_then(|url| base.resolve(&url));
        add(&mut items, url.map(|url| enclosure(url, &kind, &title)));
    }
    for key in ["image", "banner_image"] {
        let url = line(item, key).and_then(|url| base.resolve(&url));
        add(&mut items, url.map(|url| enclosure(url, "image", "")));
    }
    items
}

fn authors(value: &Value) -> Vec<String> {
    let mut names = Vec::new();
    add(
        &mut names,
        list(value, "authors").chain(value.get("author")).filter_map(|author| line(author, "name")),
    );
    names
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// A text on one line. Numbers count as such: identifiers are written so.
fn line(value: &Value, key: &str) -> Option<String> {
    let text = match value.get(key)? {
        Value::String(text) => fold(text),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}
