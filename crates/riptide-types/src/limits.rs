//! What one document may cost.

use std::time::Duration;

const MIB: usize = 1024 * 1024;

/// What one document may cost. Each limit ends in an error of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a page after decompression, before decoding.
    pub input: usize,
    /// Bytes of linear memory that an extractor instance may hold. Holds in the sandbox only.
    pub memory: usize,
    /// Elements of all tables of an extractor instance. Holds in the sandbox only.
    pub table_elements: usize,
    /// Time from the start of the instance to its answer. Holds in the sandbox only.
    pub time: Duration,
    /// Bytes of all strings and lists in the answer. Holds in the sandbox only.
    pub output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            input: 32 * MIB,
            memory: 1024 * MIB,
            table_elements: 1 << 20,
            time: Duration::from_secs(3),
            output: 128 * MIB,
        }
    }
}
