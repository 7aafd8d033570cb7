//! Paths, and the patterns that rules hold, in octets of ASCII.
//!
//! Both are compared in the form that RFC 9309, section 2.2.2, gives them: octets outside of ASCII percent-encoded, with
//! capital digits. About percent-encoded letters the RFC and Google's parser differ. By the RFC `/%61` is `/a`, and `%2A`
//! and `%24` in a pattern stand for `*` and `$` themselves; Google compares them as they are written. A [`Path`] and a
//! [`Pattern`] therefore have a *written* form and a *decoded* one.

/// The path and query of a URL.
pub(super) struct Path {
    written: String,
    decoded: String,
}

impl Path {
    pub(super) fn of(path_and_query: &str) -> Self {
        let path = path_and_query.split('#').next().unwrap_or_default();
        let mut written = percent_encoded(path.as_bytes());
        if !written.starts_with('/') {
            written.insert(0, '/');
        }
        let decoded = unreserved_decoded(&written).replace('*', "%2A").replace('$', "%24");
        Self { written, decoded }
    }

    pub(super) fn is_robots_txt(&self) -> bool {
        self.written == "/robots.txt"
    }
}

/// What a rule is about: the start of a path, with `*` for any octets, and `$` at the end for the end of the path.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    written: Box<str>,
    /// If it differs.
    decoded: Option<Box<str>>,
}

impl Pattern {
    pub(super) fn of(path: &[u8]) -> Self {
        Self::written(percent_encoded(path))
    }

    fn written(written: String) -> Self {
        let decoded = unreserved_decoded(&written);
        let decoded = match decoded.strip_suffix('$') {
            Some(start) => format!("{}$", start.replace('$', "%24")),
            None => decoded.replace('$', "%24"),
        };
        let decoded = (decoded != written).then(|| decoded.into_boxed_str());
        Self { written: written.into_boxed_str(), decoded }
    }

    /// Octets of the written form: what decides between rules. An empty pattern says nothing.
    pub(super) fn len(&self) -> usize {
        self.written.len()
    }

    /// The folder whose index page the pattern names (`/a/index.html`): who may read the one may read the other, as Google
    /// has it.
    pub(super) fn folder_of_index_page(&self) -> Option<Self> {
        let (folder, file) = self.written.rsplit_once('/')?;
        file.starts_with("index.htm").then(|| Self::written(format!("{folder}/$")))
    }

    /// Whether the path matches as written.
    pub(super) fn matches(&self, path: &Path) -> bool {
        matches(&self.written, &path.written, |a, b| a == b)
    }

    /// Whether the path matches when both are decoded.
    pub(super) fn matches_decoded(&self, path: &Path) -> bool {
        matches(self.decoded.as_deref().unwrap_or(&self.written), &path.decoded, |a, b| a == b)
    }
}

/// Whether `path` matches `pattern`. What stands between two `*` is looked for where it comes first: a later place would leave
/// less for the rest. So nothing is tried twice, and the cost is linear in the length of both.
///
/// `same` compares two octets; tests count its calls.
fn matches(pattern: &str, path: &str, mut same: impl FnMut(u8, u8) -> bool) -> bool {
    let (pattern, to_the_end) = pattern.strip_suffix('$').map_or((pattern, false), |start| (start, true));
    let mut literals = pattern.split('*').map(str::as_bytes);
    let Some(mut rest) = path.as_bytes().strip_prefix(literals.next().unwrap_or_default()) else {
        return false;
    };
    let Some(last) = literals.next_back() else { return !to_the_end || rest.is_empty() };
    for literal in literals {
        let Some(after) = after_first(literal, rest, &mut same) else { return false };
        rest = after;
    }
    if to_the_end { rest.ends_with(last) } else { after_first(last, rest, &mut same).is_some() }
}

/// What follows the first place where `literal` stands in `text`; by Knuth, Morris and Pratt.
fn after_first<'a>(
    literal: &[u8],
    text: &'a [u8],
    same: &mut impl FnMut(u8, u8) -> bool,
) -> Option<&'a [u8]> {
    if literal.is_empty() {
        return Some(text);
    }
    let borders = borders(literal, same);
    let mut matched = 0;
    for (place, octet) in text.iter().enumerate() {
        matched = advance(literal, &borders, matched, *octet, same);
        if matched == literal.len() {
            return text.get(place + 1..);
        }
    }
    None
}

/// For each start of `literal`, the length of its longest border: what it both begins and ends with, and is not all of it.
fn borders(literal: &[u8], same: &mut impl FnMut(u8, u8) -> bool) -> Vec<usize> {
    let mut borders = vec![0];
    let mut border = 0;
    for octet in literal.iter().skip(1) {
        border = advance(literal, &borders, border, *octet, same);
        borders.push(border);
    }
    borders
}

/// How many octets of `literal` match up to and with `octet`, when `matched` of them did before it.
fn advance(
    literal: &[u8],
    borders: &[usize],
    mut matched: usize,
    octet: u8,
    same: &mut impl FnMut(u8, u8) -> bool,
) -> usize {
    loop {
        if literal.get(matched).is_some_and(|expected| same(*expected, octet)) {
            return matched + 1;
        }
        let Some(shorter) = matched.checked_sub(1).and_then(|last| borders.get(last)) else { return 0 };
        matched = *shorter;
    }
}

/// Octets outside of ASCII percent-encoded, and the digits of what is percent-encoded in capitals.
fn percent_encoded(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    let mut rest = octets;
    while let [octet, after @ ..] = rest {
        rest = after;
        match (octet, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                text.extend([
                    '%',
                    char::from(high.to_ascii_uppercase()),
                    char::from(low.to_ascii_uppercase()),
                ]);
                rest = after;
            }
            _ if octet.is_ascii() => text.push(char::from(*octet)),
            _ => text.push_str(&format!("%{octet:02X}")),
        }
    }
    text
}

/// What is percent-encoded without need (RFC 3986, section 2.3) put in plain.
fn unreserved_decoded(encoded: &str) -> String {
    let mut text = String::with_capacity(encoded.len());
    let mut pieces = encoded.split('%');
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let code = piece.split_at_checked(2).and_then(|(digits, after)| {
            let octet = u8::from_str_radix(digits, 16).ok()?;
            let is_unreserved = octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
            is_unreserved.then_some((char::from(octet), after))
        });
        match code {
            Some((character, after)) => {
                text.push(character);
                text.push_str(after);
            }
            None => {
                text.push('%');
                text.push_str(piece);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests;
