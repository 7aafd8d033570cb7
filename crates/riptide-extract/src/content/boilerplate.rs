//! Parts of a page that are never its main content, told by what the markup says of them.

use html5ever::{LocalName, local_name};
use riptide_html::{Dom, NodeId, NodeSet, Visit};

use super::measure::Measures;

/// A part with a larger share of the page's prose than this is not boilerplate, whatever it is called.
const DOMINANT_PROSE: f32 = 0.6;
/// The same for a share of all the page's words.
const DOMINANT_WORDS: f32 = 0.7;
/// A form with more words of prose is more than a form.
const PROSE_OF_FORM: u32 = 80;

/// How sure the markup is that a part is boilerplate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// Nothing speaks against it.
    Content,
    /// A name that mostly, not always, stands for boilerplate.
    Doubtful,
    /// A landmark, role or name that stands for boilerplate.
    Boilerplate,
}

/// What is left out of a page.
#[derive(Debug, Clone, Copy)]
pub(super) enum Policy {
    /// What landmarks, roles and the names in class and id tell.
    Names {
        /// Whether comments and posts are kept.
        discussion: bool,
        /// The least verdict that is left out.
        least: Verdict,
    },
    /// Navigation, footers and dialogs.
    Landmarks,
    /// What the markup takes out of sight.
    Hidden,
}

/// Whether the markup takes the element out of sight, for a reader whose browser runs scripts. React streams parts of a page into hidden elements, `S:` and a
/// number, from which a script moves them into place.
fn is_hidden(dom: &Dom, node: NodeId) -> bool {
    dom.is_html(node, &local_name!("noscript"))
        || dom.attributes(node).iter().any(|attribute| match attribute.name.local {
            local_name!("hidden") => {
                !attribute.value.eq_ignore_ascii_case("until-found")
                    && !dom.attribute(node, &local_name!("id")).is_some_and(|id| id.starts_with("S:"))
            }
            local_name!("style") => hides(&attribute.value),
            _ => false,
        })
}

/// Whether an inline style takes the element out of sight.
fn hides(style: &str) -> bool {
    style.split(';').filter_map(|declaration| declaration.split_once(':')).any(|(property, value)| {
        let value = value.trim();
        property.trim().eq_ignore_ascii_case("display")
            && value.get(..4).is_some_and(|v| v.eq_ignore_ascii_case("none"))
            || property.trim().eq_ignore_ascii_case("visibility") && value.eq_ignore_ascii_case("hidden")
    })
}

/// Adds to `set` the outermost boilerplate below `root`, but for parts that dominate the page.
pub(super) fn mark(dom: &Dom, root: NodeId, measures: &Measures, policy: Policy, set: &mut NodeSet) {
    let whole = measures.get(root);
    let mut walk = dom.walk(root);
    while let Some(visit) = walk.next() {
        let Visit::Enter(node) = visit else { continue };
        if set.contains(node) {
            walk.skip_children();
            continue;
        }
        if dom.element(node).is_none() || node == root {
            continue;
        }
        let part = measures.get(node);
        let dominant = part.prose as f32 > DOMINANT_PROSE * whole.prose as f32
            || part.words as f32 > DOMINANT_WORDS * whole.words as f32;
        if !dominant && is_left_out(dom, node, measures, policy) {
            set.insert(node);
            walk.skip_children();
        }
    }
}

fn is_left_out(dom: &Dom, node: NodeId, measures: &Measures, policy: Policy) -> bool {
    is_hidden(dom, node)
        || match policy {
            Policy::Names { discussion, least } => verdict(dom, node, measures, discussion) >= least,
            Policy::Landmarks => matches!(
                dom.html_name(node),
                Some(&local_name!("nav") | &local_name!("footer") | &local_name!("dialog"))
            ),
            Policy::Hidden => false,
        }
}

fn verdict(dom: &Dom, node: NodeId, measures: &Measures, discussion: bool) -> Verdict {
    let Some(name) = dom.local_name(node) else { return Verdict::Content };
    let by_tag = by_tag(dom, node, name, measures);
    if by_tag == Verdict::Boilerplate {
        return by_tag;
    }
    let mut worst = by_tag;
    for attribute in dom.attributes(node) {
        let value = &attribute.value;
        let verdict = match attribute.name.local {
            local_name!("role") => by_role(value),
            local_name!("class") | local_name!("id") => by_names(value, discussion),
            local_name!("aria-modal") if value.eq_ignore_ascii_case("true") => Verdict::Boilerplate,
            _ => Verdict::Content,
        };
        worst = worst.max(verdict);
    }
    worst
}

