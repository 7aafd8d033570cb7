//! Leaves the text of a panic where the host finds it: see [`riptide_types::PANIC_MARKER`].

use core::fmt::{self, Write};
use core::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::panic::{self, PanicHookInfo};

use riptide_types::{PANIC_MARKER, PANIC_TEXT_SIZE};

struct Record {
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the host"))]
    marker: [u8; PANIC_MARKER.len()],
    text: [AtomicU8; PANIC_TEXT_SIZE],
}

#[used]
static RECORD: Record = Record { marker: PANIC_MARKER, text: [const { AtomicU8::new(0) }; PANIC_TEXT_SIZE] };

/// From now on a panic leaves its text and place.
pub(crate) fn install() {
    panic::set_hook(Box::new(|info| {
        // Text that does not fit is cut off.
        let _ = describe(info, &mut Text(RECORD.text.iter()));
    }));
}

fn describe(info: &PanicHookInfo<'_>, text: &mut Text<'_>) -> fmt::Result {
    text.write_str(info.payload_as_str().unwrap_or("no message"))?;
    info.location().map_or(Ok(()), |place| write!(text, " ({place})"))
}

/// Writes into what room is left.
struct Text<'a>(core::slice::Iter<'a, AtomicU8>);

impl Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().try_for_each(|byte| {
            self.0.next().ok_or(fmt::Error)?.store(byte, Relaxed);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_does_not_fit_is_cut_off() {
        let room = [const { AtomicU8::new(0) }; 8];
        let mut text = Text(room.iter());
        assert_eq!(write!(text, "{}-{}", 12, 34), Ok(()));
        assert_eq!(text.write_str("5678"), Err(fmt::Error));
        assert_eq!(room.map(AtomicU8::into_inner), *b"12-34567");
    }

    #[test]
    fn a_panic_leaves_its_message_and_place() {
        let before = panic::take_hook();
        install();
        let outcome = panic::catch_unwind(|| panic!("{} of {}", "out", "cheese"));
        panic::set_hook(before);
        assert!(outcome.is_err());
        assert_eq!(RECORD.marker, PANIC_MARKER);
        let text: Vec<u8> =
            RECORD.text.iter().map(|byte| byte.load(Relaxed)).take_while(|byte| *byte != 0).collect();
        let text = String::from_utf8(text).unwrap();
        assert!(text.starts_with("out of cheese (") && text.contains("panic_record.rs:"), "{text}");
    }
}
