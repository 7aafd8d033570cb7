//! Text that was encoded as UTF-8, taken for ISO 8859-1 or windows-1252 and encoded again.

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252, mem};

/// Runs that must be UTF-8 again before a text without C1 controls counts as encoded twice: a text about encodings may show a
/// few.
const LEAST_RUNS: usize = 5;

/// The text as it was before it was encoded for the second time; `None` where nothing tells that it was.
///
/// What tells it are runs of characters beyond ASCII whose bytes are UTF-8 again. One of them is enough if it holds C1
/// controls, which no text has. Where other runs are not like that, only a part of the text was encoded twice, and of that
/// only runs with such controls are beyond doubt.
pub(super) fn encoded_once(text: &str) -> Option<String> {
    let (mut twice, mut beyond_doubt, mut is_whole) = (0, 0, true);
    let may_hold_controls = holds_controls(text);
    for run in pieces(text).filter(|piece| !piece.is_ascii()) {
        if original(run).is_some() {
            twice += 1;
            beyond_doubt += usize::from(holds_controls(run));
        } else if may_hold_controls {
            is_whole = false;
        } else {
            return None;
        }
    }
    if beyond_doubt == 0 && !(is_whole && twice >= LEAST_RUNS) {
        return None;
    }
    let decoded = pieces(text).map(|piece| {
        let is_certain = is_whole || holds_controls(piece);
        original(piece).filter(|_| is_certain).map_or(Cow::Borrowed(piece), Cow::Owned)
    });
    Some(decoded.collect())
}

/// Cuts a text where characters of ASCII and others meet.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = match Encoding::ascii_valid_up_to(rest.as_bytes()) {
            0 => rest.find(|c: char| c.is_ascii()).unwrap_or(rest.len()),
            end => end,
        };
        let (piece, left) = rest.split_at_checked(end).filter(|(piece, _)| !piece.is_empty())?;
        rest = left;
        Some(piece)
    })
}

/// What the bytes of a run are as UTF-8, if they are.
fn original(run: &str) -> Option<String> {
    // All that is longer than one byte begins with one of these in UTF-8.
    if !run.starts_with(|c| ('\u{c2}'..='\u{f4}').contains(&c)) {
        return None;
    }
    let bytes = if mem::is_str_latin1(run) {
        mem::encode_latin1_lossy(run)
    } else {
        let (bytes, _, has_others) = WINDOWS_1252.encode(run);
        Some(bytes).filter(|_| !has_others)?
    };
    String::from_utf8(bytes.into_owned()).ok()
}

/// Whether there is a C1 control in the text.
fn holds_controls(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(0xc2, bytes).any(|at| matches!(bytes.get(at + 1), Some(0x80..=0x9f)))
}