fn by_tag(dom: &Dom, node: NodeId, name: &LocalName, measures: &Measures) -> Verdict {
    match *name {
        local_name!("nav")
        | local_name!("footer")
        | local_name!("dialog")
        | local_name!("button")
        | local_name!("input")
        | local_name!("legend")
        | local_name!("menu")
        | local_name!("search") => Verdict::Boilerplate,
        local_name!("aside") => Verdict::Boilerplate,
        local_name!("form") | local_name!("label") => {
            if measures.get(node).prose > PROSE_OF_FORM {
                Verdict::Content
            } else {
                Verdict::Boilerplate
            }
        }
        local_name!("header") => {
            let in_article = dom.ancestors(node).any(|above| {
                matches!(
                    dom.html_name(above),
                    Some(&local_name!("article") | &local_name!("main") | &local_name!("section"))
                )
            });
            if in_article { Verdict::Content } else { Verdict::Boilerplate }
        }
        _ => Verdict::Content,
    }
}

fn by_role(role: &str) -> Verdict {
    match role {
        "navigation" | "banner" | "contentinfo" | "complementary" | "search" | "dialog" | "alertdialog"
        | "menu" | "menubar" | "menuitem" | "listbox" | "option" | "tooltip" | "toolbar" | "status"
        | "alert" | "form" | "button" | "tablist" => Verdict::Boilerplate,
        _ => Verdict::Content,
    }
}

/// Judges the words that class and id are made of.
fn by_names(value: &str, discussion: bool) -> Verdict {
    let mut worst = Verdict::Content;
    for_each_word(value, |word| worst = worst.max(by_word(word, discussion)));
    worst
}

fn by_word(word: &str, discussion: bool) -> Verdict {
    match word {
        "nav" | "navbar" | "navigation" | "menu" | "submenu" | "megamenu" | "dropdown" | "breadcrumb"
        | "breadcrumbs" | "footer" | "colophon" | "masthead" | "sidebar" | "modal" | "popup" | "popover"
        | "dialog" | "lightbox" | "flyout" | "hamburger" | "cookie" | "cookies" | "consent" | "gdpr"
        | "onetrust" | "newsletter" | "signup" | "subscribe" | "subscription" | "optin" | "login"
        | "signin" | "register" | "share" | "sharing" | "social" | "socials" | "addtoany" | "related"
        | "recommended" | "recommendations" | "trending" | "widget" | "widgets" | "textwidget" | "ad"
        | "advert" | "advertisement" | "ads" | "adsbygoogle" | "sponsor" | "sponsored" | "sponsors"
        | "promo" | "announcement" | "pagination" | "pager" | "paging" | "copyright" | "captcha"
        | "searchform" | "searchbar" | "bio" | "byline" | "toolbar" | "print" | "feedback" | "minicart"
        | "cart" | "filters" | "utility" | "disclaimer" | "avatar" | "skip" | "signature" | "topbar"
        | "subnav" | "offcanvas" | "tooltip" | "taglist" | "tagcloud" => Verdict::Boilerplate,
        "comment" | "comments" | "respond" | "commentform" | "disqus" | "commentlist" | "reply"
        | "replies" => {
            if discussion {
                Verdict::Content
            } else {
                Verdict::Boilerplate
            }
        }
        "header" | "banner" | "form" | "author" | "meta" | "tags" | "aside" | "secondary" | "links"
        | "overlay" | "search" | "filter" | "contact" | "buttons" | "recent" | "latest" | "categories"
        | "privacy" | "notice" | "message" | "invisible" => Verdict::Doubtful,
        _ => Verdict::Content,
    }
}

/// Splits names such as `siteNav-main_2` into lower-case words of letters.
fn for_each_word(value: &str, mut each: impl FnMut(&str)) {
    let mut word = [0_u8; 24];
    let mut len = 0;
    let mut was_lower = false;
    let mut finish = |word: &[u8], len: &mut usize| {
        if let Some(Ok(text)) = word.get(..*len).map(std::str::from_utf8)
            && !text.is_empty()
        {
            each(text);
        }
        *len = 0;
    };
    for byte in value.bytes() {
        if !byte.is_ascii_alphabetic() || byte.is_ascii_uppercase() && was_lower {
            finish(&word, &mut len);
        }
        if byte.is_ascii_alphabetic() {
            if let Some(slot) = word.get_mut(len) {
                *slot = byte.to_ascii_lowercase();
            }
            len = (len + 1).min(word.len());
        }
        was_lower = byte.is_ascii_lowercase();
    }
    finish(&word, &mut len);
}
