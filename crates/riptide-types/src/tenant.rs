use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Whoever a document belongs to: part of every key that could mix two of them up. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant(Arc<str>);

/// A name that no tenant can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not a tenant's name: expected 1 to {LONGEST} letters, digits, `-`, `_`, `.` or `:`")]
pub struct InvalidTenant {
    name: String,
}

/// Bytes of the longest name.
const LONGEST: usize = 128;

impl Tenant {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// The one tenant of a program that serves a single user: `default`.
impl Default for Tenant {
    fn default() -> Self {
        Self(Arc::from("default"))
    }
}

impl FromStr for Tenant {
    type Err = InvalidTenant;

    fn from_str(name: &str) -> Result<Self, InvalidTenant> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        if name.is_empty() || name.len() > LONGEST || !name.bytes().all(fits) {
            let name = name.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
            return Err(InvalidTenant { name });
        }
        Ok(Self(Arc::from(name)))
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Borrow<str> for Tenant {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_plain_word() {
        for name in ["a", "team-7", "acme:crawl.eu_1", &"x".repeat(LONGEST)] {
            assert_eq!(name.parse::<Tenant>().unwrap().name(), name);
        }
        for name in ["", "two words", "tab\t", "ünlü", "a/b", &"x".repeat(LONGEST + 1)] {
            assert!(name.parse::<Tenant>().is_err(), "{name}");
        }
        assert_eq!(Tenant::default().name(), "default");
    }

    #[test]
    fn a_bad_name_is_told_without_control_characters() {
        let text = "a\nb".parse::<Tenant>().unwrap_err().to_string();
        assert!(text.starts_with("`a b` is not a tenant's name: expected 1 to 128 letters"), "{text}");
    }
}
