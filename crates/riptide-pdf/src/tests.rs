use std::fmt::Write as _;

use riptide_types::{Document, ExtractionError, ExtractionMode};

fn extract(bytes: &[u8], mode: &ExtractionMode) -> Result<Document, ExtractionError> {
    crate::extract(&crate::page(bytes, "https://pier.example/a.pdf".to_owned()), mode)
}

/// Writes PDF documents, the plainest there are.
#[derive(Default)]
struct Writer {
    /// The content streams of the pages.
    pages: Vec<String>,
    /// Entries of the pages' dictionaries.
    page_entries: &'static str,
    /// The information dictionary.
    info: &'static str,
    /// Entries of the trailer.
    trailer: &'static str,
}

impl Writer {
    /// A page of lines: place, size and text in Latin-1.
    fn page(mut self, lines: &[(f64, f64, f64, &str)]) -> Self {
        let mut content = String::new();
        for (x, y, size, text) in lines {
            let text = text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
            let _ = writeln!(content, "BT /F1 {size} Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET");
        }
        self.pages.push(content);
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let kids: String = (0..self.pages.len()).map(|at| format!("{} 0 R ", 5 + 2 * at)).collect();
        let mut objects = vec![
            "<< /Type /Catalog /Pages 2 0 R /Lang (en-GB) >>".to_owned(),
            format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", self.pages.len()),
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding << /BaseEncoding /WinAnsiEncoding /Differences [1 /fi /fl] >> >>".to_owned(),
            format!("<< {} >>", self.info),
        ];
        for (at, content) in self.pages.iter().enumerate() {
            objects.push(format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R {} >>",
                6 + 2 * at,
                self.page_entries
            ));
            objects.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len() + 1));
        }
        let mut pdf = String::from("%PDF-1.7\n");
        let mut offsets = Vec::new();
        for (at, object) in objects.iter().enumerate() {
            offsets.push(pdf.chars().count());
            let _ = write!(pdf, "{} 0 obj\n{object}\nendobj\n", at + 1);
        }
        let start = pdf.chars().count();
        let _ = write!(pdf, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
        for offset in &offsets {
            let _ = writeln!(pdf, "{offset:010} 00000 n ");
        }
        let size = objects.len() + 1;
        let _ = write!(
            pdf,
            "trailer\n<< /Size {size} /Root 1 0 R /Info 4 0 R {} >>\nstartxref\n{start}\n%%EOF\n",
            self.trailer
        );
        // Characters up to U+00FF stand for bytes.
        pdf.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect()
    }

    fn read(&self) -> Document {
        extract(&self.bytes(), &ExtractionMode::default()).unwrap()
    }
}

#[test]
fn lines_become_headings_and_paragraphs() {
    let document = Writer::default()
        .page(&[
            (50.0, 700.0, 24.0, "The crane that sings"),
            (50.0, 660.0, 12.0, "Old iron hums at low water, and when the ebb has be-"),
            (50.0, 646.0, 12.0, "gun the whole quay listens. Caf\u{e9} & <lamps>."),
            (50.0, 610.0, 12.0, "A second paragraph with a well-"),
            (50.0, 596.0, 12.0, "Known name."),
            (50.0, 560.0, 16.0, "By night"),
            (50.0, 530.0, 12.0, "\u{95} first"),
            (50.0, 516.0, 12.0, "\u{95} second"),
        ])
        .read();
    let expected = "# The crane that sings\n\nOld iron hums at low water, and when the ebb has begun the whole quay listens. \
                    Café & \\<lamps>.\n\nA second paragraph with a well- Known name.\n\n## By night\n\n- first\n- second\n";
    assert_eq!(document.markdown, expected);
    assert_eq!(document.title.as_deref(), Some("The crane that sings"));
    assert_eq!(document.page_count, Some(1));
    assert_eq!(document.language.as_deref(), Some("en-GB"));
    assert_eq!(document.warnings, Vec::<String>::new());
    assert!(document.text.starts_with("The crane that sings\n\nOld iron hums"), "{}", document.text);
}

