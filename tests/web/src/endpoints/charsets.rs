//! Texts in other encodings than UTF-8: labelled by the server or the page, labelled wrongly, not labelled.
//!
//! The path names encoding and label: `/charset/gbk/meta`.

use std::io;

use encoding_rs::Encoding;

use super::Endpoint;
use crate::endpoint::Expected::Page;
use crate::endpoint::run;
use crate::exchange::Exchange;

/// A text and the encodings that it comes in.
struct Text {
    title: &'static str,
    /// What the content must have.
    phrase: &'static str,
    paragraphs: [&'static str; 3],
}

const GERMAN: Text = Text {
    title: "Die Gezeitenmühle",
    phrase: "Das Mühlrad dreht sich wieder",
    paragraphs: [
        "Das Mühlrad dreht sich wieder – zum ersten Mal seit einundsechzig Jahren. Für die Bürger war es ein großer Tag: \
         Über vierzig Gäste hörten zu, wie das Wasser über die Schaufeln läuft.",
        "„Früher“, erzählt die Müllerin, „kostete ein Sack Mehl drei Groschen.“ Heute sind es fünf €, und geöffnet wird \
         täglich zu einer anderen Stunde, je nach Höhe der Flut.",
        "Zurück führt der Weg über die schöne alte Brücke, vorbei an Gärten mit süßen Äpfeln und an der Böschung, auf der die \
         Schafe grasen.",
    ],
};

const JAPANESE: Text = Text {
    title: "潮の水車",
    phrase: "水車がまた回り始めました",
    paragraphs: [
        "五月の最初の朝、入り江の水車がまた回り始めました。六十一年ぶりのことです。堤の上には四十人ほどが集まり、静かな音に耳を傾けました。",
        "池の水門は満ち潮で自然に開き、引き潮になると閉じます。それから四時間ほど、石臼を動かすだけの落差が生まれます。",
        "粉は土曜日に教会の前で売られています。袋には一つずつ手で判が押してあり、昼までには売り切れてしまうそうです。",
    ],
};

const CHINESE: Text = Text {
    title: "潮汐磨坊",
    phrase: "水磨又开始转动了",
    paragraphs: [
        "五月的第一个早晨，小湾的水磨又开始转动了，这是六十一年来的第一次。大约四十个人站在堤坝上，听着水轮安静的声音。",
        "涨潮的时候，水闸会自己打开；退潮的时候，池水的重量又把它关上。之后大约有四个小时，落差足够推动石磨。",
        "面粉每个星期六在教堂前面出售，袋子上的印章是用手一个一个盖上去的，通常不到中午就卖完了。",
    ],
};

const KOREAN: Text = Text {
    title: "밀물 방앗간",
    phrase: "물레방아가 다시 돌기 시작했습니다",
    paragraphs: [
        "오월의 첫 아침, 작은 만의 물레방아가 다시 돌기 시작했습니다. 육십일 년 만의 일입니다. 둑 위에는 마흔 명쯤 되는 사람들이 모였습니다.",
        "밀물이 들어오면 수문이 저절로 열리고, 썰물이 되면 못의 무게로 닫힙니다. 그 뒤로 네 시간 동안 맷돌을 돌릴 수 있습니다.",
        "밀가루는 토요일마다 교회 앞에서 팔립니다. 봉투에는 하나하나 손으로 도장을 찍으며, 대개 점심 전에 다 팔린다고 합니다.",
    ],
};

/// The texts and the names of their encodings in the path, which are also their labels.
const TEXTS: [(&str, Text); 7] = [
    ("windows-1252", GERMAN),
    ("shift_jis", JAPANESE),
    ("iso-2022-jp", JAPANESE),
    ("gbk", CHINESE),
    ("euc-kr", KOREAN),
    ("utf-16le", GERMAN),
    ("utf-16be", JAPANESE),
];

/// The four endpoints of an encoding.
macro_rules! endpoints {
    ($($encoding:literal: $text:ident),*) => {
        [$(
            run(concat!("/charset/", $encoding, "/header"), concat!("a page in ", $encoding, ", as its server says"), Page($text.phrase), page),
            run(concat!("/charset/", $encoding, "/meta"), concat!("a page in ", $encoding, ", as it says itself"), Page($text.phrase), page),
            run(concat!("/charset/", $encoding, "/mislabelled"), concat!("a page in ", $encoding, ", of which its server says UTF-8"), Page($text.phrase), page),
            run(concat!("/charset/", $encoding, "/unlabelled"), concat!("a page in ", $encoding, ", which nobody says"), Page($text.phrase), page)
        ),*]
    };
}

pub(super) const ENDPOINTS: [Endpoint; 28] = endpoints!(
    "windows-1252": GERMAN,
    "shift_jis": JAPANESE,
    "iso-2022-jp": JAPANESE,
    "gbk": CHINESE,
    "euc-kr": KOREAN,
    "utf-16le": GERMAN,
    "utf-16be": JAPANESE
);

fn page(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let mut parts = exchange.below("/charset/").split('/');
    let (Some(encoding), Some(label)) = (parts.next(), parts.next()) else {
        return Err(io::Error::other("the path names no encoding"));
    };
    let Some((_, text)) = TEXTS.iter().find(|(name, _)| *name == encoding) else {
        return Err(io::Error::other("the path names an encoding without a text"));
    };
    let media_type = match label {
        "header" => format!("text/html; charset={encoding}"),
        "mislabelled" => "text/html; charset=utf-8".to_owned(),
        _ => "text/html".to_owned(),
    };
    let meta = if label == "meta" { format!("<meta charset=\"{encoding}\">") } else { String::new() };
    let paragraphs: String =
        text.paragraphs.iter().map(|paragraph| format!("<p>{paragraph}</p>\n")).collect();
    let title = text.title;
    let html = format!(
        "<!DOCTYPE html>\n<html><head>{meta}<title>{title}</title></head><body><main><article><h1>{title}</h1>\n{paragraphs}</article></main></body></html>\n"
    );
    let body = encoded(&html, encoding)?;
    exchange.respond("200 OK", &format!("Content-Type: {media_type}\r\n"), &body)
}

/// The text in an encoding; in UTF-16 with a byte order mark.
fn encoded(text: &str, encoding: &str) -> io::Result<Vec<u8>> {
    let units = || std::iter::once(0xFEFF).chain(text.encode_utf16());
    match encoding {
        "utf-16le" => Ok(units().flat_map(u16::to_le_bytes).collect()),
        "utf-16be" => Ok(units().flat_map(u16::to_be_bytes).collect()),
        _ => {
            let known = Encoding::for_label(encoding.as_bytes());
            let (bytes, _, unmappable) =
                known.ok_or_else(|| io::Error::other("no such encoding"))?.encode(text);
            if unmappable {
                return Err(io::Error::other("the encoding lacks letters of the text"));
            }
            Ok(bytes.into_owned())
        }
    }
}
