use proptest::prelude::*;

use super::*;

/// What the standard says, word for word, with a memory of what was tried.
fn matches_by_definition(pattern: &[u8], path: &[u8]) -> bool {
    fn from(pattern: &[u8], path: &[u8], i: usize, j: usize, known: &mut [Vec<Option<bool>>]) -> bool {
        if let Some(answer) = known[i][j] {
            return answer;
        }
        let answer = match pattern.get(i) {
            None => true,
            Some(b'$') if i + 1 == pattern.len() => j == path.len(),
            Some(b'*') => {
                from(pattern, path, i + 1, j, known) || j < path.len() && from(pattern, path, i, j + 1, known)
            }
            Some(octet) => path.get(j) == Some(octet) && from(pattern, path, i + 1, j + 1, known),
        };
        known[i][j] = Some(answer);
        answer
    }
    from(pattern, path, 0, 0, &mut vec![vec![None; path.len() + 1]; pattern.len() + 1])
}

/// The answer, and how often two octets were compared to find it.
fn counted(pattern: &str, path: &str) -> (bool, usize) {
    let mut comparisons = 0;
    let answer = matches(pattern, path, |a, b| {
        comparisons += 1;
        a == b
    });
    (answer, comparisons)
}

#[test]
fn a_hostile_pattern_costs_no_more_than_twice_the_length_of_both() {
    let a = |count| "a".repeat(count);
    for (pattern, path) in [
        (format!("/{}b", "*a".repeat(1_000)), format!("/{}", a(2_000))),
        (format!("/{}", "a*".repeat(1_000)), format!("/{}", a(999))),
        (format!("/*{}b", a(1_000)), format!("/{}", a(5_000))),
        (format!("/*{}b$", a(1_000)), format!("/{}", a(5_000))),
        (format!("/*{}b*{}b*{}b", a(300), a(300), a(300)), format!("/{}", a(300) + "b").repeat(9)),
        (format!("/*{}", format!("*{}b", a(30)).repeat(50)), format!("/{}", (a(29) + "b").repeat(300))),
        ("*".repeat(5_000), format!("/{}", a(5_000))),
        (format!("/*{}c", "ab".repeat(1_000)), format!("/{}", "ab".repeat(3_000))),
    ] {
        let (_, comparisons) = counted(&pattern, &path);
        let bound = 2 * (pattern.len() + path.len());
        assert!(
            comparisons <= bound,
            "{comparisons} comparisons, more than {bound}: {pattern:.20} {path:.20}"
        );
    }
}

#[test]
fn octets_outside_of_ascii_are_encoded_and_digits_capital() {
    for (written, encoded) in [
        (&b"/a"[..], "/a"),
        ("/\u{30c4}".as_bytes(), "/%E3%83%84"),
        (b"/\xff", "/%FF"),
        (b"/%e3%83%84", "/%E3%83%84"),
        (b"/%2f%2F", "/%2F%2F"),
        (b"/%", "/%"),
        (b"/%4", "/%4"),
        (b"/%4g%", "/%4g%"),
        (b"/%%41", "/%%41"),
        (b"/a b", "/a b"),
    ] {
        assert_eq!(percent_encoded(written), encoded);
    }
}

#[test]
fn only_what_needs_no_encoding_is_decoded() {
    for (encoded, decoded) in [
        ("/%61%5A%30%2D%2E%5F%7E", "/aZ0-._~"),
        ("/%2F%3F%2A%24%25%20", "/%2F%3F%2A%24%25%20"),
        ("/%E3%83%84", "/%E3%83%84"),
        ("/%", "/%"),
        ("/%6", "/%6"),
        ("/%%61", "/%a"),
        ("/%+1", "/%+1"),
    ] {
        assert_eq!(unreserved_decoded(encoded), decoded);
    }
}

proptest! {
    #[test]
    fn the_answer_is_that_of_the_definition(pattern in "/?[ab*$]{0,12}", path in "/[ab$]{0,16}") {
        let expected = matches_by_definition(pattern.as_bytes(), path.as_bytes());
        prop_assert_eq!(counted(&pattern, &path).0, expected);
    }

    #[test]
    fn the_cost_is_linear(pattern in "/?[ab*]{0,60}\\$?", path in "/[ab]{0,200}") {
        let (_, comparisons) = counted(&pattern, &path);
        prop_assert!(comparisons <= 2 * (pattern.len() + path.len()), "{}", comparisons);
    }

    #[test]
    fn encoding_twice_changes_nothing(octets in prop::collection::vec(any::<u8>(), 0..40)) {
        let once = percent_encoded(&octets);
        prop_assert!(once.is_ascii());
        prop_assert_eq!(percent_encoded(once.as_bytes()), once);
    }

    #[test]
    fn a_plain_pattern_matches_a_path_however_letters_are_encoded(
        letters in prop::collection::vec((prop::char::range('a', 'z'), any::<bool>()), 1..12),
    ) {
        let plain: String = letters.iter().map(|(letter, _)| *letter).collect();
        let encoded: String = letters
            .iter()
            .map(|(letter, encode)| if *encode { format!("%{:02x}", u32::from(*letter)) } else { letter.to_string() })
            .collect();
        for (rule, path) in [(&plain, &encoded), (&encoded, &plain)] {
            let pattern = Pattern::of(format!("/{rule}$").as_bytes());
            prop_assert!(pattern.matches_decoded(&Path::of(&format!("/{path}"))), "{} {}", rule, path);
        }
    }
}
