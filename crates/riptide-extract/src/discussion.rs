//! Readers' comments as a part of the content, for those who want them there.

use riptide_html::{BaseUrl, Selection, to_markdown, to_text};
use riptide_types::{Comment, Document};

use crate::content;
use crate::plain::{escape, paragraphs};

/// Appends a document's comments to its `markdown`, `text` and `html`: after a rule, each as a quotation that begins with who
/// wrote it and when. The count of words and the reading time stay those of the content.
pub fn append_comments(document: &mut Document) {
    if document.comments.is_empty() {
        return;
    }
    let mut html = String::from("<hr>");
    for comment in &document.comments {
        quote(comment, &mut html);
    }
    // What is parsed here holds no markup but that of the lines above.
    let dom = riptide_html::parse(&html);
    let whole = Selection::new(&dom, [content::body(&dom)]);
    append(&mut document.markdown, "\n", &to_markdown(&dom, &whole, &BaseUrl::default()));
    append(&mut document.text, "\n", &to_text(&dom, &whole));
    append(&mut document.html, "\n", &html);
}

fn quote(comment: &Comment, html: &mut String) {
    html.push_str("<blockquote>");
    let (author, published) = (comment.author.as_deref(), comment.published.as_deref());
    if author.or(published).is_some() {
        html.push_str("<p>");
        if let Some(author) = author {
            html.push_str("<strong>");
            escape(author, html);
            html.push_str("</strong>");
        }
        if let Some(published) = published {
            html.push_str(if author.is_some() { ", " } else { "" });
            escape(published, html);
        }
        html.push_str("</p>");
    }
    html.push_str(&paragraphs(&comment.text));
    html.push_str("</blockquote>");
}

fn append(content: &mut String, gap: &str, rest: &str) {
    if !content.is_empty() {
        content.push_str(gap);
    }
    content.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_follow_the_content_as_quotations() {
        let comment = |author: Option<&str>, published: Option<&str>, text: &str| Comment {
            author: author.map(str::to_owned),
            published: published.map(str::to_owned),
            text: text.to_owned(),
        };
        let mut document = Document {
            markdown: "Text.\n".to_owned(),
            text: "Text.\n".to_owned(),
            html: "<p>Text.</p>".to_owned(),
            comments: vec![
                comment(
                    Some("harbour_cat"),
                    Some("2026-03-14"),
                    "I miss it.\n\nEvery <b>single</b> morning.",
                ),
                comment(None, None, "Finally # some sleep."),
            ],
            ..Document::default()
        };
        append_comments(&mut document);
        assert_eq!(
            document.markdown,
            "Text.\n\n---\n\n> **harbour_cat**, 2026-03-14\n>\n> I miss it.\n>\n> Every \\<b>single\\</b> morning.\n\n\
             > Finally # some sleep.\n"
        );
        assert_eq!(
            document.text,
            "Text.\n\nharbour_cat, 2026-03-14\n\nI miss it.\n\nEvery <b>single</b> morning.\n\nFinally # some sleep.\n"
        );
        assert!(document.html.ends_with("<blockquote><p>Finally # some sleep.</p></blockquote>"));
    }

    #[test]
    fn a_document_without_comments_stays_as_it_is() {
        let mut document = Document { markdown: "Text.\n".to_owned(), ..Document::default() };
        let before = document.clone();
        append_comments(&mut document);
        assert_eq!(document, before);
    }
}
