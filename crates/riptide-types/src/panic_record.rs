//! How the text of a panic leaves a component that cannot print.
//!
//! A component without imports has no way out for text but its memory, which the host can read after a trap. The
//! record is [`PANIC_MARKER`], then up to [`PANIC_TEXT_SIZE`] bytes of UTF-8, ended early by a zero byte.

/// The bytes that the host looks for.
pub const PANIC_MARKER: [u8; 16] = *b"\x7fRipTide panic:\x7f";

/// Room for the text, in bytes.
pub const PANIC_TEXT_SIZE: usize = 1008;
