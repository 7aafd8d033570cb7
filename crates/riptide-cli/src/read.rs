//! The bytes of a page, unpacked.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;

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
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut page = Vec::new();
    if packed.fill_buf()?.starts_with(GZIP_MAGIC) {
        MultiGzDecoder::new(packed).take(most).read_to_end(&mut page).map_err(|error| {
            match error.kind() {
                ErrorKind::UnexpectedEof => InputError::GzipTruncated,
                ErrorKind::InvalidInput | ErrorKind::InvalidData => InputError::GzipDamaged(error),
                _ => InputError::Unreadable(error),
            }
        })?;
    } else {
        packed.take(most).read_to_end(&mut page)?;
    }
    Ok(page)
}
