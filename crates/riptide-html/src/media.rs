//! Images, videos, audio files and embedded players.

use html5ever::{LocalName, local_name};
use riptide_types::{MediaItem, MediaKind};

use crate::base::BaseUrl;
use crate::decoration::is_decoration;
use crate::dom::{Dom, NodeId, Visit};
use crate::fold::folded;
use crate::selection::Selection;

/// Where scripts that load images late keep the address, most telling first.
const LATE_ADDRESSES: [&str; 6] =
    ["data-src", "data-original", "data-lazy-src", "data-lazy", "data-hi-res-src", "data-full-src"];

/// Hosts whose frames are players, and words of addresses that are.
const PLAYER_HOSTS: [&str; 14] = [
    "youtube.com",
    "youtube-nocookie.com",
    "vimeo.com",
    "dailymotion.com",
    "soundcloud.com",
    "spotify.com",
    "podcasts.apple.com",
    "bandcamp.com",
    "twitch.tv",
    "tiktok.com",
    "wistia.net",
    "brightcove.net",
    "bilibili.com",
    "streamable.com",
];

/// The images, videos, audio files and players of the selection, in document order.
#[must_use]
pub fn media(dom: &Dom, selection: &Selection, base: &BaseUrl) -> Vec<MediaItem> {
    let mut items = Vec::new();
    let mut walk = selection.walk(dom);
    while let Some(visit) = walk.next() {
        let Visit::Enter(id) = visit else { continue };
        if is_decoration(dom, selection, Some(base), id) {
            walk.skip_children();
            continue;
        }
        let Some(name) = dom.html_name(id) else { continue };
        let (url, kind) = match *name {
            local_name!("img") => (image_url(dom, id, base), MediaKind::Image),
            local_name!("video") => (stream_url(dom, id, base), MediaKind::Video),
            local_name!("audio") => (stream_url(dom, id, base), MediaKind::Audio),
            local_name!("iframe") => (player_url(dom, id, base), MediaKind::Embed),
            _ => continue,
        };
        walk.skip_children();
        if let Some(url) = url {
            items.push(MediaItem { url, kind, alt: alternative(dom, id) });
        }
    }
    items
}

/// The text that stands for an image, video or frame, white space folded.
pub(crate) fn alternative(dom: &Dom, id: NodeId) -> String {
    let name = if dom.is_html(id, &local_name!("img")) { local_name!("alt") } else { local_name!("title") };
    dom.attribute(id, &name).map(folded).unwrap_or_default()
}

/// The absolute URL of an image, if it has one that shows something: what a script loads late, else `src`, else the
/// best of `srcset`, else the best of the sources of its `picture`. `data:` URLs, images that hold the place of another, and those
/// of at most one pixel in width or height, which count visits, have none.
pub(crate) fn image_url(dom: &Dom, id: NodeId, base: &BaseUrl) -> Option<String> {
    let is_dot =
        |name| dom.attribute(id, &name).is_some_and(|size| matches!(size.trim(), "0" | "1" | "0px" | "1px"));
    if is_dot(local_name!("width")) || is_dot(local_name!("height")) {
        return None;
    }
    let own = dom.attribute(id, &local_name!("src")).filter(|address| !is_placeholder(address));
    late_address(dom, id)
        .and_then(|address| base.resolve(address))
        .or_else(|| base.resolve(own?))
        .or_else(|| best_of_sets(dom, id, base))
        .or_else(|| picture_sources(dom, id).find_map(|source| best_of_sets(dom, source, base)))
}

/// Whether an address is that of an image that holds the place of another, by its file's name, or a template of an address.
fn is_placeholder(address: &str) -> bool {
    const NAMES: [&str; 7] = ["1x1", "blank", "empty", "placeholder", "spacer", "trans", "transparent"];
    /// Names that pictures have, too.
    const NAMES_OF_GIFS: [&str; 3] = ["clear", "loading", "pixel"];
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default();
    let (name, extension) = file.split_once('.').unwrap_or((file, ""));
    let is = |known: &&str| name.eq_ignore_ascii_case(known);
    path.contains('{')
        || NAMES.iter().any(is)
        || extension.eq_ignore_ascii_case("gif") && NAMES_OF_GIFS.iter().any(is)
}

fn late_address(dom: &Dom, id: NodeId) -> Option<&str> {
    LATE_ADDRESSES
        .iter()
        .filter_map(|name| named(dom, id, name))
        .find(|address| !address.is_empty() && !address.starts_with('[') && !is_placeholder(address))
}

/// An attribute by a name that HTML does not know.
fn named<'d>(dom: &'d Dom, id: NodeId, name: &str) -> Option<&'d str> {
    dom.attributes(id)
        .iter()
        .find(|attribute| &*attribute.name.local == name)
        .map(|attribute| &*attribute.value)
}

fn best_of_sets(dom: &Dom, id: NodeId, base: &BaseUrl) -> Option<String> {
    let sets = [named(dom, id, "data-srcset"), dom.attribute(id, &local_name!("srcset"))];
    sets.into_iter().flatten().filter_map(best_candidate).find_map(|address| base.resolve(address))
}

/// The `source` elements before an image in its `picture`. A picture with more of them than this is none.
fn picture_sources(dom: &Dom, id: NodeId) -> impl Iterator<Item = NodeId> {
    const MOST: usize = 16;
    let picture = dom.parent(id).filter(|&parent| dom.is_html(parent, &LocalName::from("picture")));
    picture
        .into_iter()
        .flat_map(|picture| dom.children(picture).take(MOST))
        .filter(|&child| dom.is_html(child, &local_name!("source")))
}

