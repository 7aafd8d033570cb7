use riptide_html::parse;

use super::*;

const SENTENCES: &str = "The river rises in the hills, runs past three mills and turns south. Boats carried timber on it \
    for two hundred years, and the towpath is still there. In spring it floods the meadows below the bridge, as it always \
    did. The last mill closed when the railway came, but its wheel turns again on Sundays.";

fn kept(dom: &Dom, choice: &Choice) -> String {
    let mut text = String::new();
    for visit in choice.selection.walk(dom) {
        if let Visit::Enter(node) = visit
            && let Some(piece) = dom.text(node)
        {
            text.push_str(piece);
            text.push(' ');
        }
    }
    text
}

fn chosen(html: &str, discussion: bool, focus: Focus) -> (String, Rung) {
    let dom = parse(html);
    let choice = choose(&dom, discussion, focus);
    (kept(&dom, &choice), choice.rung)
}

fn article(around: &str) -> String {
    format!("<body>{around}<div class=story><p>{SENTENCES}</p><p>{SENTENCES}</p></div></body>")
}

#[test]
fn what_landmarks_roles_and_names_call_boilerplate_is_left_out() {
    for boilerplate in [
        "<nav>BOILERPLATE and more</nav>",
        "<footer>BOILERPLATE and more</footer>",
        "<aside>BOILERPLATE and more</aside>",
        "<header><p>BOILERPLATE and more</p></header>",
        "<div role=navigation>BOILERPLATE and more</div>",
        "<div class='left-sidebar'>BOILERPLATE and more</div>",
        "<div id=cookieConsent>BOILERPLATE and more</div>",
        "<div class=ad>BOILERPLATE and more</div>",
        "<section class=RelatedPosts>BOILERPLATE and more</section>",
        "<div hidden>BOILERPLATE and more</div>",
        "<div style='color: red; display: none'>BOILERPLATE and more</div>",
        "<button>BOILERPLATE and more</button>",
        "<noscript>BOILERPLATE and more</noscript>",
        "<ul><li><a href=/1>BOILERPLATE</a></li><li><a href=/2>and more</a></li></ul>",
    ] {
        let (text, rung) = chosen(&article(boilerplate), false, Focus::Balanced);
        assert!(!text.contains("BOILERPLATE"), "{boilerplate}");
        assert!(text.contains("The last mill"), "{boilerplate}");
        assert_eq!(rung, Rung::Strict);
    }
}

#[test]
fn a_part_that_dominates_the_page_is_content_whatever_it_is_called() {
    for tag in ["div class=modal", "aside", "form", "div hidden id=S:0", "noscript"] {
        let html = format!("<body><{tag}><p>{SENTENCES}</p><p>{SENTENCES}</p></body>");
        assert!(chosen(&html, false, Focus::Balanced).0.contains("The last mill"), "{tag}");
    }
}

#[test]
fn comments_are_content_where_discussion_is_what_the_page_is_for() {
    let html = article(&format!("<div class=comments><p>A word from a reader. {SENTENCES}</p></div>"));
    assert!(!chosen(&html, false, Focus::Balanced).0.contains("from a reader"));
    assert!(chosen(&html, true, Focus::Balanced).0.contains("from a reader"));
}

#[test]
fn precision_leaves_out_what_recall_keeps() {
    let html = article("<div class=author>About the writer of this piece</div>");
    assert!(!chosen(&html, false, Focus::Precision).0.contains("About the writer"));
    assert!(chosen(&html, false, Focus::Recall).0.contains("About the writer"));
}

#[test]
fn the_ladder_is_climbed_down_until_there_is_text() {
    let menu = "<ul><li><a href=/1>First place to go</a><li><a href=/2>Second place to go</a></ul>";
    assert_eq!(chosen(menu, false, Focus::Balanced).1, Rung::Strict);
    let (text, rung) = chosen("<nav><a href=/>Only this</a></nav>", false, Focus::Balanced);
    assert!(text.contains("Only this"), "{rung:?}");
    let (text, _) = chosen("<dialog open>Welcome</dialog><footer>Bye</footer>", false, Focus::Balanced);
    assert!(text.contains("Welcome") || text.contains("Bye"));
}

#[test]
fn a_page_without_text_gives_an_empty_choice() {
    let dom = parse("<script>let a = 1;</script><style>p {}</style>");
    let choice = choose(&dom, false, Focus::Balanced);
    assert_eq!((choice.words, choice.rung), (0, Rung::Everything));
}

#[test]
fn everything_keeps_navigation_but_nothing_hidden() {
    let dom = parse("<nav>Menu</nav><main>Body</main><p hidden>Secret</p><footer>Foot</footer>");
    let text = kept(&dom, &everything(&dom));
    assert!(
        text.contains("Menu") && text.contains("Body") && text.contains("Foot") && !text.contains("Secret")
    );
}

#[test]
fn measures_tell_prose_from_labels_and_links() {
    let dom = parse(&format!("<div><p>{SENTENCES}</p><p>Short label</p><a href=/>a link here</a></div>"));
    let div = dom.find_html(&local_name!("div")).expect("a division");
    let measure = Measures::of(&dom, div, &NodeSet::of(&dom)).get(div);
    let prose = crate::words::tally(SENTENCES).words;
    assert_eq!((measure.words, measure.prose, measure.link_words, measure.links), (prose + 5, prose, 3, 1));
}
