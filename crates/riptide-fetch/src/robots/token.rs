use std::fmt;
use std::str::FromStr;

use riptide_types::{Failure, Phase};

/// The name that a crawler goes by in robots.txt (RFC 9309, section 2.2.1): letters, `-` and `_`. Not the `User-Agent`
/// header, which holds it, such as `RipTide/0.1 (+https://example.org)`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProductToken(Box<str>);

/// This is not a product token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a name for robots.txt: expected letters, `-` and `_`, such as `RipTide`")]
pub struct InvalidProductToken {
    /// What was given.
    pub text: String,
}

impl ProductToken {
    /// The token.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// RipTide's own: `RipTide`.
impl Default for ProductToken {
    fn default() -> Self {
        Self(Box::from("RipTide"))
    }
}

impl FromStr for ProductToken {
    type Err = InvalidProductToken;

    fn from_str(text: &str) -> Result<Self, InvalidProductToken> {
        if text.is_empty() || leading_token(text.as_bytes()).len() < text.len() {
            return Err(InvalidProductToken { text: text.escape_debug().to_string() });
        }
        Ok(Self(Box::from(text)))
    }
}

impl fmt::Display for ProductToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Failure for InvalidProductToken {
    fn code(&self) -> &'static str {
        "invalid-product-token"
    }

    fn phase(&self) -> Phase {
        Phase::Configure
    }

    fn retryable(&self) -> bool {
        false
    }
}

/// The part of `text` up to the first octet that no product token holds.
pub(super) fn leading_token(text: &[u8]) -> &[u8] {
    let is_outside = |octet: &u8| !(octet.is_ascii_alphabetic() || matches!(octet, b'-' | b'_'));
    text.split(is_outside).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_token_is_letters_and_two_marks() {
        for text in ["RipTide", "a", "Foo-Bar_Baz"] {
            assert_eq!(text.parse::<ProductToken>().unwrap().name(), text);
        }
        for text in ["", "RipTide/0.1", "Rip Tide", "bot2", "*", "b\u{f6}t", "a\n"] {
            assert!(text.parse::<ProductToken>().is_err(), "{text:?}");
        }
    }
}
