use super::*;
use crate::parse;

pub(super) fn markdown(html: &str) -> String {
    let dom = parse(html);
    let base = BaseUrl::of(&dom, "https://a.example/p/");
    to_markdown(&dom, &Selection::new(&dom, [dom.document()]), &base)
}

/// Checks each case, `expected` without the line end at the end.
fn check(cases: &[(&str, &str)]) {
    for (html, expected) in cases {
        assert_eq!(markdown(html).trim_end_matches('\n'), *expected, "{html}");
    }
}

#[test]
fn blocks_are_separated_by_blank_lines() {
    check(&[
        (
            "<h1>One</h1><p>a\n b</p>c<div>d<div>e</div></div><hr><h6>Six</h6>",
            "# One\n\na b\n\nc\n\nd\n\ne\n\n---\n\n###### Six",
        ),
        ("<p> </p><h2></h2><ul><li></li></ul><blockquote></blockquote>", ""),
        ("<blockquote><p>a</p><p>b</p></blockquote><blockquote>c</blockquote>d", "> a\n>\n> b\n\n> c\n\nd"),
        ("<h2><div>a</div><div>b #</div></h2>", "## a b \\#"),
        ("<details><summary>s</summary>text</details>", "s\n\ntext"),
        ("<dl><dt>t</dt><dd>d</dd></dl>", "**t**\n\nd"),
        (
            "<figure><img src=i.png alt=a><figcaption>c</figcaption></figure>",
            "![a](https://a.example/p/i.png)\n\nc",
        ),
        ("<title>t</title><script>s</script><body><p>p<style>x</style></p><select><option>o</select>", "p"),
    ]);
}

#[test]
fn lists_nest_and_keep_their_numbers() {
    check(&[
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("<ol start=9><li>a<li>b<li value=20>c</ol>", "9. a\n10. b\n20. c"),
        ("<ul><li>a<ul><li>b<li>c</ul><li>d</ul>", "- a\n  - b\n  - c\n- d"),
        ("<ul><li>a<ol><li>b</ol></ul>", "- a\n  1. b"),
        ("<ul><li>a<ol start=3><li>b</ol></ul>", "- a\n\n  3. b"),
        ("<ul><li><p>a</p><li><p>b</p><p>c</p></ul>", "- a\n\n- b\n\n  c"),
        ("<ul><li>a</ul><ul><li>b</ul><p>c</p><ul><li>d</ul>", "- a\n\n* b\n\nc\n\n- d"),
        ("<ol><li>a</ol><ol><li>b</ol>", "1. a\n\n1) b"),
        ("<ul><li><ul><li>a</ul></ul>", "- - a"),
        (
            "<ol><li><blockquote>a<p>b</blockquote><pre>c\n\nd</pre></ol>",
            "1. > a\n   >\n   > b\n\n   ```\n   c\n\n   d\n   ```",
        ),
        ("<ul><li><input type=checkbox checked> a<li><input type=checkbox> b</ul>", "- [x] a\n- [ ] b"),
        ("<ul><li><hr><li>[ ] x</ul>", "- ___\n- \\[ ] x"),
        ("<li>a</li>", "- a"),
        ("<ol><li>a</li>/<li>b</li></ol>", "1. a\n\n/\n\n2. b"),
    ]);
}

#[test]
fn code_is_fenced_with_its_language() {
    check(&[
        ("<pre><code class='language-rust'>fn <b>x</b>() {}\n</code></pre>", "```rust\nfn x() {}\n```"),
        ("<div class='highlight highlight-source-js'><pre>a <span>b</span></pre></div>", "```js\na b\n```"),
        ("<pre data-lang=c++>x\n</pre>", "```c++\nx\n```"),
        ("<pre class='brush: python;'>x</pre>", "```python\nx\n```"),
        ("<pre>a\n```\nb</pre>", "````\na\n```\nb\n````"),
        ("<pre>\n\n    indented<br>b</pre>", "```\n    indented\nb\n```"),
        ("<pre><div>a</div><div>b</div></pre>", "```\na\nb\n```"),
        ("<pre> \n </pre>", ""),
        (
            "<p><code>a  b</code> <code>`</code> <code>x``y</code> <kbd>Ctrl</kbd></p>",
            "`a b` `` ` `` ```x``y``` `Ctrl`",
        ),
        ("<code>see <a href=/x>X</a>()</code>", "`see` [`X`](https://a.example/x)`()`"),
        ("<code>a <b>b</b> <i>c</i></code>", "`a b c`"),
        ("<pre>\na&nbsp;b *c*</pre>", "```\na b *c*\n```"),
    ]);
}

#[test]
fn emphasis_is_written_where_it_will_be_read_as_such() {
    check(&[
        ("<b>a</b> <i>b</i> <del>c</del> <b><i>d</i></b>", "**a** *b* ~~c~~ ***d***"),
        ("x<b> a </b>y", "x **a** y"),
        ("<b></b><i> </i>x", "x"),
        ("<b><strong>a</strong> b</b>", "**a b**"),
        ("<b>a</b><b>b</b>", "**ab**"),
        ("un<em>believ</em>able", "un*believ*able"),
        ("<em>a</em><strong>b</strong>", "*a*__b__"),
        ("<b>bold:</b><i>text</i>", "**bold:**_text_"),
        ("<b>\"a\"</b>b", "\"a\"b"),
        ("<b>a <p>b</p> c</b>", "**a**\n\n**b**\n\n**c**"),
        ("<b>a<br>b</b>", "**a  \nb**"),
        ("<q>a</q> and<q> b </q>!", "“a” and“ b ”!"),
        ("H<sub>2</sub>O, m<sup>2</sup>", "H2O, m2"),
    ]);
}

