//! The bytes of a page, unpacked.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use flate2::bufread::GzDecoder;

use crate::inputs::{InputError, Local};

/// RFC 1952 §2.3.1.
const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];

impl Local {
    /// Reads the page, unpacking gzip, which is known by its first bytes. Stops one byte after `limit` bytes, so
    /// that whoever sets the limit sees that it is exceeded, and a gzip bomb does not go off.
    ///
    /// # Errors
    /// See [`InputError`].
    pub(crate) fn read(&self, limit: usize) -> Result<Vec<u8>, InputError> {
        match self {
            Self::Stdin => unpack(BufReader::new(io::stdin()), limit),
            Self::File(path) => unpack(BufReader::with_capacity(64 * 1024, File::open(path)?), limit),
        }
    }
}

fn unpack(mut packed: impl BufRead, limit: usize) -> Result<Vec<u8>, InputError> {
    let most = limit.saturating_add(1);
    let mut page = Vec::new();
    if packed.fill_buf()?.starts_with(GZIP_MAGIC) {
        unpack_members(packed, most, &mut page)?;
    } else {
        packed.take(u64::try_from(most).unwrap_or(u64::MAX)).read_to_end(&mut page)?;
    }
    Ok(page)
}

/// Unpacks the members of a gzip file one after the other (RFC 1952, section 2.2). What follows a sound one and does not begin
/// as one is passed over, as gzip itself does: files are padded, on tapes and in archives.
fn unpack_members(mut packed: impl BufRead, most: usize, page: &mut Vec<u8>) -> Result<(), InputError> {
    let mut is_first = true;
    while page.len() < most && !packed.fill_buf()?.is_empty() {
        let mut member = GzDecoder::new(&mut packed);
        let room = u64::try_from(most - page.len()).unwrap_or(u64::MAX);
        match member.by_ref().take(room).read_to_end(page) {
            Ok(_) => is_first = false,
            Err(_) if !is_first && member.header().is_none() => break,
            Err(error) => {
                return Err(match error.kind() {
                    ErrorKind::UnexpectedEof => InputError::GzipTruncated,
                    ErrorKind::InvalidInput | ErrorKind::InvalidData => InputError::GzipDamaged(error),
                    _ => InputError::Unreadable(error),
                });
            }
        }
    }
    Ok(())
}
