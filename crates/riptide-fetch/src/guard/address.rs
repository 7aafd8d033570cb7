//! Which IP addresses are on the public internet.
//!
//! The ranges are those of IANA's special-purpose address registries (RFC 6890,
//! [IPv4](https://www.iana.org/assignments/iana-ipv4-special-registry),
//! [IPv6](https://www.iana.org/assignments/iana-ipv6-special-registry)), and the multicast ranges. All of them are left out,
//! also the few that the registries call globally reachable: they are services of the network itself, some answered by the
//! nearest router, and no web site is there. Of IPv6 only `2000::/3` has been given to anyone
//! ([address space](https://www.iana.org/assignments/ipv6-address-space)), so nothing else is global.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const IPV4_RANGES: [(Ipv4Addr, u32, &str); 19] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private use"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared address space"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private use"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "protocol assignments"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation"),
    (Ipv4Addr::new(192, 31, 196, 0), 24, "AS112"),
    (Ipv4Addr::new(192, 52, 193, 0), 24, "AMT"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "6to4 relays"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private use"),
    (Ipv4Addr::new(192, 175, 48, 0), 24, "AS112"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "benchmarking"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(255, 255, 255, 255), 32, "broadcast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];

/// The first range that holds an address is the one that is named.
const IPV6_RANGES: [(Ipv6Addr, u32, &str); 16] = [
    (Ipv6Addr::UNSPECIFIED, 128, "unspecified"),
    (Ipv6Addr::LOCALHOST, 128, "loopback"),
    (Ipv6Addr::UNSPECIFIED, 96, "IPv4-compatible"),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, "local-use NAT64"),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, "discard-only"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, "Teredo"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "protocol assignments"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "documentation"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "6to4"),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48, "AS112"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "documentation"),
    (Ipv6Addr::new(0x5f00, 0, 0, 0, 0, 0, 0, 0), 16, "segment routing"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "unique local"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local"),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, "site-local"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast"),
];

/// All that IANA gives to networks.
const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// The prefix of NAT64, by which networks without IPv4 reach it (RFC 6052, section 2.1).
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Whether an address is on the public internet: in none of the [special ranges](special_range).
#[must_use]
pub fn is_global(address: IpAddr) -> bool {
    special_range(address).is_none()
}

/// The special range that an address is in, or none if the address is global.
///
/// An IPv4 address inside an IPv6 one is judged by itself where packets get to it: IPv4-mapped (RFC 4291), NAT64 with the
/// well-known prefix (RFC 6052), and ISATAP (RFC 5214), whose prefix must be global too. The other forms that carry one are
/// never global, whatever they carry: IPv4-compatible and 6to4 are given up (RFC 4291, RFC 7526), Teredo leads to a
/// machine behind somebody's router, and where the local-use prefix of NAT64 (RFC 8215) keeps the address, only its own
/// network knows.
#[must_use]
pub fn special_range(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => special_ipv4(address),
        IpAddr::V6(address) => special_ipv6(address),
    }
}

fn special_ipv4(address: Ipv4Addr) -> Option<&'static str> {
    let address = u32::from(address);
    IPV4_RANGES.iter().find_map(|(network, prefix, name)| {
        let differs = (address ^ u32::from(*network)) >> (u32::BITS - prefix);
        (differs == 0).then_some(*name)
    })
}

fn special_ipv6(address: Ipv6Addr) -> Option<&'static str> {
    if let Some(carried) = address.to_ipv4_mapped() {
        return special_ipv4(carried);
    }
    if is_in(address, NAT64) {
        return special_ipv4(last_32_bits(address));
    }
    let listed = IPV6_RANGES
        .iter()
        .find(|(network, prefix, _)| is_in(address, (*network, *prefix)))
        .map(|range| range.2);
    listed
        .or_else(|| (!is_in(address, GLOBAL_UNICAST)).then_some("not allocated"))
        .or_else(|| if is_isatap(address) { special_ipv4(last_32_bits(address)) } else { None })
}

fn is_in(address: Ipv6Addr, (network, prefix): (Ipv6Addr, u32)) -> bool {
    (u128::from(address) ^ u128::from(network)) >> (u128::BITS - prefix) == 0
}

/// The interface identifier is `0000:5efe` and an IPv4 address, or `0200:5efe` if that one is unique (RFC 5214, section 6.1).
fn is_isatap(address: Ipv6Addr) -> bool {
    let [_, _, _, _, first, second, _, _] = address.segments();
    matches!(first, 0 | 0x0200) && second == 0x5efe
}