#[test]
fn numbered_lines_are_a_list_when_their_numbers_follow_each_other() {
    let document = Writer::default()
        .page(&[
            (50.0, 700.0, 12.0, "The keeper's day, as the harbour wrote it down in"),
            (50.0, 686.0, 12.0, "1907. He:"),
            (50.0, 672.0, 12.0, "1. trims the lamp, which has to burn until the"),
            (65.0, 658.0, 12.0, "boats are in"),
            (50.0, 644.0, 12.0, "2) counts the boats"),
            (50.0, 630.0, 12.0, "1. Sleeps"),
        ])
        .read();
    let expected = "The keeper's day, as the harbour wrote it down in 1907. He:\n\n\
                    1. trims the lamp, which has to burn until the boats are in\n2. counts the boats\n\n1) Sleeps\n";
    assert_eq!(document.markdown, expected);
}

#[test]
fn ligatures_are_read_as_letters() {
    let document = Writer::default().page(&[(50.0, 700.0, 12.0, "The \u{1}rst \u{2}oat")]).read();
    assert_eq!(document.text, "The first float\n");
}

#[test]
fn lines_that_end_early_are_not_run_together() {
    let full = "The keeper counts the boats that come in with the tide and writes";
    let document = Writer::default()
        .page(&[
            (50.0, 700.0, 12.0, full),
            (50.0, 686.0, 12.0, "them down by the hour and by the weight of what they land there,"),
            (50.0, 672.0, 12.0, "as"),
            (50.0, 658.0, 12.0, "asked."),
            (50.0, 644.0, 12.0, "Herring 12"),
            (50.0, 630.0, 12.0, "Hake 9"),
            (50.0, 616.0, 12.0, full),
            (50.0, 602.0, 12.0, "so."),
        ])
        .read();
    let blocks: Vec<_> = document.text.trim_end().split("\n\n").collect();
    let first = format!("{full} them down by the hour and by the weight of what they land there, as asked.");
    assert_eq!(blocks, [first.as_str(), "Herring 12", "Hake 9", &format!("{full} so.")]);
}

#[test]
fn metadata_comes_from_the_information_dictionary() {
    let document = Writer {
        info: "/Title (Tides by night) /Author (Ada Brook and Ben Quay) /Subject <FEFF00430061006600E9> \
               /Keywords (sea, low water) /CreationDate (D:20240517093000+02'00') /ModDate (D:20240518)",
        ..Writer::default()
    }
    .page(&[(50.0, 700.0, 12.0, "Text.")])
    .read();
    assert_eq!(document.title.as_deref(), Some("Tides by night"));
    assert_eq!(document.authors, ["Ada Brook", "Ben Quay"]);
    assert_eq!(document.description.as_deref(), Some("Café"));
    assert_eq!(document.tags, ["sea", "low water"]);
    assert_eq!(document.published.as_deref(), Some("2024-05-17T09:30:00+02:00"));
    assert_eq!(document.modified.as_deref(), Some("2024-05-18T00:00:00Z"));
}

#[test]
fn file_names_are_no_titles() {
    let page = [(50.0, 700.0, 12.0, "Text.")];
    let document =
        Writer { info: "/Title (Microsoft Word - tides.doc)", ..Writer::default() }.page(&page).read();
    assert_eq!(document.title, None);
}

#[test]
fn columns_drawn_line_by_line_are_read_one_after_the_other() {
    let mut lines = vec![(50.0, 740.0, 20.0, "Two columns of a harbour paper across the page")];
    for (at, (left, right)) in
        [("one", "five"), ("two", "six"), ("three", "seven"), ("four", "eight")].into_iter().enumerate()
    {
        let y = 700.0 - 14.0 * at as f64;
        lines.push((50.0, y, 12.0, left));
        lines.push((330.0, y, 12.0, right));
    }
    let document = Writer::default().page(&lines).read();
    let words: Vec<_> = document.text.split_whitespace().skip(9).collect();
    assert_eq!(words, ["one", "two", "three", "four", "five", "six", "seven", "eight"]);
}

