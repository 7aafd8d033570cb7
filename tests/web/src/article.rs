//! Text for pages, all of it invented.

/// Words that stand in the content of every ordinary page of the site.
pub const ARTICLE_PHRASE: &str = "the tide mill at Harrow Creek ground barley again";

/// The page that most endpoints send, where the page itself does not matter.
pub(crate) const ARTICLE: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
<title>The mill that runs twice a day</title></head><body>\
<nav><a href=\"/\">Home</a> <a href=\"/bulk/1\">Almanac</a> <a href=\"/about\">About</a></nav>\
<main><article><h1>The mill that runs twice a day</h1>\
<p>On the first morning of May the tide mill at Harrow Creek ground barley again, for the first time in sixty-one years. \
Some forty people stood on the dam and listened to the wheel, which made less noise than most of them had expected.</p>\
<p>The pond fills through a pair of gates that the rising water opens by itself. When the tide turns, the weight of the \
pond closes them, and for about four hours there is enough of a fall to drive the stones. The miller, who is also the \
village's only plumber, has to be there at a different hour every day.</p>\
<p>Most of the money came from a raffle, a small grant for old gates, and the sale of a boat that had been lying in the \
pond. The flour is sold on Saturdays from a table in front of the church, in bags that are stamped by hand.</p>\
</article></main><footer>Written for the Harrow Creek almanac.</footer></body></html>\n";

const PLACES: [&str; 8] = [
    "Alder Quay",
    "Brackwater",
    "Copper Hythe",
    "Dunmarsh",
    "Elmsound",
    "Farrow Bay",
    "Gull Stairs",
    "Hollin Ness",
];
const SUBJECTS: [&str; 8] = [
    "the harbour master",
    "a retired surveyor",
    "the ferry's second crew",
    "the school's weather club",
    "a baker from the upper town",
    "the keeper of the lock",
    "an apprentice rope maker",
    "the county's last eel catcher",
];
const DEEDS: [&str; 8] = [
    "measured the depth of the channel at every quarter of the moon",
    "kept a diary of the colours of the water",
    "mended the old signal mast with timber from a barn",
    "counted the swans that stay through the winter",
    "drew a map of the paths that the spring tide covers",
    "found the stone that marks the flood of a hundred years ago",
    "taught twelve beginners how to read a tide table",
    "opened the small museum in the boat shed for one more season",
];
const REASONS: [&str; 8] = [
    "because nobody else had the key",
    "although the wind had been against it for a week",
    "so that the figures could be compared with those of last year",
    "after a meeting that went on until midnight",
    "while the bridge was closed for painting",
    "in spite of what the almanac had said",
    "with help from two neighbours and a borrowed cart",
    "before the first ice closed the upper basin",
];

/// Words that stand in the content of `/bulk/NUMBER`, and of no other page.
#[must_use]
pub fn bulk_phrase(number: u64) -> String {
    format!("entry number {number} of the almanac of {}", pick(&PLACES, number))
}

/// The page at `/bulk/NUMBER`: an article of a few hundred words that no other number has.
pub(crate) fn bulk_page(number: u64) -> String {
    let phrase = bulk_phrase(number);
    let paragraphs: String = (0..6).map(|paragraph| bulk_paragraph(number, paragraph)).collect();
    let (before, after) = (number.saturating_sub(1), number.saturating_add(1));
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Almanac, entry {number}</title></head><body>\
         <nav><a href=\"/\">Home</a> <a href=\"/bulk/{before}\">Before</a> <a href=\"/bulk/{after}\">After</a></nav>\
         <main><article><h1>Almanac, entry {number}</h1><p>This is {phrase}, kept since the first of the tide tables was \
         printed.</p>{paragraphs}</article></main><footer>Printed in {}.</footer></body></html>\n",
        pick(&PLACES, number / 8)
    )
}

fn bulk_paragraph(number: u64, paragraph: u64) -> String {
    let sentence = |sentence: u64| {
        let mixed = mix(number.wrapping_mul(64).wrapping_add(paragraph * 8 + sentence));
        let (subject, deed) = (pick(&SUBJECTS, mixed), pick(&DEEDS, mixed >> 8));
        let (reason, place) = (pick(&REASONS, mixed >> 16), pick(&PLACES, mixed >> 24));
        format!("In {place}, {subject} {deed}, {reason}. ")
    };
    format!("<p>{}</p>", (0..4).map(sentence).collect::<String>())
}

/// Spreads a number over all bits (SplitMix64).
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn pick(from: &[&'static str; 8], number: u64) -> &'static str {
    from.iter().cycle().nth((number % 8) as usize).copied().unwrap_or_default()
}
