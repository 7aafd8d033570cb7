//! What a host name may look like, and which ones stay at home.

use url::Host;

use super::Reason;

/// Names that never lead to the public web, and what is below them. Asking for them would tell the network's owner, or
/// find a machine of the local network: RFC 6761 (`localhost`), RFC 6762 (`local`), RFC 7686 (`onion`), RFC 8375
/// (`home.arpa`), ICANN's reservation of `internal`, and `localdomain`, which resolvers append.
const LOCAL_NAMES: [&str; 6] = ["home.arpa", "internal", "local", "localdomain", "localhost", "onion"];

/// The longest name and the longest part of one, in octets (RFC 1035, section 2.3.4).
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Reads `host:port`. The port has to be there.
pub(super) fn host_and_port(text: &str) -> Option<(Host<String>, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    if !port.bytes().all(|octet| octet.is_ascii_digit()) {
        return None;
    }
    Some((Host::parse(host).ok()?, port.parse().ok()?))
}

/// A name without the dot that stands for the root: both forms name the same host.
pub(super) fn without_root(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// A host name in the preferred form of RFC 1123, section 2.1, with the underscore that some sites use. The URL standard lets
/// more through, which resolvers each read in their own way.
pub(super) fn check_form(name: &str) -> Result<(), Reason> {
    let relative = without_root(name);
    let is_label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'_')
    };
    if relative.len() > LONGEST_NAME || !relative.split('.').all(is_label) {
        return Err(Reason::Name(name.chars().take(LONGEST_NAME).collect()));
    }
    Ok(())
}

/// A name of the public web's, as far as a name can tell.
pub(super) fn check_public(name: &str) -> Result<(), Reason> {
    let relative = without_root(name);
    let is_local = LOCAL_NAMES
        .iter()
        .any(|local| relative.strip_suffix(local).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    if is_local { Err(Reason::LocalName(name.to_owned())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_at_most_253_octets_and_a_part_of_it_63() {
        let label = |length| "a".repeat(length);
        let longest = [label(63), label(63), label(63), label(61)].join(".");
        assert_eq!(longest.len(), 253);
        for (name, fits) in [
            (longest.clone(), true),
            (format!("{longest}."), true),
            (format!("{longest}a"), false),
            (label(63), true),
            (label(64), false),
            (String::new(), false),
        ] {
            assert_eq!(check_form(&name).is_ok(), fits, "{name}");
        }
    }
}
