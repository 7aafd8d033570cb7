//! What robots.txt files mean, by a table and by what must hold of all of them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::time::Duration;

use proptest::prelude::*;
use riptide_fetch::{ProductToken, Robots};

/// One file and one question.
struct Case {
    title: String,
    file: Vec<u8>,
    agent: String,
    path: String,
    allowed: bool,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let (mut title, mut file) = (String::new(), Vec::new());
    for line in include_str!("tables/robots.txt").lines() {
        match line.split_at_checked(1) {
            None | Some(("#", _)) => {}
            Some(("=", rest)) => {
                rest.trim().clone_into(&mut title);
                file.clear();
            }
            Some(("|", rest)) => file.extend(octets(rest.strip_prefix(' ').unwrap_or(rest))),
            Some(("?", rest)) => {
                let [agent, path, verdict] = rest.split_whitespace().collect::<Vec<_>>()[..] else {
                    panic!("`{line}` is not an agent, a path and a verdict");
                };
                let allowed = match verdict {
                    "allowed" => true,
                    "refused" => false,
                    _ => panic!("`{verdict}` is no verdict"),
                };
                let (agent, path) = (agent.to_owned(), path.to_owned());
                cases.push(Case { title: title.clone(), file: file.clone(), agent, path, allowed });
            }
            Some(_) => panic!("`{line}` has no mark"),
        }
    }
    cases
}

/// A line of a file, with its end.
fn octets(line: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\\') {
        octets.extend(before.as_bytes());
        let (mark, after) = after.split_at(1);
        rest = after;
        match mark {
            "r" => octets.push(b'\r'),
            "n" => octets.push(b'\n'),
            "t" => octets.push(b'\t'),
            "0" => octets.push(0),
            "x" => {
                let (digits, after) = rest.split_at(2);
                octets.push(u8::from_str_radix(digits, 16).unwrap());
                rest = after;
            }
            "." => return octets,
            _ => panic!("`\\{mark}` in `{line}` stands for nothing"),
        }
    }
    octets.extend(rest.as_bytes());
    octets.push(b'\n');
    octets
}

fn token(name: &str) -> ProductToken {
    name.parse().unwrap()
}

fn allows(file: &[u8], path: &str) -> bool {
    Robots::parse(file).allows(&ProductToken::default(), path)
}

