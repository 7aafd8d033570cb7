//! Secrets that stand in addresses.

use url::{Url, form_urlencoded};

/// What stands in a secret's place.
const REDACTED: &str = "REDACTED";

/// A parameter whose name holds one of these holds a secret; so does one whose name ends in `key`.
const SECRET_WORDS: [&str; 10] = [
    "authorization",
    "credential",
    "jwt",
    "passphrase",
    "passw",
    "pwd",
    "secret",
    "sess",
    "signature",
    "token",
];

/// And so does one that is called like this.
const SECRET_NAMES: [&str; 7] = ["auth", "code", "otp", "pass", "sid", "sig", "ticket"];

/// The address without what could open a door: user name and password, and the values of parameters that are called like
/// secrets, in path, query and fragment. Treats what is no absolute address in the same way.
#[must_use]
pub fn redacted(url: &str) -> String {
    // What a browser leaves out or reads as a slash is put right first: it would hide the user name.
    let text = Url::parse(url).map_or_else(|_| url.to_owned(), String::from);
    redact(&text, true)
}

fn redact(text: &str, nested: bool) -> String {
    let (rest, fragment) = split(text, '#');
    let (rest, query) = split(rest, '?');
    let rest = without_user(rest);
    let (path, in_path) = split(&rest, ';');
    let mut redacted = path.to_owned();
    for (mark, parameters) in [(';', in_path), ('?', query), ('#', fragment)] {
        if let Some(parameters) = parameters {
            redacted.push(mark);
            redacted.extend(
                parameters.split_inclusive(['&', ';']).map(|parameter| without_secret(parameter, nested)),
            );
        }
    }
    redacted
}

fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// The address up to its query, without user name and password.
fn without_user(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("//") else { return text.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}//{REDACTED}@{host}{path}"),
        None => text.to_owned(),
    }
}

/// One `name=value`, with the mark that ends it. A value that is an address again, such as where to go back to, may hold
/// secrets as well.
fn without_secret(parameter: &str, nested: bool) -> String {
    let pair = parameter.trim_end_matches(['&', ';']);
    let end = parameter.strip_prefix(pair).unwrap_or_default();
    let Some((written, _)) = pair.split_once('=') else { return parameter.to_owned() };
    let (name, value) = form_urlencoded::parse(pair.as_bytes()).next().unwrap_or_default();
    let holds_secret = || nested && value.contains("//") && redact(&value, false) != value;
    if !value.is_empty() && (is_secret(&name) || holds_secret()) {
        return format!("{written}={REDACTED}{end}");
    }
    parameter.to_owned()
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    name.ends_with("key")
        || SECRET_NAMES.contains(&name.as_str())
        || SECRET_WORDS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn user_names_and_passwords_are_left_out() {
        assert_eq!(redacted("https://ann:hunter2@e.example/a"), "https://REDACTED@e.example/a");
        assert_eq!(redacted("https://hunter2@e.example"), "https://REDACTED@e.example/");
        assert_eq!(redacted("ftp://ann:hun@ter2@e.example/"), "ftp://REDACTED@e.example/");
        assert_eq!(redacted("https:\\\\ann:hunter2@e.example\\a"), "https://REDACTED@e.example/a");
        assert_eq!(redacted("//ann:hunter2@e.example/a"), "//REDACTED@e.example/a");
    }

    #[test]
    fn values_of_parameters_that_are_called_like_secrets_are_left_out() {
        for name in [
            "token",
            "access_token",
            "api_key",
            "apiKey",
            "key",
            "PASSWORD",
            "passwd",
            "client_secret",
            "X-Amz-Signature",
            "X-Amz-Credential",
            "sig",
            "PHPSESSID",
            "session",
            "auth",
            "jwt",
            "to%6ben",
        ] {
            let url = format!("https://e.example/a?page=2&{name}=hunter2&lang=en");
            let expected = format!("https://e.example/a?page=2&{name}=REDACTED&lang=en");
            assert_eq!(redacted(&url), expected);
        }
        assert_eq!(
            redacted("https://e.example/#access_token=x&a=b"),
            "https://e.example/#access_token=REDACTED&a=b"
        );
        assert_eq!(redacted("a.html?token=x;b=c"), "a.html?token=REDACTED;b=c");
        assert_eq!(
            redacted("https://e.example/a;jsessionid=x?b=c"),
            "https://e.example/a;jsessionid=REDACTED?b=c"
        );
    }

    #[test]
    fn an_address_inside_of_an_address_keeps_no_secrets_either() {
        let inner = "https%3A%2F%2Fann%3Ahunter2%40e.example%2F";
        assert_eq!(redacted(&format!("https://e.example/?back={inner}")), "https://e.example/?back=REDACTED");
        let plain = "https://e.example/?back=https%3A%2F%2Fe.example%2F%3Fa%3Db";
        assert_eq!(redacted(plain), plain);
    }

    #[test]
    fn what_is_no_secret_stays() {
        for url in [
            "https://e.example/a/b?page=2&q=token&token#part",
            "https://e.example/@ann/status?author=bob&keyword=x",
            "mailto:ann@e.example",
            "file:///home/ann/page.html",
            "page.html",
            "",
        ] {
            assert_eq!(redacted(url), url);
        }
    }

    proptest! {
        #[test]
        fn a_planted_secret_never_comes_through(
            scheme in "https?|ftp|HTTPS",
            host in "[a-z]{1,8}\\.example",
            path in "(/[a-z@:%]{0,6}){0,3}",
            before in "([a-z]{1,5}=[a-z/:@]{0,5}&){0,3}",
            name in "(access|api|my)?[_-]?(token|key|password|secret)",
            after in "(&[a-z]{1,5}=[a-z?]{0,5}){0,3}",
            mark in "[?#]",
        ) {
            let url = format!("{scheme}://ann:PLANTED@{host}{path}{mark}{before}{name}=PLANTED{after}");
            let text = redacted(&url);
            prop_assert!(!text.contains("PLANTED"), "{} became {}", url, text);
            prop_assert_eq!(redacted(&text), text);
        }

        #[test]
        fn any_text_can_be_given(text in ".{0,60}") {
            let _ = redacted(&text);
        }
    }
}
