//! Pages that show nothing before their scripts have run.

use html5ever::local_name;
use riptide_html::{Dom, NodeId, Visit};

use crate::content::{body, count_words};

/// A page with this many words outside of its navigation has something to say without its scripts.
const ENOUGH_WORDS: u32 = 100;

/// So has one with this many words in paragraphs, however few there are besides.
const ENOUGH_PROSE: u32 = 20;

/// With fewer words than these nothing is said at all.
const FEW_WORDS: u32 = 25;

/// Names that frameworks give to the element which their scripts fill.
const ROOTS: [&str; 14] = [
    "root",
    "app",
    "__next",
    "__nuxt",
    "___gatsby",
    "main-app",
    "react-root",
    "reactroot",
    "app-root",
    "application",
    "svelte",
    "q-app",
    "ember-app",
    "spa",
];

/// What scripts call to build a page.
const BUILDING: [&str; 9] = [
    "document.write",
    "innerHTML",
    "createElement",
    "appendChild",
    "insertAdjacentHTML",
    "replaceChildren",
    ".render(",
    ".mount(",
    "hydrate",
];

/// What a page shows of how it comes to its content.
#[derive(Debug, Default)]
struct Marks {
    /// Words outside of scripts, navigation and fallbacks.
    words: u32,
    /// Those of them that stand in paragraphs.
    prose: u32,
    /// Whether readers without scripts are told that there is nothing for them.
    tells_of_scripts: bool,
    /// Whether there is an element for scripts to fill.
    has_empty_root: bool,
}

/// What a page's scripts are like.
#[derive(Debug, Default)]
struct Scripts {
    /// Whether one comes from elsewhere.
    has_linked: bool,
    /// Whether one of the page itself makes elements.
    builds: bool,
}

/// Whether a page shows that its content comes from its scripts, and is not there yet.
pub(crate) fn is_script_built(dom: &Dom) -> bool {
    let Some(marks) = Marks::of(dom) else { return false };
    let scripts = Scripts::of(dom);
    let is_shell = marks.has_empty_root || marks.tells_of_scripts;
    (scripts.has_linked || scripts.builds)
        && (is_shell || marks.words < FEW_WORDS && (scripts.builds || marks.words == 0))
}

impl Marks {
    /// What a page shows; nothing if it says enough as it is.
    fn of(dom: &Dom) -> Option<Self> {
        let mut marks = Self::default();
        let mut walk = dom.walk(body(dom));
        while let Some(visit) = walk.next() {
            let Visit::Enter(node) = visit else { continue };
            if let Some(text) = dom.text(node) {
                let words = count_words(text);
                marks.words += words;
                let is_prose = dom.ancestors(node).take(4).any(|above| dom.is_html(above, &local_name!("p")));
                marks.prose += if is_prose { words } else { 0 };
                if marks.words >= ENOUGH_WORDS || marks.prose >= ENOUGH_PROSE {
                    return None;
                }
                continue;
            }
            match dom.html_name(node) {
                Some(&local_name!("noscript")) => {
                    let text = dom.text_content(node).to_lowercase();
                    marks.tells_of_scripts |= text.contains("javascript") || text.contains("java script");
                    walk.skip_children();
                }
                Some(
                    &local_name!("script")
                    | &local_name!("style")
                    | &local_name!("template")
                    | &local_name!("nav")
                    | &local_name!("header")
                    | &local_name!("footer"),
                ) => walk.skip_children(),
                _ => marks.has_empty_root |= is_empty_root(dom, node),
            }
        }
        Some(marks)
    }
}

impl Scripts {
    fn of(dom: &Dom) -> Self {
        let mut scripts = Self::default();
        let is_script = |node: &NodeId| dom.is_html(*node, &local_name!("script"));
        for script in dom.descendants(dom.document()).filter(is_script) {
            scripts.note(dom, script);
        }
        scripts
    }

    fn note(&mut self, dom: &Dom, script: NodeId) {
        let kind =
            dom.attribute(script, &local_name!("type")).unwrap_or_default().trim().to_ascii_lowercase();
        if !(kind.is_empty() || kind == "module" || kind.ends_with("javascript")) {
            return;
        }
        if dom.attribute(script, &local_name!("src")).is_some() {
            self.has_linked = true;
        } else if !self.builds {
            let code = dom.text_content(script);
            self.builds = BUILDING.iter().any(|call| code.contains(call));
            self.has_linked |= kind == "module" && code.contains("import");
        }
    }
}

