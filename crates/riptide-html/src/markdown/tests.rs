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
fn decoration_is_not_content() {
    check(&[
        ("<h2>Mill<a class=headerlink href='#mill' title='To this heading'>¶</a></h2>", "## Mill"),
        ("<h2><a href='#mill'>§</a> Mill <a href='#mill'>\u{200b}</a></h2>", "## Mill"),
        ("<dl><dt><code>mill()</code><a href='#mill'>#</a></dt><dd>d</dd></dl>", "**`mill()`**\n\nd"),
        (
            "<h2><a href='#mill'>Mill</a></h2><p>a <a href='#b'>#</a>",
            "## [Mill](https://a.example/p/#mill)\n\na [#](https://a.example/p/#b)",
        ),
        ("<p>Home <i class='material-icons'>chevron_right</i> Mills", "Home Mills"),
        (
            "<table><tr><th>a<th>b<tr><td>c<td><span class='material-icons'>check</span></table>",
            "| a | b |\n| --- | --- |\n| c | check |",
        ),
        (
            "<p><img src='data:x' data-src=/a.jpg alt=x><noscript><img src='/a.jpg?w=9' alt=x></noscript> b",
            "![x](https://a.example/a.jpg) b",
        ),
        (
            "<p><noscript><img src=/a.jpg></noscript>\n<picture><source srcset=/a.jpg><img src='data:x'></picture>",
            "![](https://a.example/a.jpg)",
        ),
        ("<img src='data:x'><noscript><img src=/a.jpg></noscript>", "![](https://a.example/a.jpg)"),
        (
            "<p><img src=/a.jpg><noscript><img src=/a.jpg><img src=/b.jpg></noscript> c",
            "![](https://a.example/a.jpg)![](https://a.example/a.jpg)![](https://a.example/b.jpg) c",
        ),
        (
            "<p><img src='/a?id=1'><noscript><img src='/a?id=2'></noscript> c",
            "![](https://a.example/a?id=1)![](https://a.example/a?id=2) c",
        ),
        ("<h3><a href='#top'>#</a></h3><p>a", "### [\\#](https://a.example/p/#top)\n\na"),
        (
            "<p><span class='material-icons-text'>Real words</span> <i class='material-icons'>So Real</i>",
            "Real words *So Real*",
        ),
    ]);
}

#[test]
fn images_that_stand_alone_are_written_once() {
    let image = |name: &str| format!("![n](https://a.example/p/{name})");
    let (one, two) = (image("1.png"), image("2.png"));
    check(&[
        (
            "<div><img src=1.png alt=n></div><div><img src=2.png alt=n></div><ul><li><img src=1.png alt=n></li></ul>",
            &format!("{one}\n\n{two}"),
        ),
        (
            "<div><img src=1.png alt=n></div><p>a <img src=1.png alt=n></p><a href=/x><img src=1.png alt=n></a>",
            &format!("{one}\n\na {one}\n\n[{one}](https://a.example/x)"),
        ),
        (
            "<table><tr><th>a<th>b<tr><td><img src=1.png alt=n><td><img src=1.png alt=n></table>",
            &format!("| a | b |\n| --- | --- |\n| {one} | {one} |"),
        ),
    ]);
}

#[test]
fn a_quote_begins_with_whom_it_is_of() {
    check(&[
        (
            "<blockquote><div><cite>Anna wrote:</cite>The mill</div></blockquote>",
            "> Anna wrote:\n>\n> The mill",
        ),
        ("<blockquote>In <cite>The Mill:</cite> x</blockquote>", "> In The Mill: x"),
    ]);
}

