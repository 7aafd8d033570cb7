//! Content codings (RFC 9110, section 8.4), made while they are sent.

use std::io::{self, Write};

use brotli::CompressorWriter;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    pub(crate) const ALL: [Self; 4] = [Self::Gzip, Self::Deflate, Self::Brotli, Self::Zstd];

    /// The name in `Content-Encoding`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|coding| coding.name() == name)
    }

    /// Writes what `produce` writes, coded.
    pub(crate) fn encode(
        self,
        output: &mut dyn Write,
        produce: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        match self {
            Self::Gzip => {
                let mut encoder = GzEncoder::new(output, Compression::best());
                produce(&mut encoder)?;
                encoder.finish().map(drop)
            }
            Self::Deflate => {
                let mut encoder = ZlibEncoder::new(output, Compression::best());
                produce(&mut encoder)?;
                encoder.finish().map(drop)
            }
            Self::Brotli => {
                // A window of 64 KiB, so that the site needs little memory for it.
                let mut encoder = CompressorWriter::new(output, 16 << 10, 5, 16);
                produce(&mut encoder)?;
                encoder.flush()
            }
            Self::Zstd => {
                let mut encoder = zstd::stream::write::Encoder::new(output, 1)?;
                produce(&mut encoder)?;
                encoder.finish().map(drop)
            }
        }
    }

    pub(crate) fn encoded(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut coded = Vec::new();
        self.encode(&mut coded, &mut |output| output.write_all(bytes))?;
        Ok(coded)
    }
}
