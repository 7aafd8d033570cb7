//! Names of people, teams and accounts, told from the other texts that stand where a name would.

use super::date;

/// Words that a person's name does not have but a line about one does.
const NOT_NAMES: &[&str] = &[
    "about",
    "all",
    "ago",
    "am",
    "article",
    "articles",
    "author",
    "authors",
    "by",
    "click",
    "comment",
    "comments",
    "contact",
    "contributor",
    "contributors",
    "copy",
    "date",
    "edited",
    "email",
    "facebook",
    "follow",
    "from",
    "how",
    "in",
    "is",
    "last",
    "linkedin",
    "min",
    "mins",
    "minute",
    "minutes",
    "more",
    "on",
    "our",
    "pm",
    "post",
    "posted",
    "posts",
    "profile",
    "published",
    "read",
    "reading",
    "reviewed",
    "see",
    "share",
    "subscribe",
    "this",
    "to",
    "twitter",
    "update",
    "updated",
    "view",
    "views",
    "was",
    "with",
    "written",
    "recommended",
    "cancel",
    "listen",
    "free",
    "trial",
    "start",
    "visit",
    "store",
    "price",
    "sort",
    "featured",
    "guide",
    "sign",
    "login",
    "log",
    "home",
    "menu",
    "search",
    "download",
    "book",
    "buy",
    "shop",
    "learn",
    "get",
    "best",
    "top",
    "new",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
    "bio",
    "full",
    "breadcrumb",
    "faq",
    "services",
    "solutions",
    "products",
    "and",
    "disclosure",
    "policy",
    "newsletter",
    "category",
    "categories",
    "estimated",
    "time",
    "days",
    "hours",
    "years",
    "you",
    "your",
    "what",
    "why",
    "reply",
    "replies",
    "copyright",
];

/// Words of a job, which at times stands beside the name.
const JOBS: &[&str] = &[
    "editor",
    "writer",
    "reporter",
    "correspondent",
    "columnist",
    "journalist",
    "director",
    "manager",
    "founder",
    "ceo",
    "cto",
    "cfo",
    "president",
    "officer",
    "head",
    "specialist",
    "analyst",
    "consultant",
    "engineer",
    "strategist",
    "senior",
    "associate",
    "producer",
    "expert",
    "blogger",
    "freelance",
    "marketer",
    "coordinator",
    "executive",
    "chief",
    "vp",
    "assistant",
    "professor",
    "attorney",
    "lead",
    "owner",
    "member",
    "moderator",
    "administrator",
    "redakteur",
    "co-founder",
    "coach",
];

/// Names that software gives to whoever runs it.
const PLACEHOLDERS: &[&str] = &[
    "admin",
    "administrator",
    "user",
    "root",
    "webmaster",
    "anonymous",
    "unknown",
    "guest",
    "author",
    "editor",
    "none",
    "null",
    "undefined",
    "n/a",
    "superuser",
    "wpadmin",
    "siteadmin",
    "default",
    "test",
    "false",
    "true",
    "no author",
    "no-author",
];

/// Whether a text can be the name of a person, a team or an account.
pub(super) fn is_name(text: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let bare = |word: &String| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let first_letter = text.chars().find(|c| c.is_alphabetic());
    (2..=60).contains(&text.chars().count())
        && words.len() <= 5
        && first_letter.is_some()
        && words_are_names(text)
        && !text.contains(['*', '@', '{', '}', '[', ']', '<', '>', '=', '?', '!', '%', '#'])
        && !text.contains("://")
        && !text.contains("www.")
        && !words.iter().any(|word| NOT_NAMES.contains(&bare(word).as_str()))
        && !words.iter().skip(1).any(|word| JOBS.contains(&bare(word).as_str()))
        && !(words.len() > 1 && words.iter().any(|word| word.bytes().all(|byte| byte.is_ascii_digit())))
        && !words.first().is_some_and(|word| {
            words.len() <= 3 && date::is_month(&bare(word)) && text.bytes().any(|b| b.is_ascii_digit())
        })
        && !date::may_hold_date(text)
}

/// Whether each of several words starts as those of names do, particles aside.
fn words_are_names(text: &str) -> bool {
    const PARTICLES: &[&str] = &[
        "the", "of", "de", "del", "della", "di", "da", "do", "dos", "das", "la", "le", "van", "von", "der",
        "den", "ter", "ten", "bin", "ibn", "al", "el", "y", "e", "af", "av", "zu", "du", "d", "for", "team",
    ];
    let mut words = text.split_whitespace();
    !text.contains(' ')
        || words.all(|word| {
            !word.starts_with(char::is_lowercase)
                || PARTICLES.contains(&word)
                || word.starts_with("d'")
                || word.starts_with("d’")
        })
}

/// Degrees and titles behind a name, such as `MD` or `Ph.D.`.
pub(super) fn is_credential(part: &str) -> bool {
    let letters = part.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = part.chars().filter(|c| c.is_uppercase()).count();
    part.len() <= 12 && !part.contains(' ') && capitals >= 2 && capitals * 2 >= letters
}

/// Whether the name says nothing about who wrote.
pub(super) fn is_placeholder(name: &str) -> bool {
    PLACEHOLDERS.contains(&name.to_lowercase().as_str())
}

/// `Example, Ann` as `Ann Example`: bibliographies put the family name first.
pub(super) fn given_name_first(name: &str) -> String {
    match name.split_once(", ") {
        Some((family, given)) if !given.contains(',') && !is_credential(given) => format!("{given} {family}"),
        _ => name.to_owned(),
    }
}