#[test]
fn files_mean_what_the_table_says() {
    let cases = cases();
    assert!(cases.len() >= 80, "{} cases", cases.len());
    let wrong: Vec<_> = cases
        .iter()
        .filter(|case| Robots::parse(&case.file).allows(&token(&case.agent), &case.path) != case.allowed)
        .map(|case| {
            format!("{}: {} {} should be allowed: {}", case.title, case.agent, case.path, case.allowed)
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_status_decides_whether_there_is_a_file() {
    let file = b"User-agent: *\nDisallow: /a\n";
    let refused_paths = |status| {
        let robots = Robots::from_status(status, file);
        ["/a", "/b"].map(|path| !robots.allows(&ProductToken::default(), path))
    };
    for status in [200, 203, 204, 206, 299] {
        assert_eq!(refused_paths(status), [true, false], "{status}");
    }
    for status in [301, 302, 307, 308, 400, 401, 403, 404, 410, 418, 451, 499] {
        assert_eq!(refused_paths(status), [false, false], "{status}");
    }
    for status in [0, 100, 199, 429, 500, 502, 503, 504, 599, 600, 999] {
        assert_eq!(refused_paths(status), [true, true], "{status}");
    }
}

#[test]
fn a_delay_is_for_the_agents_named_before_it() {
    let robots = Robots::parse(
        b"User-agent: Slow\nCrawl-delay: 10\n\nUser-agent: *\nDisallow: /a\nCrawl-delay: 0.5\n\nUser-agent: Own\nDisallow: /",
    );
    assert_eq!(robots.crawl_delay(&token("slow")), Some(Duration::from_secs(10)));
    assert_eq!(robots.crawl_delay(&token("Other")), Some(Duration::from_millis(500)));
    assert_eq!(robots.crawl_delay(&token("Own")), None);
}

#[test]
fn the_longest_of_several_delays_counts() {
    let robots = Robots::parse(
        b"User-agent: RipTide\nCrawl-delay: 3\nCrawl-delay: 7\nDisallow: /\nUser-agent: RipTide\nCrawl-delay: 5",
    );
    assert_eq!(robots.crawl_delay(&ProductToken::default()), Some(Duration::from_secs(7)));
}

#[test]
fn what_is_no_delay_is_passed_over() {
    for value in ["", "soon", "-1", "NaN", "inf", "1e400", "1 2", "0x10"] {
        let file = format!("User-agent: *\nCrawl-delay: {value}\nDisallow: /a\n");
        let robots = Robots::parse(file.as_bytes());
        assert_eq!(robots.crawl_delay(&ProductToken::default()), None, "{value}");
        assert!(!robots.allows(&ProductToken::default(), "/a"), "{value}");
    }
}

#[test]
fn sitemaps_are_listed_wherever_they_stand() {
    let robots = Robots::parse(
        b"sitemap: https://e.example/1.xml\nUser-agent: X\nSite-Map: https://e.example/2.xml # more\nDisallow: /\nSITEMAP:\nSitemap: /4.xml",
    );
    let expected = ["https://e.example/1.xml", "https://e.example/2.xml", "/4.xml"];
    assert_eq!(robots.sitemaps(), expected);
}

#[test]
fn lines_that_end_within_500_kib_are_read_and_no_others() {
    let head = "User-agent: *\nDisallow: /a\n";
    let filled = |size: usize, tail: &str| {
        let filler = size - head.len() - tail.len();
        format!("{head}{}\n{tail}", "#".repeat(filler - 1)).into_bytes()
    };
    let limit = 500 * 1024;
    let rule = "Disallow: /b";
    let mut file = filled(limit, rule);
    assert!(!allows(&file, "/b"), "the last line ends with the file, at the limit");
    file.extend(b"\nDisallow: /c\n");
    assert!(!allows(&file, "/b"), "the line ends at the limit");
    assert!(allows(&file, "/c"), "the line begins behind the limit");
    let file = filled(limit + 1, rule);
    assert!(allows(&file, "/b"), "the line ends behind the limit");
    assert!(!allows(&file, "/a"), "what is before the limit counts all the same");
    assert!(allows(&vec![b'x'; limit * 2], "/a"), "one endless line says nothing");
}

proptest! {
    #[test]
    fn any_octets_can_be_parsed(file in prop::collection::vec(any::<u8>(), 0..400), path in ".{0,30}") {
        allows(&file, &path);
    }

    #[test]
    fn line_ends_and_case_of_keys_change_nothing(
        rules in prop::collection::vec((any::<bool>(), "/[ab*]{0,4}\\$?"), 1..8),
        path in "/[ab]{0,6}",
    ) {
        let file = |end: &str, allow: &str, disallow: &str| {
            let mut text = format!("User-agent: *{end}");
            for (allows, pattern) in &rules {
                text += &format!("{}: {pattern}{end}", if *allows { allow } else { disallow });
            }
            text
        };
        let expected = allows(file("\n", "Allow", "Disallow").as_bytes(), &path);
        for end in ["\r", "\r\n", "\n\n", " # x\n"] {
            prop_assert_eq!(allows(file(end, "ALLOW", "disallow").as_bytes(), &path), expected);
        }
    }

    #[test]
    fn the_order_of_rules_changes_nothing(
        rules in prop::collection::vec((any::<bool>(), "/[ab*]{0,4}\\$?"), 1..8),
        path in "/[ab]{0,6}",
    ) {
        let file = |rules: &mut dyn Iterator<Item = &(bool, String)>| {
            rules.fold("User-agent: *\n".to_owned(), |text, (allows, pattern)| {
                format!("{text}{}: {pattern}\n", if *allows { "Allow" } else { "Disallow" })
            })
        };
        let forth = allows(file(&mut rules.iter()).as_bytes(), &path);
        prop_assert_eq!(allows(file(&mut rules.iter().rev()).as_bytes(), &path), forth);
    }
}
