use super::*;
use crate::parse;

fn text(html: &str) -> String {
    let dom = parse(html);
    to_text(&dom, &Selection::new(&dom, [dom.document()]))
}

#[test]
fn blocks_lines_and_cells_are_separated() {
    let cases = [
        ("<h1>One</h1><p>a\n <b>b</b>c</p>d<hr>e", "One\n\na bc\n\nd\n\ne\n"),
        ("<p>a</p><ul><li>b<ol><li>c</ol><li><p>d</p><p>e</p></ul>f", "a\n\nb\nc\nd\ne\n\nf\n"),
        ("<p>a<br>b<br><br>c", "a\nb\n\nc\n"),
        ("a<pre>  x\n\n  y\n</pre>b", "a\n\n  x\n\n  y\n\nb\n"),
        (
            "<table><caption>C</caption><tr><th>a<th>b<tr><td>1<td><br>2<p>3</table>d",
            "C\na | b\n1 | 2 3\n\nd\n",
        ),
        ("<table><tr><th>a<th>b<tr><td><td>2</table>", "a | b\n2\n"),
        ("<table><tr><td>a<td>b</table>", "a\n\nb\n"),
        ("<a href=x>one</a><img src=i.png alt=no>two <wbr>th<span>ree</span>", "one two three\n"),
        ("<div> </div><script>x</script>", ""),
        // What a style sets apart.
        ("<a href=x>One</a><a href=y>Two</a><a href=y>s</a><a href=z>, three</a>", "One Twos, three\n"),
        ("a<button>b</button><button>c</button><label>d</label>e", "a b c d e\n"),
        ("1<sup><a href=#n>1</a></sup>.<ol><li id=n>Note</ol>", "1[1].\n\n[1] Note\n"),
        ("<math alttext='a_1'></math> and 10<sup>6</sup> <ruby>字<rt>ji</ruby>", "a_1 and 10^6 字(ji)\n"),
    ];
    for (html, expected) in cases {
        assert_eq!(text(html), expected, "{html}");
    }
}

#[test]
fn only_the_selection_is_written() {
    let dom = parse("<nav>n</nav><main>m<aside>a</aside>n</main><footer>f</footer>");
    let find = |name: &str| crate::select::Selector::parse(name).unwrap().select(&dom, dom.document())[0];
    let mut selection = Selection::new(&dom, [find("footer"), find("main")]);
    selection.drop_subtree(find("aside"));
    assert_eq!(to_text(&dom, &selection), "f\n\nm\n\nn\n");
}

#[test]
fn what_is_left_out_parts_what_stands_around_it() {
    for (html, expected) in [
        ("<p>$150<span class=x>Save 40%</span>compared to $250", "$150 compared to $250"),
        ("<p>$150 <span class=x>Save 40%</span>(each)", "$150 (each)"),
        ("<div><b>$150</b><div class=x>Save 40%</div><b>compared</b></div>", "$150\n\ncompared"),
        ("<h2>Soil<div class=x>Edit</div>for roses</h2>", "Soil\nfor roses"),
        ("<ul><li><div class=x>New</div>Soil</li></ul>", "Soil"),
        ("<p>Ro<script class=x>x</script>ses", "Roses"),
        ("<table><tr><td>a<td class=x>b<td>c<tr><td>d<td>e<td>f</table>", "a | c\nd | e | f"),
    ] {
        let dom = parse(html);
        let mut selection = Selection::new(&dom, dom.find_html(&html5ever::local_name!("body")));
        for id in crate::select::Selector::parse(".x").unwrap().select(&dom, dom.document()) {
            selection.drop_subtree(id);
        }
        assert_eq!(to_text(&dom, &selection).trim_end(), expected, "{html}");
    }
}

#[test]
fn an_unread_element_is_read_when_it_was_asked_for() {
    let dom = parse("<title>t</title><p>p</p>");
    let title = dom.find_html(&html5ever::local_name!("title"));
    assert_eq!(to_text(&dom, &Selection::new(&dom, title)), "t\n");
}

#[test]
fn parts_that_a_style_sets_apart_are_parted_and_split_words_are_not() {
    for (html, expected) in [
        ("<span>Northmill</span><span>Trail Pack</span>", "Northmill Trail Pack"),
        ("<span>1987</span><!-- --><span><b>2h</b> 5m</span>", "1987 2h 5m"),
        ("<span>Maker</span><a href=/m>Northmill</a>", "Maker Northmill"),
        ("<span>id</span><span>string</span>", "id string"),
        ("<span>Author</span><span>J. B. M</span>", "Author J. B. M"),
        ("<span>3</span><span>rd</span>", "3rd"),
        ("<span>12.5</span><span>k</span>", "12.5k"),
        ("<span>comment</span><span>s</span>", "comments"),
        (
            "<span>The old tow</span><span>path leads on, past the mill and the weir.</span>",
            "The old towpath leads on, past the mill and the weir.",
        ),
        ("<span>我们</span><span>今天</span><span>去学校</span>", "我们今天去学校"),
        ("<span>สวัสดี</span><span>ชาวโลก</span>", "สวัสดีชาวโลก"),
        (
            "<a href=/x><span>https://</span><span>mill.example/abc</span><span>def-ghi</span></a>",
            "https://mill.example/abcdef-ghi",
        ),
        (
            "<span>Mills</span><i class='material-icons'>chevron_right</i><span>Northmill</span>",
            "Mills Northmill",
        ),
        ("<span>T</span><span>he mill</span>", "The mill"),
        ("<span>an old </span><span>tow</span><span>path</span>", "an old towpath"),
        ("an <span>old</span> <span>tow</span><span>path</span>", "an old towpath"),
        ("<span>a</span><span>n</span><span>ew</span>", "anew"),
        ("<span>M</span><span>ILL</span>", "MILL"),
        ("<span>M</span><span>I</span><span>L</span>", "MIL"),
        ("Mc<span>Mill</span>", "McMill"),
        ("<b>Mill</b><i>Race</i>", "MillRace"),
        ("<span>Mill (</span><span>North</span>)", "Mill (North)"),
        ("<code><span>new</span><span>Mill</span></code>", "newMill"),
        ("<pre><span>new</span><span>Mill</span></pre>", "newMill"),
    ] {
        assert_eq!(text(&format!("<p>{html}</p>")).trim_end(), expected, "{html}");
    }
}