/// The address with the largest descriptor of a `srcset` (HTML §4.8.4.2.2).
fn best_candidate(set: &str) -> Option<&str> {
    let mut best: Option<(f32, &str)> = None;
    let mut rest = set;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
        let (address, after) = rest.split_at_checked(end)?;
        if address.is_empty() {
            return best.map(|(_, address)| address);
        }
        let bare = address.trim_end_matches(',');
        let descriptor = if bare.len() < address.len() {
            rest = after;
            ""
        } else {
            let (descriptor, next) = after.split_once(',').unwrap_or((after, ""));
            rest = next;
            descriptor.trim_ascii()
        };
        let size = descriptor.trim_end_matches(['w', 'x', 'h']).parse().unwrap_or(1.0);
        if !bare.starts_with("data:") && best.is_none_or(|(largest, _)| size > largest) {
            best = Some((size, bare));
        }
    }
}

/// The address of a video or audio file: its own, or that of its first source.
pub(crate) fn stream_url(dom: &Dom, id: NodeId, base: &BaseUrl) -> Option<String> {
    let own = [dom.attribute(id, &local_name!("src")), named(dom, id, "data-src")];
    own.into_iter().flatten().find_map(|address| base.resolve(address)).or_else(|| {
        dom.children(id)
            .filter(|&child| dom.is_html(child, &local_name!("source")))
            .filter_map(|child| dom.attribute(child, &local_name!("src")))
            .find_map(|address| base.resolve(address))
    })
}

/// The address of a frame that is a player, not an advertisement or a form.
fn player_url(dom: &Dom, id: NodeId, base: &BaseUrl) -> Option<String> {
    let addresses = [late_address(dom, id), dom.attribute(id, &local_name!("src"))];
    let url = addresses.into_iter().flatten().find_map(|address| base.resolve(address))?;
    let (_, place) = url.split_once("://")?;
    let (host, path) = place.split_once('/').unwrap_or((place, ""));
    let is_known = PLAYER_HOSTS.iter().any(|known| {
        host.strip_suffix(known).is_some_and(|subdomain| subdomain.is_empty() || subdomain.ends_with('.'))
    });
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let is_player = path.split('/').any(|word| matches!(word, "embed" | "player" | "video" | "videos"));
    if is_known || is_player { Some(url) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn items(html: &str) -> Vec<(MediaKind, String, String)> {
        let dom = parse(html);
        let selection = Selection::new(&dom, [dom.document()]);
        let base = BaseUrl::of(&dom, "https://a.example/");
        media(&dom, &selection, &base).into_iter().map(|item| (item.kind, item.url, item.alt)).collect()
    }

    fn image(html: &str) -> Option<String> {
        let dom = parse(html);
        let base = BaseUrl::of(&dom, "https://a.example/");
        image_url(&dom, dom.find_html(&local_name!("img")).unwrap(), &base)
    }

    #[test]
    fn image_address_is_the_one_that_shows_something() {
        let cases = [
            ("<img src=x.png>", Some("x.png")),
            ("<img src=small.png data-src=real.png>", Some("real.png")),
            ("<img src='data:image/gif;base64,R0' data-original=real.png>", Some("real.png")),
            ("<img src='data:image/gif;base64,R0' srcset='a.png 1x, b.png 2x'>", Some("b.png")),
            ("<img srcset='a,b.png 300w,c.png 1200w, d.png 600w'>", Some("c.png")),
            ("<img srcset='only.png'>", Some("only.png")),
            ("<img srcset='a.png, b.png 1.5x'>", Some("b.png")),
            ("<img srcset=' , '>", None),
            ("<picture><source srcset='p.webp 2x'><img src='data:,'></picture>", Some("p.webp")),
            ("<img src=dot.gif width=1 height=1>", None),
            ("<img src='data:image/png;base64,AA'>", None),
            ("<img alt=none>", None),
            ("<img src=/i/1x1.trans.gif>", None),
            ("<img src=/i/Blank.gif srcset='a.png 2x'>", Some("a.png")),
            ("<img src='/i/{width}/x.png'>", None),
            ("<img data-src='{\"json\":1}' src=x.png>", Some("x.png")),
        ];
        for (html, expected) in cases {
            let expected = expected.map(|path| format!("https://a.example/{path}"));
            assert_eq!(image(html), expected, "{html}");
        }
    }

    #[test]
    fn the_copy_of_an_image_is_no_second_one() {
        let html = "<p><img src=data: data-src=i.png><noscript><img src=i.png></noscript><noscript><img src=j.png></noscript>";
        let urls: Vec<_> = items(html).into_iter().map(|(_, url, _)| url).collect();
        assert_eq!(urls, ["https://a.example/i.png", "https://a.example/j.png"]);
    }

    #[test]
    fn media_of_every_kind_are_listed_in_order() {
        let html = "<img src=i.png alt=' a\n b '><video title=t><source src=v.webm><source src=v.mp4></video>
            <audio src=a.mp3><img src=fallback.png></audio>
            <iframe src='https://www.youtube.com/embed/x' title=Talk></iframe>
            <iframe src='https://ads.example/banner'></iframe><iframe src='https://notyoutube.com/x'></iframe>";
        let url = |path: &str| format!("https://a.example/{path}");
        assert_eq!(
            items(html),
            [
                (MediaKind::Image, url("i.png"), "a b".to_owned()),
                (MediaKind::Video, url("v.webm"), "t".to_owned()),
                (MediaKind::Audio, url("a.mp3"), String::new()),
                (MediaKind::Embed, "https://www.youtube.com/embed/x".to_owned(), "Talk".to_owned()),
            ]
        );
    }
}