#[test]
fn links_and_images_are_absolute() {
    check(&[
        (
            "<a href='/x y' title='a \"t\"'>l <b>b</b></a>",
            "[l **b**](https://a.example/x%20y \"a \\\"t\\\"\")",
        ),
        (
            "<a href='a(b'>x</a> <a href='a(b)'>y</a>",
            "[x](https://a.example/p/a%28b) [y](https://a.example/p/a(b))",
        ),
        ("<a href='javascript:x'>a</a> <a>b</a> <a href='x'> </a>", "a b"),
        (
            "<a href=x><img src=i.png alt='a [b]'></a>",
            "[![a \\[b\\]](https://a.example/p/i.png)](https://a.example/p/x)",
        ),
        ("<a href=x><h3>t</h3><p>p</p></a>", "### [t](https://a.example/p/x)\n\n[p](https://a.example/p/x)"),
        ("<a href=x>[1]</a>", "[\\[1\\]](https://a.example/p/x)"),
        ("a <img src=data:x alt=no> b", "a b"),
        ("hi!<a href=x>l</a>", "hi\\![l](https://a.example/p/x)"),
        ("<a href='?a=1&amp;lt;'>l</a>", "[l](https://a.example/p/?a=1\\&lt;)"),
    ]);
    let nowhere = parse("<a href=x>t</a>");
    let selection = Selection::new(&nowhere, [nowhere.document()]);
    assert_eq!(to_markdown(&nowhere, &selection, &BaseUrl::of(&nowhere, "")), "t\n");
}

#[test]
fn line_breaks_are_hard_and_two_make_a_paragraph() {
    check(&[
        ("a<br>b", "a  \nb"),
        ("a<br><br>b<br>", "a\n\nb"),
        ("<p><br>a<br> - b</p>", "a  \n\\- b"),
        ("<ul><li>a<br>b</ul>", "- a  \n  b"),
        ("<h2>a<br>b</h2>", "## a b"),
        ("a<br>---", "a  \n\\---"),
    ]);
}

#[test]
fn data_tables_become_tables() {
    check(&[
        (
            "<table><tr><th>a<th align=right>b<tr><td>1|2<td style='text-align: center'><b>3</b></table>",
            "| a | b |\n| --- | ---: |\n| 1\\|2 | **3** |",
        ),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "|  |  |\n| --- | --- |\n| a | b |\n| c | d |"),
        (
            "<table><caption>C</caption><thead><tr><th>a<th>b<th>c</thead><tr><td colspan=2>x<td rowspan=2>y<tr><td>z<td><p>p</p><p>q</p></table>",
            "C\n\n| a | b | c |\n| --- | --- | --- |\n| x |  | y |\n| z | p q |",
        ),
        (
            "<table><tr><th>a<th>b<tr><td rowspan=2>1<td>2<tr><td>3</table>",
            "| a | b |\n| --- | --- |\n| 1 | 2 |\n|  | 3 |",
        ),
        ("<table><tr><th>a<tr><td>1<td>2<td>3</table>", "| a |  |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |"),
        (
            "<table><tr><th>k<td><code>a|b</code><tr><th>l<td>x<br>y</table>",
            "|  |  |\n| --- | --- |\n| k | `a\\|b` |\n| l | x y |",
        ),
        (
            "<ul><li>t<table><tr><th>a<th>b<tr><td>1<td>2</table></ul>",
            "- t\n\n  | a | b |\n  | --- | --- |\n  | 1 | 2 |",
        ),
    ]);
}

#[test]
fn layout_tables_become_their_blocks() {
    check(&[
        ("<table><tr><td>a<td>b</table>", "a\n\nb"),
        ("<table><tr><td>a<tr><td>b</table>", "a\n\nb"),
        ("<table role=presentation><tr><td>a<td>b<tr><td>c<td>d</table>", "a\n\nb\n\nc\n\nd"),
        ("<table><tr><td><h2>a</h2><td>b<tr><td>c<td>d</table>", "## a\n\nb\n\nc\n\nd"),
        ("<table><tr><td><ul><li>a</ul><td>b<tr><td>c<td>d</table>", "- a\n\nb\n\nc\n\nd"),
        (
            "<table><tr><td>x<td><table><tr><th>a<th>b<tr><td>1<td>2</table><tr><td>c<td>d</table>",
            "x\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\nc\n\nd",
        ),
    ]);
}

#[test]
fn formulas_keep_their_tex() {
    check(&[
        (
            "so <math><semantics><mrow><mi>x</mi></mrow><annotation encoding='application/x-tex'>x_1 + x_2</annotation></semantics></math> is",
            "so $x_1 + x_2$ is",
        ),
        ("<math display=block alttext='\\frac{a}{b}'><mi>a</mi></math>", "$$\\frac{a}{b}$$"),
        ("<math><mi>x</mi><mo>=</mo><mn>1</mn></math>", "x=1"),
    ]);
}
