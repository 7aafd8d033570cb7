//! Which of the answers to a URL a request may get (RFC 9111, section 4.1).
//!
//! A key names the request's fields that chose the answer, and has a hash of their values: these may be secrets.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use http::header::{self, HeaderMap};
use sha2::{Digest as _, Sha256};

use super::fields::words;

/// Credentials choose the answer whether the server says so or not.
const ALWAYS: [&str; 2] = ["authorization", "cookie"];

/// The most fields that a server may name.
const MOST_NAMES: usize = 64;

/// The key of an answer to a request. `None` if no other request could get the same answer: `Vary: *`.
pub(super) fn key(response: &HeaderMap, request: &HeaderMap) -> Option<String> {
    let mut names: BTreeSet<String> = words(response, &header::VARY).collect();
    if names.contains("*") || names.len() > MOST_NAMES || names.iter().any(|name| name.contains('#')) {
        return None;
    }
    names.extend(ALWAYS.map(str::to_owned));
    let names = names.into_iter().collect::<Vec<_>>().join(",");
    let digest = digest(&names, request);
    Some(format!("{names}#{digest}"))
}

/// Whether a request has the same values in the fields that a key names.
pub(super) fn matches(key: &str, request: &HeaderMap) -> bool {
    key.split_once('#').is_some_and(|(names, known)| digest(names, request) == known)
}

/// Hashes the values so that no two lists of values look the same.
fn digest(names: &str, request: &HeaderMap) -> String {
    let mut hash = Sha256::new();
    for name in names.split(',') {
        for value in request.get_all(name) {
            hash.update((value.len() as u64 + 1).to_be_bytes());
            hash.update(value.as_bytes());
        }
        hash.update(0_u64.to_be_bytes());
    }
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
