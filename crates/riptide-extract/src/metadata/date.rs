//! Dates as pages write them, turned into ISO 8601.

use std::fmt;

use jiff::civil;
use jiff::fmt::{rfc2822, temporal::Pieces};
use jiff::tz::Offset;

/// Years that a web page can have been written in.
const YEARS: std::ops::RangeInclusive<i16> = 1990..=2100;

/// Names of months and their usual abbreviations, lower-cased; a row for each language, January first.
const MONTHS: &[[&[&str]; 12]] = &[
    [
        &["january", "jan"],
        &["february", "feb"],
        &["march", "mar"],
        &["april", "apr"],
        &["may"],
        &["june", "jun"],
        &["july", "jul"],
        &["august", "aug"],
        &["september", "sep", "sept"],
        &["october", "oct"],
        &["november", "nov"],
        &["december", "dec"],
    ],
    [
        &["januar", "jänner"],
        &["februar"],
        &["märz", "mär"],
        &["april"],
        &["mai"],
        &["juni"],
        &["juli"],
        &["august"],
        &["september"],
        &["oktober", "okt"],
        &["november"],
        &["dezember", "dez"],
    ],
    [
        &["janvier", "janv"],
        &["février", "févr"],
        &["mars"],
        &["avril", "avr"],
        &["mai"],
        &["juin"],
        &["juillet", "juil"],
        &["août"],
        &["septembre"],
        &["octobre"],
        &["novembre"],
        &["décembre", "déc"],
    ],
    [
        &["enero", "ene"],
        &["febrero"],
        &["marzo"],
        &["abril", "abr"],
        &["mayo"],
        &["junio"],
        &["julio"],
        &["agosto", "ago"],
        &["septiembre", "setiembre"],
        &["octubre"],
        &["noviembre"],
        &["diciembre", "dic"],
    ],
    [
        &["janeiro"],
        &["fevereiro", "fev"],
        &["março"],
        &["abril"],
        &["maio", "mai"],
        &["junho"],
        &["julho"],
        &["agosto"],
        &["setembro", "set"],
        &["outubro", "out"],
        &["novembro"],
        &["dezembro"],
    ],
    [
        &["gennaio", "gen"],
        &["febbraio"],
        &["marzo"],
        &["aprile"],
        &["maggio", "mag"],
        &["giugno", "giu"],
        &["luglio", "lug"],
        &["agosto"],
        &["settembre"],
        &["ottobre", "ott"],
        &["novembre"],
        &["dicembre"],
    ],
    [
        &["januari"],
        &["februari"],
        &["maart", "mrt"],
        &["april"],
        &["mei"],
        &["juni"],
        &["juli"],
        &["augustus"],
        &["september"],
        &["oktober"],
        &["november"],
        &["december"],
    ],
];

/// Words that stand inside a date without changing it.
const FILLERS: &[&str] = &["st", "nd", "rd", "th", "of", "de", "del", "º", "ª", "er"];

/// Which number comes first in dates such as 05/06/2024.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// As in the United States.
    MonthFirst,
    /// As nearly everywhere else.
    DayFirst,
}

impl Order {
    /// The order that people use who write the language, a BCP 47 tag.
    pub(super) fn of_language(language: Option<&str>) -> Self {
        let language = language.unwrap_or_default().to_ascii_lowercase();
        match language.split_once(['-', '_']) {
            Some(("en", "us" | "ca" | "ph")) => Self::MonthFirst,
            None if language.is_empty() || language == "en" => Self::MonthFirst,
            _ => Self::DayFirst,
        }
    }
}

/// A day, with the time of day when the page tells it together with its offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) day: civil::Date,
    clock: Option<(civil::Time, Offset)>,
}

