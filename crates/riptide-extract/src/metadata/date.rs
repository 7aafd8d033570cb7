//! Dates as pages write them, turned into ISO 8601.

use std::fmt;

use jiff::civil;
use jiff::fmt::{rfc2822, temporal::Pieces};
use jiff::tz::Offset;

use super::languages::{DATE_FILLERS, ERAS, MONTHS, MONTHS_OF_TWO_WORDS};

/// Years that a web page can have been written in.
const YEARS: std::ops::RangeInclusive<i16> = 1990..=2100;

/// Which number comes first in dates such as 05/06/2024.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// As in the United States.
    MonthFirst,
    /// As nearly everywhere else.
    DayFirst,
}

impl Order {
    /// The order that people use who write the language, a BCP 47 tag.
    pub(crate) fn of_language(language: Option<&str>) -> Self {
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
pub(crate) struct Moment {
    pub(super) day: civil::Date,
    clock: Option<(civil::Time, Offset)>,
    /// Whether day and month were told apart by custom alone.
    is_ambiguous: bool,
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
        YEARS.contains(&year).then_some(Self { day, clock: None, is_ambiguous: false })
    }

    /// The `stated` moment where it is this one with its time, or with day and month the other way round, if those could be
    /// read both ways.
    pub(super) fn settled_by(self, stated: Self) -> Self {
        let (own, other) = (self.day, stated.day);
        let is_timed = own == other && self.clock.is_none();
        let is_swapped = self.is_ambiguous
            && (own.year(), own.month(), own.day()) == (other.year(), other.day(), other.month());
        if is_timed || is_swapped { stated } else { self }
    }

    fn at(day: civil::Date, time: Option<civil::Time>, offset: Option<Offset>) -> Option<Self> {
        let clock = time.zip(offset);
        YEARS.contains(&day.year()).then_some(Self { day, clock, is_ambiguous: false })
    }
}

/// Reads a text that is a date and nothing else, such as the value of an attribute.
pub(crate) fn parse(text: &str, order: Order) -> Option<Moment> {
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

/// The value of a decimal digit in ASCII, Arabic, Persian, Devanagari or full width.
fn digit(c: char) -> Option<i16> {
    let zero = match c {
        '0'..='9' => '0',
        '٠'..='٩' => '٠',
        '۰'..='۹' => '۰',
        '०'..='९' => '०',
        '０'..='９' => '０',
        _ => return None,
    };
    i16::try_from(u32::from(c) - u32::from(zero)).ok()
}

/// The value of a Han numeral.
fn han_digit(c: char) -> Option<i16> {
    const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let of_zero = (c == '零' || c == '○').then_some(0);
    of_zero.or_else(|| DIGITS.iter().position(|&known| known == c).and_then(|at| i16::try_from(at).ok()))
}

/// Whether a text holds what looks like a year: a cheap test before [`find`].
pub(super) fn may_hold_date(text: &str) -> bool {
    let mut digits = 0;
    let mut year = 0;
    for c in text.chars().chain(std::iter::once(' ')) {
        match digit(c) {
            Some(value) if digits < 4 => {
                digits += 1;
                year = year * 10 + value;
            }
            Some(_) => digits = 5,
            None if digits == 4 && matches!(year, 1900..=2099) => return true,
            None => digits = 0,
        }
        if digits == 0 {
            year = 0;
        }
    }
    !text.is_ascii()
        && text.contains('年')
        && (text.contains(['〇', '零', '○']) || ERAS.iter().any(|(era, _)| text.contains(era)))
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
            let moment = Moment::on(*c, small(*month)?, small(*day)?)?;
            Some(Moment { is_ambiguous: *a <= 12 && *b <= 12 && a != b, ..moment })
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
        let (token, after) = if digit(c).is_some() {
            number(rest)
        } else if let Some(found) = in_han(rest).or_else(|| month_of_two_words(rest)) {
            found
        } else if is_of_word(c) {
            word(rest)
        } else {
            let mark = (!c.is_whitespace()).then_some(Token::Mark(if is_part_of_date(c) { '-' } else { c }));
            (mark, rest.get(c.len_utf8()..).unwrap_or_default())
        };
        tokens.extend(token);
        rest = after;
    }
    tokens
}

/// The words for year, month and day behind their numbers in Chinese, Japanese and Korean.
fn is_part_of_date(c: char) -> bool {
    matches!(c, '年' | '月' | '日' | '号' | '號' | '년' | '월' | '일')
}

/// Han characters make no words that a space ends; each stands for itself.
fn is_of_word(c: char) -> bool {
    let is_han = matches!(c, '\u{3007}' | '\u{3400}'..='\u{9fff}');
    // Signs that join or alter Devanagari letters are no letters themselves.
    (c.is_alphabetic() && !is_han && !is_part_of_date(c)) || matches!(c, 'º' | 'ª' | '\u{93c}' | '\u{94d}')
}

/// The text up to the first character that does not fit, and the rest.
fn run(text: &str, fits: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !fits(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn number(text: &str) -> (Option<Token>, &str) {
    let (run, rest) = run(text, |c| digit(c).is_some());
    let digits = run.chars().count();
    let value =
        run.chars().filter_map(digit).try_fold(0_i16, |value, next| value.checked_mul(10)?.checked_add(next));
    (Some(Token::Number { value: value.unwrap_or(-1), digits }), rest)
}

/// A year of an era, or a number in Han numerals before the word for year, month or day.
fn in_han(text: &str) -> Option<(Option<Token>, &str)> {
    if let Some((rest, before)) =
        ERAS.iter().find_map(|(era, before)| Some((text.strip_prefix(era)?, before)))
    {
        let rest = rest.trim_start();
        let (year, rest) = match rest.strip_prefix('元') {
            Some(rest) => (1, rest),
            None => match number(rest) {
                (Some(Token::Number { value: year @ 1.., .. }), rest) => (year, rest),
                _ => return None,
            },
        };
        return Some((Some(Token::Number { value: before.checked_add(year)?, digits: 4 }), rest));
    }
    let (numerals, rest) = run(text, |c| c == '十' || han_digit(c).is_some());
    if numerals.is_empty() || !rest.starts_with(is_part_of_date) {
        return None;
    }
    let digits = numerals.chars().count();
    let value = match numerals.split_once('十') {
        Some((tens, ones)) => {
            let part = |text: &str, none| text.chars().next().map_or(Some(none), han_digit);
            part(tens, 1)? * 10 + part(ones, 0)?
        }
        None if digits > 4 => return None,
        None => numerals.chars().filter_map(han_digit).fold(0, |value, next| value * 10 + next),
    };
    Some((Some(Token::Number { value, digits: if digits == 4 && value > 99 { 4 } else { 2 } }), rest))
}

fn month_of_two_words(text: &str) -> Option<(Option<Token>, &str)> {
    MONTHS_OF_TWO_WORDS
        .iter()
        .find_map(|(name, month)| Some((Some(Token::Month(*month)), text.strip_prefix(name)?)))
}

fn word(text: &str) -> (Option<Token>, &str) {
    let (run, rest) = run(text, is_of_word);
    let word = run.to_lowercase();
    let token = match month(&word) {
        Some(month) => Some(Token::Month(month)),
        None if DATE_FILLERS.contains(&word.as_str()) => None,
        None => Some(Token::Word),
    };
    (token, rest)
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
