//! The table of what the site serves.

use std::collections::HashMap;
use std::io;
use std::sync::LazyLock;

use crate::endpoint::{Answer, Endpoint, Run};
use crate::exchange::Exchange;

mod caching;
mod charsets;
mod codings;
mod documents;
mod framing;
mod pages;
mod redirects;
mod scripts;
mod slow;
mod statuses;

const GROUPS: [&[Endpoint]; 10] = [
    &pages::ENDPOINTS,
    &slow::ENDPOINTS,
    &codings::ENDPOINTS,
    &redirects::ENDPOINTS,
    &framing::ENDPOINTS,
    &statuses::ENDPOINTS,
    &caching::ENDPOINTS,
    &scripts::ENDPOINTS,
    &documents::ENDPOINTS,
    &charsets::ENDPOINTS,
];

/// Paths that endpoints lead to, and those with a number in them. What they answer is part of another endpoint.
const BEHIND: [(&str, Run); 6] = [
    ("/bulk/", pages::bulk),
    ("/redirect/chain/", redirects::chain),
    ("/redirect/method/", redirects::method),
    ("/refresh/chain/", redirects::refresh_chain),
    ("/data/", scripts::data),
    ("/hang/", slow::silence),
];

static BY_PATH: LazyLock<HashMap<&str, &Endpoint>> =
    LazyLock::new(|| endpoints().map(|endpoint| (endpoint.path, endpoint)).collect());

/// All that the site serves, group by group.
pub fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    GROUPS.iter().copied().flatten()
}

/// The endpoint with this path.
#[must_use]
pub fn endpoint(path: &str) -> Option<&'static Endpoint> {
    BY_PATH.get(path).copied()
}

pub(crate) fn answer(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let path = &exchange.request.path;
    match endpoint(path).map(|endpoint| endpoint.answer) {
        Some(Answer::Html(page)) => exchange.html(page),
        Some(Answer::Raw(bytes)) => exchange.send(bytes.as_bytes()),
        Some(Answer::Run(answer)) => answer(exchange),
        None => match BEHIND.iter().find(|(prefix, _)| path.starts_with(prefix)) {
            Some((_, answer)) => answer(exchange),
            None => exchange.respond("404 Not Found", "Content-Type: text/plain\r\n", b"no such page"),
        },
    }
}