impl fmt::Display for Moment {
    /// ISO 8601: `2024-05-17` or `2024-05-17T10:30:00+02:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = self.day;
        write!(f, "{:04}-{:02}-{:02}", day.year(), day.month(), day.day())?;
        let Some((time, offset)) = self.clock else { return Ok(()) };
        write!(f, "T{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())?;
        match offset.seconds() {
            0 => f.write_str("Z"),
            seconds => {
                let sign = if seconds < 0 { '-' } else { '+' };
                let minutes = seconds.abs() / 60;
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

impl Moment {
    fn on(year: i16, month: i8, day: i8) -> Option<Self> {
        let day = civil::Date::new(year, month, day).ok()?;
        YEARS.contains(&year).then_some(Self { day, clock: None })
    }

    fn at(day: civil::Date, time: Option<civil::Time>, offset: Option<Offset>) -> Option<Self> {
        YEARS.contains(&day.year()).then_some(Self { day, clock: time.zip(offset) })
    }
}

/// Reads a text that is a date and nothing else, such as the value of an attribute.
pub(super) fn parse(text: &str, order: Order) -> Option<Moment> {
    let text = text.trim();
    if text.len() > 80 {
        return None;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return from_digits(text);
    }
    if let Ok(pieces) = Pieces::parse(text) {
        return Moment::at(pieces.date(), pieces.time(), pieces.to_numeric_offset());
    }
    if let Ok(zoned) = rfc2822::parse(text) {
        return Moment::at(zoned.date(), Some(zoned.time()), Some(zoned.offset()));
    }
    find(text, order)
}

/// `20240517`, or seconds or milliseconds since 1970.
fn from_digits(digits: &str) -> Option<Moment> {
    let number: i64 = digits.parse().ok()?;
    match digits.len() {
        8 => {
            Moment::on(i16::try_from(number / 10_000).ok()?, (number / 100 % 100) as i8, (number % 100) as i8)
        }
        10 | 13 => {
            let seconds = if digits.len() == 13 { number / 1000 } else { number };
            let moment = Offset::UTC.to_datetime(jiff::Timestamp::from_second(seconds).ok()?);
            Moment::at(moment.date(), Some(moment.time()), Some(Offset::UTC))
        }
        _ => None,
    }
}

/// Whether a text holds what looks like a year: a cheap test before [`find`].
pub(super) fn may_hold_date(text: &str) -> bool {
    let mut digits = 0;
    let mut century = false;
    let mut previous = 0;
    for byte in text.bytes().chain(std::iter::once(b' ')) {
        if byte.is_ascii_digit() {
            digits += 1;
            if digits == 2 {
                century = matches!((previous, byte), (b'1', b'9') | (b'2', b'0'));
            }
        } else {
            if digits == 4 && century {
                return true;
            }
            digits = 0;
        }
        previous = byte;
    }
    false
}

#[derive(Debug, PartialEq)]
enum Token {
    Number { value: i16, digits: usize },
    Month(i8),
    Word,
    Mark(char),
}

/// Finds the first date in a short text, such as `Posted on May 17th, 2024 by …`.
pub(super) fn find(text: &str, order: Order) -> Option<Moment> {
    let tokens = tokens(text);
    let worded: Vec<&Token> = tokens.iter().filter(|token| !matches!(token, Token::Mark(_))).collect();
    let in_words = worded.windows(3).find_map(in_words);
    in_words.or_else(|| tokens.windows(5).find_map(|window| in_numbers(window, order)))
}

fn in_words(window: &[&Token]) -> Option<Moment> {
    match window {
        [
            Token::Month(month),
            Token::Number { value: day, digits: 1..=2 },
            Token::Number { value: year, digits: 4 },
        ]
        | [
            Token::Number { value: day, digits: 1..=2 },
            Token::Month(month),
            Token::Number { value: year, digits: 4 },
        ]
        | [
            Token::Number { value: year, digits: 4 },
            Token::Month(month),
            Token::Number { value: day, digits: 1..=2 },
        ] => Moment::on(*year, *month, i8::try_from(*day).ok()?),
        _ => None,
    }
}

fn in_numbers(window: &[Token], order: Order) -> Option<Moment> {
    let [
        Token::Number { value: a, digits: first },
        Token::Mark(s),
        Token::Number { value: b, digits: 1..=2 },
        Token::Mark(t),
        Token::Number { value: c, digits: last },
    ] = window
    else {
        return None;
    };
    if s != t || !matches!(s, '-' | '/' | '.') {
        return None;
    }
    let small = |number: i16| i8::try_from(number).ok();
    match (first, last) {
        (4, 1 | 2) => Moment::on(*a, small(*b)?, small(*c)?),
        (1 | 2, 4) => {
            let month_first = *s != '.' && order == Order::MonthFirst;
            let (month, day) = if (month_first && *a <= 12) || *b > 12 { (a, b) } else { (b, a) };
            Moment::on(*c, small(*month)?, small(*day)?)
        }
        _ => None,
    }
}

fn tokens(text: &str) -> Vec<Token> {
    const LONGEST: usize = 64;
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if tokens.len() >= LONGEST {
            break;
        }
        let same: fn(char) -> bool = if c.is_ascii_digit() {
            |c| c.is_ascii_digit()
        } else if matches!(c, '年' | '月' | '日' | '년' | '월' | '일') {
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            tokens.push(Token::Mark('-'));
            continue;
        } else if c.is_alphabetic() || matches!(c, 'º' | 'ª') {
            |c| c.is_alphabetic() || matches!(c, 'º' | 'ª')
        } else {
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            if !c.is_whitespace() {
                tokens.push(Token::Mark(c));
            }
            continue;
        };
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        rest = after;
        if c.is_ascii_digit() {
            tokens.push(Token::Number { value: run.parse().unwrap_or(-1), digits: run.len() });
        } else {
            let word = run.to_lowercase();
            match month(&word) {
                Some(month) => tokens.push(Token::Month(month)),
                None if FILLERS.contains(&word.as_str()) => {}
                None => tokens.push(Token::Word),
            }
        }
    }
    tokens
}

/// The month that a lower-cased word names, 1 to 12.
fn month(word: &str) -> Option<i8> {
    MONTHS
        .iter()
        .find_map(|language| language.iter().position(|names| names.contains(&word)))
        .and_then(|index| i8::try_from(index + 1).ok())
}

/// Whether a word names a month.
pub(super) fn is_month(word: &str) -> bool {
    month(&word.to_lowercase()).is_some()
}

/// The day that an address holds, such as `/2024/05/17/` or `/2024-05-17-`.
pub(super) fn in_url(url: &str) -> Option<Moment> {
    let path = url.split(['?', '#']).next()?;
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let parted = segments.windows(3).find_map(|window| match window {
        [year, month_name, day] if year.len() == 4 && matches!(day.len(), 1 | 2) => {
            let number = month_name.parse().ok().or_else(|| month(&month_name.to_lowercase()))?;
            Moment::on(year.parse().ok()?, number, day.parse().ok()?)
        }
        _ => None,
    });
    parted.or_else(|| {
        segments.iter().filter(|segment| may_hold_date(segment)).find_map(|segment| in_slug(segment))
    })
}

fn in_slug(segment: &str) -> Option<Moment> {
    let parts: Vec<&str> = segment.split(['-', '_', '.']).collect();
    parts.windows(3).find_map(|window| match window {
        [year, month, day] if year.len() == 4 && month.len() == 2 && day.len() == 2 => {
            Moment::on(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
        }
        _ => None,
    })
}
