//! A response's body: unpacked, and read only as far as the budgets go.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_compression::tokio::bufread::{
    BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder,
};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, stream};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::time::timeout;
use tokio_util::io::StreamReader;

use crate::FetchError;

/// How many codings a body may be packed in, one around the other. More than one is rare already.
const MOST_CODINGS: usize = 3;

/// A body that unpacks to more than this, and to more than [`BOMB_RATIO`] times what was sent, is taken for a bomb: of text
/// that long, gzip saves less.
const BOMB_BYTES: u64 = 4 << 20;

/// Text shrinks to a tenth, a table of zeroes to a thousandth.
const BOMB_RATIO: u64 = 150;

/// A body as far as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Body {
    /// Unpacked.
    pub(crate) bytes: Bytes,
    /// Bytes on the wire.
    pub(crate) received: u64,
    /// Why it is not whole, if it is not.
    pub(crate) truncated: Option<String>,
    /// What was mended.
    pub(crate) warnings: Vec<String>,
}

type Reader = Pin<Box<dyn AsyncBufRead + Send>>;

/// How much of a body is wanted, in bytes after decompression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All of it; one that is larger is an error.
    All(usize),
    /// The beginning.
    First(usize),
}

/// Reads a body to its end.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Incoming,
    silence: Duration,
    wanted: Wanted,
) -> Result<Body, FetchError> {
    if let Wanted::All(limit) = wanted
        && declared_length(headers).is_some_and(|length| length > limit)
    {
        return Err(FetchError::BodyTooLarge { limit });
    }
    let received = Arc::new(AtomicU64::new(0));
    let mut warnings = Vec::new();
    let mut reader: Reader =
        Box::pin(StreamReader::new(Box::pin(counted(body, silence, Arc::clone(&received)))));
    let read = async {
        for coding in codings(headers)?.iter().rev() {
            reader = unpacked(reader, coding, &mut warnings).await?;
        }
        read_limited(&mut reader, wanted, &received).await
    };
    let (bytes, truncated) = read.await?;
    Ok(Body { bytes, received: received.load(Ordering::Relaxed), truncated, warnings })
}

/// How many bytes are to come. Packed ones become more.
fn declared_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// What went wrong on the wire, as opposed to the unpacking.
#[derive(Debug, thiserror::Error)]
enum WireError {
    #[error("the body paused")]
    Silence(Duration),
    #[error("{0}")]
    Broken(String),
}

/// The chunks of a body, which may not let wait for themselves.
fn counted(
    body: Incoming,
    silence: Duration,
    received: Arc<AtomicU64>,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let chunks = stream::unfold(body, move |mut body| async move {
        let item = match timeout(silence, body.frame()).await {
            Err(_) => Err(io::Error::other(WireError::Silence(silence))),
            Ok(None) => return None,
            Ok(Some(Ok(frame))) => Ok(frame.into_data().unwrap_or_default()),
            Ok(Some(Err(error))) => Err(io::Error::other(WireError::Broken(root_cause(&error)))),
        };
        Some((item, body))
    });
    chunks.inspect(move |chunk| {
        if let Ok(chunk) = chunk {
            received.fetch_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
    })
}

/// What lies at the bottom of an error.
pub(crate) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| error.source()).last().unwrap_or(error).to_string()
}

/// The codings of a body in the order in which they were applied (RFC 9110, section 8.4).
fn codings(headers: &HeaderMap) -> Result<Vec<String>, FetchError> {
    let mut codings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        for coding in String::from_utf8_lossy(value.as_bytes()).split(',') {
            match coding.trim().to_ascii_lowercase().as_str() {
                "" | "identity" | "none" => {}
                other => codings.push(other.to_owned()),
            }
        }
    }
    if codings.len() > MOST_CODINGS {
        return Err(FetchError::UnknownCoding { coding: codings.join(", ").chars().take(100).collect() });
    }
    Ok(codings)
}