fn last_32_bits(address: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(address: &str) -> Option<&'static str> {
        special_range(address.parse().unwrap())
    }

    #[test]
    fn a_range_ends_where_the_registry_says() {
        for (before, first, last, after) in [
            (None, "0.0.0.0", "0.255.255.255", Some("1.0.0.0")),
            (Some("9.255.255.255"), "10.0.0.0", "10.255.255.255", Some("11.0.0.0")),
            (Some("100.63.255.255"), "100.64.0.0", "100.127.255.255", Some("100.128.0.0")),
            (Some("126.255.255.255"), "127.0.0.0", "127.255.255.255", Some("128.0.0.0")),
            (Some("169.253.255.255"), "169.254.0.0", "169.254.255.255", Some("169.255.0.0")),
            (Some("172.15.255.255"), "172.16.0.0", "172.31.255.255", Some("172.32.0.0")),
            (Some("191.255.255.255"), "192.0.0.0", "192.0.0.255", Some("192.0.1.0")),
            (Some("192.0.1.255"), "192.0.2.0", "192.0.2.255", Some("192.0.3.0")),
            (Some("192.31.195.255"), "192.31.196.0", "192.31.196.255", Some("192.31.197.0")),
            (Some("192.52.192.255"), "192.52.193.0", "192.52.193.255", Some("192.52.194.0")),
            (Some("192.88.98.255"), "192.88.99.0", "192.88.99.255", Some("192.88.100.0")),
            (Some("192.167.255.255"), "192.168.0.0", "192.168.255.255", Some("192.169.0.0")),
            (Some("192.175.47.255"), "192.175.48.0", "192.175.48.255", Some("192.175.49.0")),
            (Some("198.17.255.255"), "198.18.0.0", "198.19.255.255", Some("198.20.0.0")),
            (Some("198.51.99.255"), "198.51.100.0", "198.51.100.255", Some("198.51.101.0")),
            (Some("203.0.112.255"), "203.0.113.0", "203.0.113.255", Some("203.0.114.0")),
            (Some("223.255.255.255"), "224.0.0.0", "255.255.255.255", None),
            (None, "::", "64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff", None),
            (None, "64:ff9b:0:0:0:1::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Some("2000::")),
            (Some("2000:ffff::"), "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", Some("2001:200::")),
            (Some("2001:db7:ffff::"), "2001:db8::", "2001:db8:ffff:ffff::", Some("2001:db9::")),
            (Some("2001:ffff:ffff::"), "2002::", "2002:ffff:ffff::", Some("2003::")),
            (Some("2620:4f:7fff::"), "2620:4f:8000::", "2620:4f:8000:ffff::", Some("2620:4f:8001::")),
            (Some("3ffe:ffff::"), "3fff::", "3fff:fff:ffff::", Some("3fff:1000::")),
            (Some("3fff:ffff::"), "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", None),
        ] {
            for inside in [first, last] {
                assert!(range(inside).is_some(), "{inside}");
            }
            for outside in before.into_iter().chain(after) {
                assert_eq!(range(outside), None, "{outside}");
            }
        }
    }

    #[test]
    fn the_range_is_named() {
        for (address, name) in [
            ("169.254.169.254", "link-local"),
            ("255.255.255.255", "broadcast"),
            ("255.255.255.254", "reserved"),
            ("::", "unspecified"),
            ("::1", "loopback"),
            ("::8.8.8.8", "IPv4-compatible"),
            ("::ffff:127.0.0.1", "loopback"),
            ("::ffff:0:8.8.8.8", "not allocated"),
            ("64:ff9b::10.0.0.1", "private use"),
            ("64:ff9b:1::8.8.8.8", "local-use NAT64"),
            ("2001::1", "Teredo"),
            ("2001:1::1", "protocol assignments"),
            ("2002:808:808::1", "6to4"),
            ("2a00:1450::5efe:192.168.0.1", "private use"),
            ("2a00:1450::200:5efe:192.168.0.1", "private use"),
            ("fe80::5efe:8.8.8.8", "link-local"),
            ("fd00:ec2::254", "unique local"),
        ] {
            assert_eq!(range(address), Some(name), "{address}");
        }
    }

    #[test]
    fn a_global_ipv4_address_is_global_inside_of_mapped_nat64_and_isatap_addresses() {
        for address in
            ["::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2a00:1450::5efe:8.8.8.8", "2a00:1450::200:5efe:8.8.8.8"]
        {
            assert_eq!(range(address), None, "{address}");
        }
    }
}
