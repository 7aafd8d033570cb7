//! Plain text as markup.

/// Text as paragraphs of HTML: a blank line ends a paragraph, lines stay lines.
pub(crate) fn paragraphs(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 16);
    let mut is_open = false;
    for line in text.lines().map(str::trim_end) {
        match (line.is_empty(), is_open) {
            (true, true) => html.push_str("</p>"),
            (true, false) => {}
            (false, true) => html.push_str("<br>\n"),
            (false, false) => html.push_str("<p>"),
        }
        is_open = !line.is_empty();
        escape(line, &mut html);
    }
    if is_open {
        html.push_str("</p>");
    }
    html
}

/// Writes text so that it is no markup.
pub fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(character),
        }
    }
}