#[test]
fn code_is_fenced_with_its_language() {
    check(&[
        ("<pre><code class='language-rust'>fn <b>x</b>() {}\n</code></pre>", "```rust\nfn x() {}\n```"),
        ("<div class='highlight highlight-source-js'><pre>a <span>b</span></pre></div>", "```js\na b\n```"),
        ("<pre data-lang=c++>x\n</pre>", "```c++\nx\n```"),
        ("<pre class='brush: python;'>x</pre>", "```python\nx\n```"),
        ("<pre><code class='python hljs'>x</code></pre>", "```python\nx\n```"),
        ("<pre class='sourceCode haskell'><code>x</code></pre>", "```haskell\nx\n```"),
        ("<pre class='brush:php; title:; notranslate'>x</pre>", "```php\nx\n```"),
        ("<pre data-enlighter-language=js>x</pre>", "```js\nx\n```"),
        ("<pre class='highlight code-box'><code class='lang-auto'>x</code></pre>", "```\nx\n```"),
        (
            "<figure class='highlight ruby'><table><tr><td class=gutter><pre>1\n2</pre><td class=code><pre>x\ny</pre></table></figure>",
            "```ruby\nx\ny\n```",
        ),
        ("<pre><span class=lineno>1</span>x\n<span class=lineno>2</span>y</pre>", "```\nx\ny\n```"),
        ("<pre>a\n```\nb</pre>", "````\na\n```\nb\n````"),
        ("<pre>\n\n    indented<br>b</pre>", "```\n    indented\nb\n```"),
        ("<pre><div>a</div><div>b</div></pre>", "```\na\nb\n```"),
        (
            "<pre><span class=line>a</span><span class=line></span><span class='x code-line'>  b</span>c</pre>",
            "```\na\n\n  b\nc\n```",
        ),
        (
            "<pre><span class=line>a</span>\n<span class=line></span>\n<span class=line>b</span></pre>",
            "```\na\n\nb\n```",
        ),
        (
            "<pre><span style='display: block'>a</span><span style='display:block'>b</span></pre>",
            "```\na\nb\n```",
        ),
        ("<pre><span class=linenumber>1</span>x\n<span class=linenumber>2</span>y</pre>", "```\nx\ny\n```"),
        (
            "<p>So:\n<code>if (x) {<br>\n&nbsp; &nbsp;y( z );<br><br>}</code> and <code>x</code>",
            "So:\n\n```\nif (x) {\n   y( z );\n\n}\n```\n\nand `x`",
        ),
        (
            "<table><tr><th>a<th>b<tr><td><code>x<br>y</code><td>c</table>",
            "| a | b |\n| --- | --- |\n| `x y` | c |",
        ),
        ("<pre class='highlight-height language-ts'>x</pre>", "```ts\nx\n```"),
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
        ("H<sub>2</sub>O, m<sup>2</sup>, 1<sup>st</sup>, Ca<sup>2+</sup>", "H2O, m2, 1st, Ca2+"),
        ("10<sup>6</sup>, (a+b)<sup>2</sup>, 10<sup>−3</sup>, s<sup>-1</sup>", "10^6, (a+b)^2, 10^−3, s^-1"),
        ("1<sup>1</sup>/<sub>2</sub>, 10<sup>6</sup>/ml, 10 <sup>6</sup>", "1 1/2, 10^6/ml, 10 6"),
        ("<ruby>漢<rt>kan</rt>字<rp>[</rp><rt>ji</rt><rp>]</rp></ruby><rt></rt>x", "漢(kan)字[ji]x"),
        ("<abbr title='World Wide Web'>WWW</abbr>s", "WWWs"),
        ("$5-$6, $<b>7</b>, $x_1$", "$5-$6, $**7**, $x_1$"),
        ("[^1]: x", "\\[^1\\]: x"),
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
            "C\n\n| a | b | c |\n| --- | --- | --- |\n| x |  | y |\n| z | p <br> q |",
        ),
        (
            "<table><tr><th>a<th>b<tr><td rowspan=2>1<td>2<tr><td>3</table>",
            "| a | b |\n| --- | --- |\n| 1 | 2 |\n|  | 3 |",
        ),
        ("<table><tr><th>a<tr><td>1<td>2<td>3</table>", "| a |  |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |"),
        (
            "<table><tr><th>k<td><code>a|b</code><tr><th>l<td>x<br>y</table>",
            "|  |  |\n| --- | --- |\n| k | `a\\|b` |\n| l | x <br> y |",
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
fn formulas_are_written_in_tex() {
    check(&[
        (
            "so <math><semantics><mrow><mi>x</mi></mrow><annotation encoding='application/x-tex'>x_1 + x_2</annotation></semantics></math> is",
            "so $x_1 + x_2$ is",
        ),
        ("<math display=block alttext='\\frac{a}{b}'><mi>a</mi></math>", "$$\\frac{a}{b}$$"),
        (
            "<math><msup><mi>x</mi><mn>2</mn></msup><mo>=</mo><mn>1</mn></math> or <math></math>none",
            "$x^{2}=1$ or none",
        ),
        ("<math data-latex='x^2'><mi>x</mi></math> costs $5", "$x^2$ costs \\$5"),
        (
            "<span class=katex><span class=katex-mathml><math><semantics><mi>y</mi><annotation encoding='application/x-tex'>y</annotation></semantics></math></span><span class=katex-html aria-hidden=true>y</span></span>!",
            "$y$!",
        ),
        (
            "<span class=MathJax_Preview>[x]</span><div class=MathJax_Display><span class=MathJax>x</span></div>\n<script type='math/tex; mode=display'>\\sum x</script>",
            "$$\\sum x$$",
        ),
        (
            "a<span class=MathJax><nobr aria-hidden=true>z</nobr><span class=MJX_Assistive_MathML><math alttext=z><mi>z</mi></math></span></span>",
            "a$z$",
        ),
        (
            "<span><span class=mwe-math-mathml-a11y><math alttext='{\\displaystyle E=mc^2}'></math></span><img class=mwe-math-fallback-image-inline alt='{\\displaystyle E=mc^2}' src=e.svg></span>",
            "$E=mc^2$",
        ),
        (
            "<img class=latex src=t.png alt='a_1'> <img class=latex src=t.png>",
            "$a_1$ ![](https://a.example/p/t.png)",
        ),
        (
            "so \\(x_1\\) is <code>\\(x_1\\)</code>, \\( and $$, $$ or $$$",
            "so $x_1$ is `\\(x_1\\)`, \\\\( and \\$\\$, $$ or $$$",
        ),
        (
            "<p>s/\\(a\\)/b/ and C:\\[x\\]y and a \\(b$c\\) d, $$ or a_b $$",
            "s/\\\\(a\\\\)/b/ and C:\\\\[x\\\\]y and a \\\\(b$c\\\\) d, $$ or a_b $$",
        ),
        ("<p>so $$\\sum_i x_i*y_i$$ and \\[a*b*c\\]", "so $$\\sum_i x_i*y_i$$ and $$a*b*c$$"),
        ("<span class='math inline'>\\(a_1\\)</span>", "$a_1$"),
        (
            "<table><tr><th>a<th>b<tr><td><math alttext='|x|'></math><td>c</table>",
            "| a | b |\n| --- | --- |\n| $\\|x\\|$ | c |",
        ),
    ]);
}

#[test]
fn footnotes_are_written_where_both_ends_are_content() {
    check(&[
        (
            "<p>One<sup><a href=#fn1 id=r1>1</a></sup> two<a href=#fn2><sup>[2]</sup></a>.</p><ol><li id=fn1>First. <a href=#r1>↩</a><li id=fn2><p>Second.</p><p>More. <a href=#top>^</a></p></ol>",
            "One[^1] two[^2].\n\n[^1]: First.\n\n[^2]: Second.\n\n    More.",
        ),
        (
            "<p>One<a role=doc-noteref href=#n>a</a></p><p id=n><a href=#x>[a]</a> A <b>note</b>.</p>",
            "One[^a]\n\n[^a]: [\\[a\\]](https://a.example/p/#x) A **note**.",
        ),
        // The note lies in a quote, comes before its reference, holds it, or is not there at all.
        (
            "x<sup><a href=#q>1</a></sup><blockquote><p id=q>q</blockquote>",
            "x[1](https://a.example/p/#q)\n\n> q",
        ),
        ("<p id=b>b</p>x<sup><a href=#b>1</a></sup>", "b\n\nx[1](https://a.example/p/#b)"),
        ("<p id=v>v<sup><a href=#v>3</a></sup></p>", "v[3](https://a.example/p/#v)"),
        ("x<sup><a href=#gone>1</a></sup>", "x[1](https://a.example/p/#gone)"),
        // One label can lead to one note only.
        (
            "x<sup><a href=#a>1</a></sup>y<sup><a href=#b>1</a></sup><ol><li id=a>a<li id=b>b</ol>",
            "x[^1]y[1](https://a.example/p/#b)\n\n[^1]: a\n\n1. b",
        ),
    ]);
}