/// Whether an element waits to be filled: named as such, or a part of the body with a name of its own, and with no text in
/// it.
fn is_empty_root(dom: &Dom, node: NodeId) -> bool {
    let Some(name) = dom.html_name(node) else { return false };
    let id = dom.attribute(node, &local_name!("id")).unwrap_or_default();
    let is_named = ROOTS.iter().any(|root| id.eq_ignore_ascii_case(root));
    let is_part = dom.parent(node).is_some_and(|above| dom.is_html(above, &local_name!("body")));
    let is_container = matches!(*name, local_name!("div") | local_name!("main") | local_name!("section"));
    // Only custom elements have a hyphen (HTML §4.13.3).
    let waits = is_container && !id.is_empty() || name.contains('-');
    (is_named || is_part && waits) && is_blank(dom, node)
}

/// Whether nothing in a subtree is text to read; looks at its beginning only, which a spinner fits in.
fn is_blank(dom: &Dom, root: NodeId) -> bool {
    const LOOKED_AT: usize = 50;
    let mut words = 0;
    let mut walk = dom.walk(root);
    let mut seen = 0;
    while let Some(visit) = walk.next() {
        let Visit::Enter(node) = visit else { continue };
        seen += 1;
        if seen > LOOKED_AT {
            return false;
        }
        if let Some(&local_name!("script") | &local_name!("style") | &local_name!("noscript")) =
            dom.html_name(node)
        {
            walk.skip_children();
        }
        words += dom.text(node).map_or(0, count_words);
    }
    // "Loading, please wait …"
    words < 6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(html: &str) -> bool {
        is_script_built(&riptide_html::parse(html))
    }

    fn words(count: usize) -> String {
        "word ".repeat(count)
    }

    #[test]
    fn shells_of_script_built_pages_are_known() {
        for html in [
            "<div id=root></div><script src=app.js></script>",
            "<header>Shop</header><div id=app><p>Loading…</p></div><script type=module src=/main.js></script>",
            "<app-root></app-root><script src=main.js></script>",
            "<body><noscript>You need to enable JavaScript to run this app.</noscript><main></main><script src=x.js></script>",
            "<main></main><script>fetch('/api').then(r => r.json()).then(d => { main.innerHTML = d.text })</script>",
            "<body><script>document.write('<p>Hello</p>')</script>",
            "<body><script src=everything.js></script>",
            "<div id=stage></div><script type=module>import './app.js'</script>",
        ] {
            assert!(judge(html), "{html}");
        }
        let shell = format!(
            "<nav>{}</nav><div id=__next></div><footer>{0}</footer><script src=a.js></script>",
            words(300)
        );
        assert!(judge(&shell));
    }

    #[test]
    fn pages_that_say_something_without_scripts_are_left_alone() {
        let text = words(150);
        for html in [
            format!("<article>{text}</article><script src=analytics.js></script>"),
            format!("<div id=root>{text}</div><script src=app.js></script>"),
            format!(
                "<noscript>Please enable JavaScript</noscript><p>{text}</p><script>x.innerHTML = ''</script>"
            ),
            format!("<p>{}</p><script src=analytics.js></script>", words(40)),
            format!("<p>{}</p><div id=root></div><script src=comments.js></script>", words(40)),
            "<p>Hello, world.</p>".to_owned(),
            "<p>Hello, world.</p><script src=analytics.js></script>".to_owned(),
            "<p>Not found</p><script>ga('send')</script>".to_owned(),
            "<div id=root></div>".to_owned(),
            "<p>Data</p><script type=application/json>{\"innerHTML\": 1}</script>".to_owned(),
        ] {
            assert!(!judge(&html), "{html}");
        }
    }

    #[test]
    fn many_roots_do_not_make_it_slow() {
        let html = "<x-a id=root>".repeat(50_000) + "<script src=a.js></script>";
        assert!(judge(&html));
    }
}
