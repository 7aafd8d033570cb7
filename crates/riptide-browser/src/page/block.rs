//! What a page does without.

use url::Url;

use crate::Block;

/// Hosts that serve advertisements or watch visitors, with all below them. Short on purpose: the best known.
const AD_HOSTS: [&str; 40] = [
    "2mdn.net",
    "adform.net",
    "adnxs.com",
    "adroll.com",
    "adsafeprotected.com",
    "adservice.google.com",
    "adsrvr.org",
    "amazon-adsystem.com",
    "amplitude.com",
    "bluekai.com",
    "branch.io",
    "casalemedia.com",
    "chartbeat.com",
    "clarity.ms",
    "connect.facebook.net",
    "crazyegg.com",
    "criteo.com",
    "criteo.net",
    "demdex.net",
    "doubleclick.net",
    "fullstory.com",
    "google-analytics.com",
    "googleadservices.com",
    "googlesyndication.com",
    "googletagmanager.com",
    "googletagservices.com",
    "hotjar.com",
    "indexww.com",
    "krxd.net",
    "mixpanel.com",
    "moatads.com",
    "mouseflow.com",
    "openx.net",
    "outbrain.com",
    "pubmatic.com",
    "quantserve.com",
    "rubiconproject.com",
    "scorecardresearch.com",
    "taboola.com",
    "zedo.com",
];

impl Block {
    /// Whether a request of this kind (`ResourceType` of the protocol) is not made.
    pub(super) fn blocks(self, kind: &str, url: &Url) -> bool {
        match kind {
            "Image" if self.images => true,
            "Media" if self.media => true,
            "Font" if self.fonts => true,
            "Document" => false,
            _ => self.ads && is_ad(url),
        }
    }
}

fn is_ad(url: &Url) -> bool {
    let Some(host) = url.domain() else { return false };
    let host = host.trim_end_matches('.');
    AD_HOSTS
        .iter()
        .any(|known| host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_blocked_when_it_is_asked_for_and_documents_never_are() {
        let url = Url::parse("https://e.example/a").unwrap();
        let all = Block { images: true, media: true, fonts: true, ads: true };
        for kind in ["Image", "Media", "Font"] {
            assert!(all.blocks(kind, &url) && !Block::default().blocks(kind, &url), "{kind}");
        }
        for kind in ["Document", "Script", "Stylesheet", "XHR"] {
            assert!(!all.blocks(kind, &url), "{kind}");
        }
    }

    #[test]
    fn advertisements_are_known_by_the_end_of_their_host() {
        let ads = Block { ads: true, ..Block::default() };
        for (host, blocked) in [
            ("doubleclick.net", true),
            ("stats.g.doubleclick.net", true),
            ("stats.g.doubleclick.net.", true),
            ("notdoubleclick.net", false),
            ("doubleclick.net.example", false),
            ("127.0.0.1", false),
        ] {
            let url = Url::parse(&format!("https://{host}/x.js")).unwrap();
            assert_eq!(ads.blocks("Script", &url), blocked, "{host}");
            assert!(!ads.blocks("Document", &url), "{host}");
        }
    }
}