/// A body that does not begin as its coding does is passed on as it is: servers announce what they do not do.
async fn unpacked(
    mut packed: Reader,
    coding: &str,
    warnings: &mut Vec<String>,
) -> Result<Reader, FetchError> {
    let mut start = Vec::new();
    while start.len() < 4 {
        let mut chunk = [0; 4];
        let most = 4 - start.len();
        match packed.read(chunk.get_mut(..most).unwrap_or_default()).await {
            // What is wrong is found again by whoever reads on.
            Ok(0) | Err(_) => break,
            Ok(count) => start.extend(chunk.iter().take(count)),
        }
    }
    let is_empty = start.is_empty();
    let begins_with = |magic: &[u8]| start.starts_with(magic);
    // RFC 1950, section 2.2: the method is 8, and the first two bytes are a multiple of 31.
    let is_zlib = matches!(*start, [cmf, flags, ..] if cmf & 0x0f == 8 && (u16::from(cmf) * 256 + u16::from(flags)) % 31 == 0);
    let fits = match coding {
        "gzip" | "x-gzip" => begins_with(&[0x1f, 0x8b]),
        "zstd" => begins_with(&[0x28, 0xb5, 0x2f, 0xfd]),
        // Neither has marks of its own; markup is none of theirs.
        "deflate" | "br" => is_zlib || !begins_with(b"<"),
        _ => return Err(FetchError::UnknownCoding { coding: coding.chars().take(100).collect() }),
    };
    let whole = std::io::Cursor::new(start).chain(packed);
    if is_empty {
        return Ok(Box::pin(whole));
    }
    if !fits {
        warnings.push(format!("the response says that it is packed with {coding}, but it is not"));
        return Ok(Box::pin(whole));
    }
    Ok(match coding {
        "gzip" | "x-gzip" => {
            let mut decoder = GzipDecoder::new(whole);
            decoder.multiple_members(true);
            buffered(decoder)
        }
        "zstd" => buffered(ZstdDecoder::new(whole)),
        "br" => buffered(BrotliDecoder::new(whole)),
        // RFC 9110, section 8.4.1.2: some send the bare stream, without the zlib format around it.
        _ if is_zlib => buffered(ZlibDecoder::new(whole)),
        _ => buffered(DeflateDecoder::new(whole)),
    })
}

fn buffered(reader: impl tokio::io::AsyncRead + Send + 'static) -> Reader {
    Box::pin(BufReader::with_capacity(16 * 1024, reader))
}

/// All bytes, and why they are not all. Stops as soon as there are too many.
async fn read_limited(
    reader: &mut Reader,
    wanted: Wanted,
    received: &AtomicU64,
) -> Result<(Bytes, Option<String>), FetchError> {
    let (Wanted::All(limit) | Wanted::First(limit)) = wanted;
    let mut bytes = BytesMut::new();
    loop {
        let chunk = match reader.fill_buf().await {
            Ok([]) => return Ok((bytes.freeze(), None)),
            Ok(chunk) => chunk,
            Err(error) => return broken(&error, bytes.freeze()),
        };
        if bytes.len() + chunk.len() > limit {
            if matches!(wanted, Wanted::All(_)) {
                return Err(FetchError::BodyTooLarge { limit });
            }
            bytes.extend(chunk.iter().take(limit - bytes.len()));
            return Ok((bytes.freeze(), None));
        }
        bytes.extend_from_slice(chunk);
        let read = chunk.len();
        reader.as_mut().consume(read);
        let (unpacked, sent) =
            (u64::try_from(bytes.len()).unwrap_or(u64::MAX), received.load(Ordering::Relaxed));
        if unpacked > BOMB_BYTES && unpacked / BOMB_RATIO > sent {
            return Err(FetchError::CompressionBomb { ratio: BOMB_RATIO });
        }
    }
}

/// A body that breaks off is worth keeping as far as it came; one that lets wait for itself is not.
fn broken(error: &io::Error, bytes: Bytes) -> Result<(Bytes, Option<String>), FetchError> {
    let wire = error.get_ref().and_then(|error| error.downcast_ref::<WireError>());
    let problem = match wire {
        Some(WireError::Silence(limit)) => return Err(FetchError::Silence { limit: *limit }),
        Some(WireError::Broken(problem)) => problem.clone(),
        None if bytes.is_empty() => return Err(FetchError::Undecodable { problem: error.to_string() }),
        None => format!("it cannot be unpacked ({error})"),
    };
    if bytes.is_empty() {
        return Err(FetchError::Truncated { problem });
    }
    Ok((bytes, Some(problem)))
}
