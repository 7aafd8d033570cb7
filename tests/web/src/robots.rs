use std::io;

use crate::exchange::Exchange;

/// What a site answers to `/robots.txt`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RobotsFile {
    /// 404: there is none.
    #[default]
    Missing,
    /// 200 with this text.
    Text(String),
    /// This status, with a line that would forbid everything.
    Status(u16),
    /// 302 to this URL, absolute or relative.
    Redirect(String),
    /// 200 with 2 MiB of comments, then lines that forbid everything: after the end of what anybody reads.
    Huge,
    /// No answer.
    Silence,
    /// The connection is closed.
    Disconnect,
}

const FORBIDS_ALL: &[u8] = b"User-agent: *\nDisallow: /\n";

impl RobotsFile {
    pub(crate) fn serve(&self, exchange: &mut Exchange<'_>) -> io::Result<()> {
        const PLAIN: &str = "Content-Type: text/plain\r\n";
        match self {
            Self::Missing => exchange.respond("404 Not Found", PLAIN, b"none"),
            Self::Text(text) => exchange.respond("200 OK", PLAIN, text.as_bytes()),
            Self::Status(status) => exchange.respond(&format!("{status} Status"), PLAIN, FORBIDS_ALL),
            Self::Redirect(location) => {
                exchange.respond("302 Found", &format!("Location: {location}\r\n"), b"")
            }
            Self::Huge => {
                let comments =
                    b"# a line that says nothing at all, of 64 bytes with its end......\n".repeat(32 << 10);
                exchange.respond("200 OK", PLAIN, &[&comments, FORBIDS_ALL].concat())
            }
            Self::Silence => exchange.wait(),
            Self::Disconnect => exchange.close(),
        }
    }
}
