//! The encoding that markup declares: HTML §13.2.3.2, "prescan a byte stream to determine its encoding".

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// Bytes at the start of a page in which a declaration counts.
pub(super) const WINDOW: usize = 1024;

/// What a page says of its own encoding.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Declaration {
    /// The first usable declaration.
    pub(super) encoding: Option<&'static Encoding>,
    /// The first label that no encoding has, if there is no usable declaration.
    pub(super) unknown_label: Option<String>,
}

/// Looks for a declaration in the first [`WINDOW`] bytes.
pub(super) fn declared_encoding(bytes: &[u8]) -> Declaration {
    let head = bytes.get(..WINDOW).unwrap_or(bytes);
    if head.starts_with(b"<\0?\0x\0") {
        return Declaration { encoding: Some(UTF_16LE), unknown_label: None };
    }
    if head.starts_with(b"\0<\0?\0x") {
        return Declaration { encoding: Some(UTF_16BE), unknown_label: None };
    }
    let mut prescan = Prescan { bytes: head, position: 0, unknown_label: None };
    let encoding = prescan.run().or_else(|| prescan.xml_encoding(head));
    let unknown_label = if encoding.is_some() { None } else { prescan.unknown_label };
    Declaration { encoding, unknown_label }
}

struct Prescan<'b> {
    bytes: &'b [u8],
    position: usize,
    unknown_label: Option<String>,
}

/// An attribute, in lower case.
struct Attribute {
    name: Vec<u8>,
    value: Vec<u8>,
}

