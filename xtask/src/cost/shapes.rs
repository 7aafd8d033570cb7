//! Pages made to be expensive.

use std::fmt::Write as _;

/// Appends the piece with this number to a page.
pub(super) type Shape = fn(&mut String, usize);

/// What pages are made of, by name. Each piece is short, so that pages get near any size.
pub(super) const SHAPES: &[(&str, Shape)] = &[
    ("nested divs", |page, _| page.push_str("<div>")),
    ("nested divs with text", |page, number| put(page, format_args!("<div class=c{number}>word "))),
    ("nested lists", |page, _| page.push_str("<ul><li>entry ")),
    ("nested quotations", |page, _| page.push_str("<blockquote>quoted ")),
    ("attributes of one tag", |page, number| {
        page.push_str(if number == 0 { "<div" } else { "" });
        put(page, format_args!(" a{number}=1"));
    }),
    ("attributes of many tags", |page, number| {
        put(page, format_args!("<p id=i{number} class='a b c' data-x=1 style='color:red' title=t>text</p>"));
    }),
    ("one large table", |page, number| {
        page.push_str(if number == 0 { "<table>" } else { "" });
        put(page, format_args!("<tr><td>{number}<td>value<td>text of a cell</tr>"));
    }),
    ("nested tables", |page, _| page.push_str("<table><tr><td>cell ")),
    ("text in a table", |page, number| {
        page.push_str(if number == 0 { "<table>" } else { "foster <b>parent</b> " })
    }),
    ("wide spans", |page, number| {
        page.push_str(if number == 0 { "<table>" } else { "" });
        page.push_str("<tr><td colspan=1000 rowspan=65534>x");
    }),
    ("unclosed p", |page, _| page.push_str("<p>A paragraph of some words. ")),
    ("unclosed b", |page, _| page.push_str("<b>bold ")),
    ("unclosed font", |page, number| put(page, format_args!("<font color={number}>text "))),
    ("unclosed b in p", |page, _| page.push_str("<p><b><i>text ")),
    ("unclosed a", |page, number| put(page, format_args!("<a href={number}>link "))),
    ("misnested b and div", |page, _| page.push_str("<b><div>x</b>y")),
    ("text without tags", |page, _| page.push_str("Nothing but words, and no end of them. ")),
    ("one long word", |page, _| page.push_str("word")),
    ("line breaks", |page, _| page.push_str("line<br>")),
    ("comments", |page, _| page.push_str("<!-- a -- b --> text ")),
    ("entities", |page, _| page.push_str("&amp;&notit;&#x41;&bogus; ")),
    ("scripts", |page, number| put(page, format_args!("<script>let x{number} = '<p>';</script><p>text</p>"))),
    ("raw text in noscript", |page, _| page.push_str("<noscript><iframe></noscript><p>text</p>")),
    ("formulas", |page, number| {
        put(page, format_args!("<math><mfrac><mi>a</mi><mn>{number}</mn></mfrac></math> "))
    }),
    ("headings", |page, number| {
        put(page, format_args!("<h2>Part {number}</h2><p>Some words, and more.</p>"))
    }),
    ("links", |page, number| put(page, format_args!("<li><a href=/{number}>A link</a></li>"))),
    ("images", |page, number| put(page, format_args!("<img src=/{number}.png alt='A picture'>"))),
    ("copies of images", |page, number| {
        put(
            page,
            format_args!(
                "<img src=data: data-src=/{number}.png><noscript><img src=/{number}.png></noscript>"
            ),
        )
    }),
    ("TeX in text", |page, _| page.push_str("\\(a_1\\) or $$ and \\( ")),
    ("parts of a line", |page, _| page.push_str("<span>Label</span><span>id</span>")),
    ("lines of code", |page, number| {
        put(page, format_args!("{}<code class=line>x</code>", if number == 0 { "<pre>" } else { "" }))
    }),
    ("less-than signs", |page, _| page.push_str("< <<")),
    ("special characters", |page, _| page.push_str("*_`[]()#>~|\\! ")),
];

fn put(page: &mut String, piece: std::fmt::Arguments<'_>) {
    page.write_fmt(piece).unwrap_or_default();
}

/// A page of that shape, at least `size` bytes long.
pub(super) fn page(shape: Shape, size: usize) -> String {
    let mut page = String::with_capacity(size + 256);
    page.push_str("<!DOCTYPE html><title>Hostile page</title><body>");
    for number in 0.. {
        if page.len() >= size {
            break;
        }
        shape(&mut page, number);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_gives_pages_of_the_wanted_size() {
        for (name, shape) in SHAPES {
            let len = page(*shape, 4096).len();
            assert!((4096..4096 + 256).contains(&len), "{name}: {len} bytes");
        }
    }
}
