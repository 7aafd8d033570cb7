//! What is not HTML: feeds, PDF, text, and what nobody can read.

use std::io::{self, Write as _};

use super::Endpoint;
use crate::endpoint::Expected::{Document, Unsupported};
use crate::endpoint::run;
use crate::exchange::Exchange;

/// An image of one pixel.
pub(super) const GIF: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\nIDATx\x9cc\0\x01\0\0\x05\0\x01\r\n-\xb4\0\0\0\0IEND\xaeB`\x82";

pub(super) const ENDPOINTS: [Endpoint; 18] = [
    run(
        "/feed/rss",
        "an RSS 2.0 feed",
        Document("application/rss+xml", "Spring tide on Friday"),
        |exchange| serve(exchange, "application/rss+xml; charset=utf-8", RSS.as_bytes()),
    ),
    run("/feed/atom", "an Atom feed", Document("application/atom+xml", "The basin is drained"), |exchange| {
        serve(exchange, "application/atom+xml", ATOM.as_bytes())
    }),
    run(
        "/feed/json",
        "a JSON feed",
        Document("application/feed+json", "A seal in the lower lock"),
        |exchange| serve(exchange, "application/feed+json", JSON_FEED.as_bytes()),
    ),
    run(
        "/feed/as-xml",
        "an RSS feed that claims to be XML of no kind",
        Document("text/xml", "Spring tide on Friday"),
        |exchange| serve(exchange, "text/xml", RSS.as_bytes()),
    ),
    run(
        "/feed/as-html",
        "an RSS feed that claims to be HTML",
        Document("text/html", "Spring tide on Friday"),
        |exchange| serve(exchange, "text/html", RSS.as_bytes()),
    ),
    run("/sitemap.xml", "a sitemap of some bulk pages", Document("application/xml", "/bulk/3"), sitemap),
    run(
        "/file/pdf",
        "a PDF file of one page",
        Document("application/pdf", "Tide tables of the lower basin"),
        |exchange| serve(exchange, "application/pdf", &pdf()?),
    ),
    run(
        "/file/broken-pdf",
        "a PDF file without its end, and so without its text",
        Document("application/pdf", ""),
        |exchange| serve(exchange, "application/pdf", super::slow::half(&pdf()?)),
    ),
    run("/file/text", "plain text", Document("text/plain", "High water 06:12"), |exchange| {
        serve(
            exchange,
            "text/plain; charset=utf-8",
            b"Tides of the day\n\nHigh water 06:12, 4.1 m\nLow water 12:25, 0.7 m\nHigh water 18:40, 4.3 m\n",
        )
    }),
    run("/file/markdown", "Markdown", Document("text/markdown", "Bring boots"), |exchange| {
        serve(exchange, "text/markdown", b"# Walk on the flats\n\nWe meet at the slipway at *nine*.\n\n- Bring boots\n- Leave the dog at home\n")
    }),
    run("/file/json", "JSON", Document("application/json", "Elmsound"), |exchange| {
        serve(
            exchange,
            "application/json",
            b"{\"station\": \"Elmsound\", \"levels\": [4.1, 0.7, 4.3], \"unit\": \"m\"}\n",
        )
    }),
    run(
        "/file/broken-json",
        "JSON that ends too early",
        Document("application/json", "Elmsound"),
        |exchange| serve(exchange, "application/json", b"{\"station\": \"Elmsound\", \"levels\": [4.1, 0."),
    ),
    run("/file/csv", "comma-separated values", Document("text/csv", "Elmsound,4.1"), |exchange| {
        serve(exchange, "text/csv", b"station,level\nElmsound,4.1\nHollin Ness,3.9\n")
    }),
    run("/file/png", "an image", Unsupported, |exchange| serve(exchange, "image/png", PNG)),
    run("/file/gif", "an image that claims to be HTML", Unsupported, |exchange| {
        serve(exchange, "text/html", GIF)
    }),
    run("/file/zip", "an empty archive", Unsupported, |exchange| {
        serve(exchange, "application/zip", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")
    }),
    run("/file/zip-as-html", "an empty archive that claims to be HTML", Unsupported, |exchange| {
        serve(exchange, "text/html", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")
    }),
    run("/file/video", "a video that goes on forever", Unsupported, |exchange| {
        exchange.begin("Content-Type: video/mp4\r\n")?;
        exchange.send_forever(&[0x5A; 64 << 10])
    }),
];

fn serve(exchange: &mut Exchange<'_>, media_type: &str, body: &[u8]) -> io::Result<()> {
    exchange.respond("200 OK", &format!("Content-Type: {media_type}\r\n"), body)
}

const RSS: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\"><channel><title>Harbour notes</title>\
    <link>http://harbour.example/</link><description>What the harbour master thinks you should know</description>\
    <item><title>Spring tide on Friday</title><link>http://harbour.example/1</link><guid>http://harbour.example/1</guid>\
    <pubDate>Mon, 04 May 2026 08:00:00 GMT</pubDate><description>The lower car park will be &lt;em&gt;under water&lt;/em&gt; from five.</description></item>\
    <item><title>Bridge closed for painting</title><link>http://harbour.example/2</link>\
    <pubDate>Fri, 01 May 2026 08:00:00 GMT</pubDate><description>Use the ferry, which runs every half hour.</description></item>\
    </channel></rss>\n";

const ATOM: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Lock diary</title>\
    <id>urn:lock:diary</id><updated>2026-05-04T08:00:00Z</updated><author><name>The keeper</name></author>\
    <entry><title>The basin is drained</title><id>urn:lock:1</id><link href=\"http://lock.example/1\"/><updated>2026-05-04T08:00:00Z</updated>\
    <content type=\"html\">&lt;p&gt;Eleven bicycles were found, and one anvil.&lt;/p&gt;</content></entry></feed>\n";

const JSON_FEED: &str = "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"Seals\",\"home_page_url\":\"http://seals.example/\",\
    \"items\":[{\"id\":\"1\",\"url\":\"http://seals.example/1\",\"title\":\"A seal in the lower lock\",\
    \"content_text\":\"It came in behind the gravel barge and left with the next tide.\",\"date_published\":\"2026-05-04T08:00:00Z\"}]}\n";

fn sitemap(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let address = exchange.shared.address;
    let urls: String = (1..=20)
        .map(|number| {
            format!("<url><loc>http://{address}/bulk/{number}</loc><lastmod>2026-05-04</lastmod></url>\n")
        })
        .collect();
    let sitemap = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{urls}</urlset>\n"
    );
    serve(exchange, "application/xml", sitemap.as_bytes())
}

/// A PDF file of one page with two lines of text, with its table of places.
fn pdf() -> io::Result<Vec<u8>> {
    let text = "BT /F1 18 Tf 72 720 Td (Tide tables of the lower basin) Tj 0 -30 Td (High water comes fifty minutes later every day.) Tj ET";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
        "<< /Title (Tide tables) /Author (The harbour master) >>".to_owned(),
    ];
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        places.push(file.len());
        write!(file, "{number} 0 obj\n{object}\nendobj\n")?;
    }
    let table = file.len();
    write!(file, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1)?;
    for place in places {
        writeln!(file, "{place:010} 00000 n ")?;
    }
    let size = objects.len() + 1;
    write!(file, "trailer\n<< /Size {size} /Root 1 0 R /Info 6 0 R >>\nstartxref\n{table}\n%%EOF\n")?;
    Ok(file)
}
