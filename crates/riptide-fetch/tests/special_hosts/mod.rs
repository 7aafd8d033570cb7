//! Addresses that must not be dialled, in all the ways in which a URL can hold them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
use riptide_fetch::is_global;

/// The special ranges of IPv4, written down again so that a slip in the guard's own list is found.
const IPV4_RANGES: [(&str, u32); 18] = [
    ("0.0.0.0", 8),
    ("10.0.0.0", 8),
    ("100.64.0.0", 10),
    ("127.0.0.0", 8),
    ("169.254.0.0", 16),
    ("172.16.0.0", 12),
    ("192.0.0.0", 24),
    ("192.0.2.0", 24),
    ("192.31.196.0", 24),
    ("192.52.193.0", 24),
    ("192.88.99.0", 24),
    ("192.168.0.0", 16),
    ("192.175.48.0", 24),
    ("198.18.0.0", 15),
    ("198.51.100.0", 24),
    ("203.0.113.0", 24),
    ("224.0.0.0", 4),
    ("240.0.0.0", 4),
];

const IPV6_RANGES: [(&str, u32); 16] = [
    ("::", 96),
    ("::ffff:0:0:0", 96),
    ("64:ff9b:1::", 48),
    ("100::", 64),
    ("2001::", 23),
    ("2001:db8::", 32),
    ("2002::", 16),
    ("2620:4f:8000::", 48),
    ("3fff::", 20),
    ("4000::", 2),
    ("8000::", 1),
    ("5f00::", 16),
    ("fc00::", 7),
    ("fe80::", 10),
    ("fec0::", 10),
    ("ff00::", 8),
];

/// An address of a range: its network, and whatever bits behind.
fn special_ipv4() -> impl Strategy<Value = Ipv4Addr> {
    (prop::sample::select(&IPV4_RANGES[..]), any::<u32>()).prop_map(|((network, prefix), bits)| {
        let network: Ipv4Addr = network.parse().unwrap();
        Ipv4Addr::from(u32::from(network) | bits.checked_shr(prefix).unwrap_or(0))
    })
}

fn special_ipv6() -> impl Strategy<Value = Ipv6Addr> {
    let in_range =
        (prop::sample::select(&IPV6_RANGES[..]), any::<u128>()).prop_map(|((network, prefix), bits)| {
            let network: Ipv6Addr = network.parse().unwrap();
            Ipv6Addr::from(u128::from(network) | bits >> prefix)
        });
    prop_oneof![in_range, special_ipv4().prop_flat_map(carriers)]
}

/// The IPv6 addresses that carry an IPv4 one.
fn carriers(carried: Ipv4Addr) -> impl Strategy<Value = Ipv6Addr> {
    let bits = u128::from(u32::from(carried));
    let under = move |prefix: &str| Ipv6Addr::from(u128::from(prefix.parse::<Ipv6Addr>().unwrap()) | bits);
    let [a, b, c, d] = carried.octets();
    let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    prop::sample::select(vec![
        under("::"),
        under("::ffff:0:0"),
        under("64:ff9b::"),
        under("64:ff9b:1::"),
        under("2a00:1450:4001:81b:0:5efe::"),
        under("2a00:1450:4001:81b:200:5efe::"),
        Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
        Ipv6Addr::new(0x2001, 0, high, low, 0, 0, 0, 1),
        Ipv6Addr::new(0x2001, 0, 0x0808, 0x0808, 0, 0, !high, !low),
    ])
}

/// An address that no name may lead to.
pub(super) fn special_address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![special_ipv4().prop_map(IpAddr::V4), special_ipv6().prop_map(IpAddr::V6)]
}

/// An address of the public internet.
pub(super) fn global_address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<Ipv4Addr>().prop_map(IpAddr::V4),
        any::<u128>().prop_map(|bits| IpAddr::V6(Ipv6Addr::from((0x2 << 124) | bits >> 4))),
    ]
    .prop_filter("global", |address| is_global(*address))
}

/// A special address as the host of a URL.
pub(super) fn special_host() -> impl Strategy<Value = String> {
    let forms = prop::collection::vec(number_forms(), 4);
    let ipv4 = (special_ipv4(), 1..=4_usize, forms, digit_forms(), dots(), any::<bool>()).prop_map(
        |(address, count, forms, digit, dot, ends_in_dot)| {
            let numbers = numbers(address, count).into_iter().zip(forms);
            let written: Vec<String> =
                numbers.map(|(number, write)| write(number).chars().map(digit).collect()).collect();
            written.join(dot) + if ends_in_dot { dot } else { "" }
        },
    );
    prop_oneof![ipv4, special_ipv6().prop_flat_map(ipv6_forms)]
}

/// The address as one to four numbers, of which the last holds all that is left.
fn numbers(address: Ipv4Addr, count: usize) -> Vec<u32> {
    let octets = address.octets();
    let (single, rest) = octets.split_at(count - 1);
    let last = rest.iter().fold(0, |number, octet| number << 8 | u32::from(*octet));
    single.iter().copied().map(u32::from).chain([last]).collect()
}

fn number_forms() -> impl Strategy<Value = fn(u32) -> String> {
    prop::sample::select(vec![
        (|number| format!("{number}")) as fn(u32) -> String,
        |number| format!("0{number:o}"),
        |number| format!("000{number:o}"),
        |number| format!("0x{number:x}"),
        |number| format!("0X{number:X}"),
        |number| format!("0x000{number:x}"),
    ])
}

fn dots() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![".", "%2e", "%2E", "\u{3002}", "\u{ff0e}", "\u{ff61}", "%E3%80%82"])
}

/// Ways to write one character; those that are not of ASCII are mapped to it.
fn digit_forms() -> impl Strategy<Value = fn(char) -> String> {
    let full_width = |character: char| match character {
        '0'..='9' => char::from_u32(u32::from(character) - u32::from('0') + 0xff10).unwrap().to_string(),
        _ => character.to_string(),
    };
    let mathematical = |character: char| match character {
        '0'..='9' => char::from_u32(u32::from(character) - u32::from('0') + 0x1d7ce).unwrap().to_string(),
        _ => character.to_string(),
    };
    let percent_encoded = |character: char| format!("%{:02x}", u32::from(character));
    let broken_by_tab = |character: char| format!("{character}\t");
    prop::sample::select(vec![
        (|character: char| character.to_string()) as fn(char) -> String,
        full_width,
        mathematical,
        percent_encoded,
        broken_by_tab,
    ])
}

fn ipv6_forms(address: Ipv6Addr) -> impl Strategy<Value = String> {
    let [.., a, b, c, d] = address.octets();
    let [s0, s1, s2, s3, s4, s5, ..] = address.segments();
    let all: Vec<_> = address.segments().iter().map(|segment| format!("{segment:04X}")).collect();
    prop::sample::select(vec![
        format!("[{address}]"),
        format!("[{}]", address.to_string().to_uppercase()),
        format!("[{}]", all.join(":")),
        format!("[{s0:x}:{s1:x}:{s2:x}:{s3:x}:{s4:x}:{s5:x}:{a}.{b}.{c}.{d}]"),
    ])
}