// In all methods `None` by `?` means that the bytes ran out, which ends the search.
impl Prescan<'_> {
    fn run(&mut self) -> Option<&'static Encoding> {
        loop {
            self.position += memchr::memchr(b'<', self.rest())?;
            let rest = self.rest();
            if rest.starts_with(b"<!--") {
                self.skip_comment()?;
            } else if is_meta_start(rest) {
                self.position += b"<meta".len();
                if let Some(encoding) = self.meta_encoding()? {
                    return Some(encoding);
                }
            } else if is_tag_start(rest) {
                self.skip_tag()?;
            } else if let [b'<', b'!' | b'/' | b'?', ..] = rest {
                self.position += memchr::memchr(b'>', rest)?;
            }
            self.position += 1;
        }
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    /// To the `>` of `-->`, whose dashes may be those of `<!--`.
    fn skip_comment(&mut self) -> Option<()> {
        let dashes = self.position + 2;
        self.position = dashes + memchr::memmem::find(self.bytes.get(dashes..)?, b"-->")? + 2;
        Some(())
    }

    fn skip_tag(&mut self) -> Option<()> {
        while !matches!(self.peek()?, b'\t' | b'\n' | 0x0c | b'\r' | b' ' | b'>') {
            self.position += 1;
        }
        while self.attribute()?.is_some() {}
        Some(())
    }

    /// The encoding that a `meta` tag names, with the position after the tag's name.
    fn meta_encoding(&mut self) -> Option<Option<&'static Encoding>> {
        let mut seen = Vec::new();
        let mut got_pragma = false;
        let mut need_pragma = None;
        let mut label: Option<Vec<u8>> = None;
        while let Some(Attribute { name, value }) = self.attribute()? {
            if seen.contains(&name) {
                continue;
            }
            match name.as_slice() {
                b"http-equiv" => got_pragma |= value == b"content-type",
                b"content" if label.is_none() => {
                    if let Some(found) = label_in_content(&value) {
                        label = Some(found.to_vec());
                        need_pragma = Some(true);
                    }
                }
                b"charset" => {
                    label = Some(value);
                    need_pragma = Some(false);
                }
                _ => {}
            }
            seen.push(name);
        }
        let (Some(label), Some(need_pragma)) = (label, need_pragma) else { return Some(None) };
        if need_pragma && !got_pragma {
            return Some(None);
        }
        Some(self.encoding_for(&label))
    }

    /// The encoding of a label in markup, which must be readable as ASCII.
    fn encoding_for(&mut self, label: &[u8]) -> Option<&'static Encoding> {
        match Encoding::for_label_no_replacement(label) {
            Some(encoding) if encoding == UTF_16BE || encoding == UTF_16LE => Some(UTF_8),
            Some(encoding) if encoding == X_USER_DEFINED => Some(WINDOWS_1252),
            Some(encoding) => Some(encoding),
            None => {
                self.unknown_label.get_or_insert_with(|| String::from_utf8_lossy(label).into_owned());
                None
            }
        }
    }

    /// "Get an attribute": `Some(None)` at the end of the tag.
    fn attribute(&mut self) -> Option<Option<Attribute>> {
        while is_space(self.peek()?) || self.peek()? == b'/' {
            self.position += 1;
        }
        if self.peek()? == b'>' {
            return Some(None);
        }
        let mut attribute = Attribute { name: Vec::new(), value: Vec::new() };
        loop {
            match self.peek()? {
                b'=' if !attribute.name.is_empty() => break,
                byte if is_space(byte) => break,
                b'/' | b'>' => return Some(Some(attribute)),
                byte => attribute.name.push(byte.to_ascii_lowercase()),
            }
            self.position += 1;
        }
        self.skip_spaces()?;
        if self.peek()? != b'=' {
            return Some(Some(attribute));
        }
        self.position += 1;
        self.skip_spaces()?;
        match self.peek()? {
            quote @ (b'"' | b'\'') => {
                self.position += 1;
                let length = memchr::memchr(quote, self.rest())?;
                attribute.value = self.rest().get(..length)?.to_ascii_lowercase();
                self.position += length + 1;
            }
            _ => {
                while !is_space(self.peek()?) && self.peek()? != b'>' {
                    attribute.value.push(self.peek()?.to_ascii_lowercase());
                    self.position += 1;
                }
            }
        }
        Some(Some(attribute))
    }

    fn skip_spaces(&mut self) -> Option<()> {
        while is_space(self.peek()?) {
            self.position += 1;
        }
        Some(())
    }

    /// "Get an XML encoding": what an XML declaration at the very start says.
    fn xml_encoding(&mut self, head: &[u8]) -> Option<&'static Encoding> {
        let declaration = head.strip_prefix(b"<?xml")?;
        memchr::memchr(b'>', declaration)?;
        let at = memchr::memmem::find(declaration, b"encoding")?;
        let rest = skip_control(declaration.get(at + b"encoding".len()..)?);
        let [quote @ (b'"' | b'\''), value @ ..] = skip_control(rest.strip_prefix(b"=")?) else {
            return None;
        };
        let label = value.get(..memchr::memchr(*quote, value)?)?;
        if label.iter().any(|&byte| byte <= b' ') {
            return None;
        }
        self.encoding_for(label)
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn skip_control(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().take_while(|&&byte| byte <= b' ').count();
    bytes.get(length..).unwrap_or_default()
}

fn is_meta_start(bytes: &[u8]) -> bool {
    bytes.split_first_chunk::<5>().is_some_and(|(name, rest)| {
        name.eq_ignore_ascii_case(b"<meta")
            && rest.first().is_some_and(|&byte| is_space(byte) || byte == b'/')
    })
}

fn is_tag_start(bytes: &[u8]) -> bool {
    match bytes {
        [b'<', b'/', letter, ..] | [b'<', letter, ..] => letter.is_ascii_alphabetic(),
        _ => false,
    }
}

/// "Extracting a character encoding from a meta element": the label in a `content` attribute (lower case).
fn label_in_content(content: &[u8]) -> Option<&[u8]> {
    let mut rest = content;
    loop {
        let at = memchr::memmem::find(rest, b"charset")?;
        rest = skip_space(rest.get(at + b"charset".len()..)?);
        if let Some(value) = rest.strip_prefix(b"=") {
            return match skip_space(value) {
                [quote @ (b'"' | b'\''), quoted @ ..] => quoted.get(..memchr::memchr(*quote, quoted)?),
                [] => None,
                bare => bare.split(|&byte| is_space(byte) || byte == b';').next(),
            };
        }
    }
}

fn skip_space(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().take_while(|&&byte| is_space(byte)).count();
    bytes.get(length..).unwrap_or_default()
}
