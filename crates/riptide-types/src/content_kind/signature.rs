//! Tells bytes that are no text.

use super::ContentKind;

/// Bytes at the start that tell what the rest is.
const WINDOW: usize = 1024;

/// How known formats begin: offset, bytes, name.
const SIGNATURES: &[(usize, &[u8], &str)] = &[
    (0, b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"GIF87a", "a GIF image"),
    (0, b"GIF89a", "a GIF image"),
    (8, b"WEBPVP", "a WebP image"),
    (8, b"WAVE", "a WAVE recording"),
    (8, b"AVI ", "an AVI film"),
    (0, b"II*\0", "a TIFF image"),
    (0, b"MM\0*", "a TIFF image"),
    (0, b"\0\0\x01\0", "an icon"),
    (4, b"ftyp", "an MP4 or HEIF file"),
    (0, b"\x1aE\xdf\xa3", "a WebM or Matroska film"),
    (0, b"OggS\0", "an Ogg file"),
    (0, b"ID3", "an MP3 recording"),
    (0, b"fLaC", "a FLAC recording"),
    (0, b"wOFF", "a web font"),
    (0, b"wOF2", "a web font"),
    (0, b"\0\x01\0\0", "a TrueType font"),
    (0, b"OTTO", "an OpenType font"),
    (0, b"PK\x03\x04", "a ZIP archive or an office document"),
    (0, b"PK\x05\x06", "an empty ZIP archive"),
    (0, b"\x1f\x8b", "a gzip file"),
    (0, b"BZh", "a bzip2 file"),
    (0, b"\xfd7zXZ\0", "an xz file"),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"\x7fELF", "an ELF program"),
    (0, b"MZ\x90\0", "a Windows program"),
    (0, b"\0asm", "a WebAssembly module or component"),
    (0, b"SQLite format 3\0", "an SQLite database"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a Microsoft Office document"),
];

/// How elements begin that a page has near its start. A broken page may well hold some binary bytes.
const MARKUP: &[&[u8]] = &[
    b"<!doctype",
    b"<!--",
    b"<?xml",
    b"<html",
    b"<head",
    b"<body",
    b"<meta",
    b"<title",
    b"<script",
    b"<style",
    b"<link",
    b"<div",
    b"<span",
    b"<table",
    b"<article",
    b"<section",
    b"<p>",
    b"<br>",
    b"<h1",
];

/// A format that is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BinaryFormat {
    /// Its name with an article: `a PNG image`.
    pub name: &'static str,
    /// [`ContentKind::Pdf`], [`ContentKind::Image`] or [`ContentKind::Other`].
    pub kind: ContentKind,
}

impl BinaryFormat {
    /// What the bytes are, when they are no text: by their signature, or else by the "binary data bytes" of the
    /// MIME Sniffing Standard in the head of a file in which nothing looks like markup.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let head = bytes.get(..WINDOW).unwrap_or(bytes);
        if is_pdf(head) {
            return Some(Self { name: "a PDF document", kind: ContentKind::Pdf });
        }
        let has_binary_byte = head.iter().any(|&byte| is_binary_data_byte(byte));
        let signature = SIGNATURES.iter().find(|(offset, signature, _)| {
            bytes.get(*offset..).is_some_and(|rest| rest.starts_with(signature))
                // A signature of letters alone may begin a sentence.
                && (has_binary_byte || !head.is_ascii())
        });
        match signature {
            Some(&(_, _, name)) if name.ends_with(" image") || name == "an icon" => {
                Some(Self { name, kind: ContentKind::Image })
            }
            Some(&(_, _, name)) => Some(Self { name, kind: ContentKind::Other }),
            None if has_binary_byte && !has_markup(head) => {
                Some(Self { name: "binary data", kind: ContentKind::Other })
            }
            None => None,
        }
    }
}

/// PDF begins with its version (ISO 32000-2 §7.5.2); readers take it anywhere in the first 1,024 bytes, after what a
/// mail program or a server put in front of it. There it must begin a line, so that no text that speaks of it is one.
fn is_pdf(head: &[u8]) -> bool {
    memchr::memmem::find_iter(head, b"%PDF-").any(|at| {
        let (before, rest) = head.split_at_checked(at).unwrap_or_default();
        let versioned = rest.get(5).is_some_and(u8::is_ascii_digit);
        let begins_line = before.last().is_none_or(|&byte| matches!(byte, b'\n' | b'\r' | 0 | 0xbf));
        before.is_empty() || (versioned && begins_line && !has_markup(before))
    })
}

/// MIME Sniffing Standard §3: bytes that text does not have.
fn is_binary_data_byte(byte: u8) -> bool {
    matches!(byte, 0x00..=0x08 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f)
}

/// Whether anything in the bytes begins like an element of a page.
pub(super) fn has_markup(head: &[u8]) -> bool {
    memchr::memchr_iter(b'<', head).any(|at| {
        let rest = head.get(at..).unwrap_or_default();
        MARKUP
            .iter()
            .any(|start| rest.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start)))
    })
}