#[test]
fn what_repeats_in_the_margins_is_left_out_and_sentences_go_on_across_pages() {
    let mut writer = Writer::default();
    let numbers = ["1", "2", "3", "4"];
    for (at, number) in numbers.into_iter().enumerate() {
        let text =
            if at % 2 == 0 { "The keeper wrote until the lamp" } else { "went out and the night was over." };
        writer = writer.page(&[
            (50.0, 770.0, 9.0, "Harbour paper"),
            (50.0, 600.0, 12.0, text),
            (300.0, 30.0, 9.0, number),
        ]);
    }
    let sentence = "The keeper wrote until the lamp went out and the night was over.";
    assert_eq!(writer.read().text, format!("{sentence}\n\n{sentence}\n"));
}

#[test]
fn links_lead_where_their_area_does() {
    let document = Writer {
        page_entries: "/Annots [<< /Type /Annot /Subtype /Link /Rect [48 695 90 715] /A << /S /URI /URI (https://log.example/x) >> >>]",
        ..Writer::default()
    }
    .page(&[(50.0, 700.0, 12.0, "The log"), (50.0, 660.0, 12.0, "Elsewhere.")])
    .read();
    assert_eq!(document.markdown, "[The log](https://log.example/x)\n\nElsewhere.\n");
    assert_eq!(document.links[0].url, "https://log.example/x");
}

#[test]
fn documents_without_text_say_so() {
    let document = Writer::default().page(&[]).read();
    assert_eq!((document.text.as_str(), document.quality_score), ("", 0));
    assert_eq!(document.warnings, ["the document holds no text; its pages may be pictures"]);
}

#[test]
fn encrypted_documents_are_refused_by_name() {
    let writer = Writer {
        trailer: "/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] /Encrypt << /Filter /Standard /V 2 \
                  /R 3 /Length 128 /P -44 \
                  /O <000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f> \
                  /U <000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f> >>",
        ..Writer::default()
    };
    let bytes = writer.page(&[(50.0, 700.0, 12.0, "Text.")]).bytes();
    assert_eq!(extract(&bytes, &ExtractionMode::default()), Err(ExtractionError::Encrypted));
}

#[test]
fn damaged_documents_are_errors_or_documents_and_never_panics() {
    let bytes =
        Writer::default().page(&[(50.0, 700.0, 24.0, "Title"), (50.0, 660.0, 12.0, "Text of it.")]).bytes();
    assert!(matches!(extract(b"%PDF-1.7\n", &ExtractionMode::default()), Err(ExtractionError::Failed(_))));
    for end in (0..bytes.len()).step_by(17) {
        let _ = extract(&bytes[..end], &ExtractionMode::default());
    }
    for at in (0..bytes.len()).step_by(11) {
        let mut bytes = bytes.clone();
        bytes[at] = bytes[at].wrapping_mul(31).wrapping_add(7);
        let _ = extract(&bytes, &ExtractionMode::default());
    }
    let text = extract(&bytes[..bytes.len() - 60], &ExtractionMode::default()).unwrap().text;
    assert_eq!(text, "Title\n\nText of it.\n");
}

#[test]
fn metadata_alone_reads_no_page() {
    let bytes =
        Writer { info: "/Title (Tides)", ..Writer::default() }.page(&[(50.0, 700.0, 12.0, "Text.")]).bytes();
    let document = extract(&bytes, &ExtractionMode::Metadata).unwrap();
    assert_eq!(
        (document.title.as_deref(), document.text.as_str(), document.page_count),
        (Some("Tides"), "", Some(1))
    );
}

#[test]
fn the_known_document_gives_the_known_answer() {
    assert_eq!(crate::check_health(), Ok(()));
}
