//! Which version of an interface may stand for which other.

use semver::{BuildMetadata, Version};

/// An interface's name in a component: `namespace:package/interface`, with `@version` when its package has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InterfaceName<'a> {
    /// What comes before the version.
    pub(super) path: &'a str,
    pub(super) version: Option<Version>,
}

impl<'a> InterfaceName<'a> {
    /// A name that states a malformed version is no interface's name.
    pub(super) fn parse(name: &'a str) -> Option<Self> {
        match name.split_once('@') {
            None => Some(Self { path: name, version: None }),
            Some((path, version)) => Some(Self { path, version: Some(Version::parse(version).ok()?) }),
        }
    }

    /// Whether an interface of the name `actual` may be used where this one is expected.
    ///
    /// The rule of [Semantic Versioning](https://semver.org/spec/v2.0.0.html), with Cargo's reading of 0.x: the left-most
    /// number that is not zero must be the same, and what comes after it must not be lower. Pre-releases and 0.0.x promise
    /// nothing, so that only the same version fits.
    pub(super) fn is_met_by(&self, actual: &InterfaceName<'_>) -> bool {
        self.path == actual.path
            && match (&self.version, &actual.version) {
                (None, None) => true,
                (Some(expected), Some(actual)) => is_compatible(expected, actual),
                _ => false,
            }
    }
}

fn is_compatible(expected: &Version, actual: &Version) -> bool {
    let is_exact =
        !expected.pre.is_empty() || !actual.pre.is_empty() || (expected.major, expected.minor) == (0, 0);
    if is_exact {
        return expected == actual;
    }
    let same_line = expected.major == actual.major && (expected.major > 0 || expected.minor == actual.minor);
    // Build metadata has no rank.
    let rank = |version: &Version| Version { build: BuildMetadata::EMPTY, ..version.clone() };
    same_line && rank(actual) >= rank(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(expected: &str, actual: &str) -> bool {
        let name = |version: &str| match version {
            "" => "a:b/c".to_owned(),
            version => format!("a:b/c@{version}"),
        };
        let (expected, actual) = (name(expected), name(actual));
        InterfaceName::parse(&expected).unwrap().is_met_by(&InterfaceName::parse(&actual).unwrap())
    }

    #[test]
    fn the_rule_of_semantic_versioning_decides() {
        for (expected, actual, verdict) in [
            ("0.2.0", "0.2.0", true),
            ("0.2.0", "0.2.1", true),
            ("0.2.0", "0.2.0+build.7", true),
            ("0.2.0", "0.3.0", false),
            ("0.2.0", "0.1.9", false),
            ("0.2.1", "0.2.0", false),
            ("0.2.0", "1.2.0", false),
            ("0.2.0", "", false),
            ("", "0.2.0", false),
            ("", "", true),
            ("1.2.0", "1.2.0", true),
            ("1.2.0", "1.2.1", true),
            ("1.2.0", "1.10.0", true),
            ("1.2.0", "1.1.9", false),
            ("1.2.0", "2.0.0", false),
            ("0.0.3", "0.0.3", true),
            ("0.0.3", "0.0.4", false),
            ("0.2.0", "0.2.1-rc.1", false),
            ("0.2.0-rc.1", "0.2.0-rc.1", true),
            ("0.2.0-rc.1", "0.2.0-rc.2", false),
            ("0.2.0-rc.1", "0.2.0", false),
        ] {
            assert_eq!(fits(expected, actual), verdict, "{actual} for {expected}");
        }
    }

    #[test]
    fn names_differ_in_more_than_versions() {
        let name = |name| InterfaceName::parse(name).unwrap();
        assert!(!name("a:b/c@0.2.0").is_met_by(&name("a:b/d@0.2.0")));
        assert!(!name("a:b/c@0.2.0").is_met_by(&name("z:b/c@0.2.0")));
        assert_eq!(InterfaceName::parse("a:b/c@two"), None);
    }
}
