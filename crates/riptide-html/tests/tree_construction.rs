//! The tree is the one that html5ever's own reference tree shows, node by node.

use std::error::Error;
use std::fs;
use std::path::Path;

mod tree_format;

/// Markup that browsers mend in ways of their own.
const SNIPPETS: &[(&str, &str)] = &[
    ("misnested formatting", "<p>1<b>2<i>3</b>4</i>5</p><a href=x>6<p>7<a href=y>8</a></p>9"),
    (
        "formatting across blocks",
        "<b><div><i><p>1</b>2</i></div>3<font color=red><font color=red><font color=red><font color=red>4",
    ),
    ("foster parenting", "<table>1<b>2<tr>3<td>4</td>5<p>6</p></tr></b>7</table>8"),
    ("nested tables", "<table><tr><td><table><td>1</table>2<tr>3<caption>4<col><tfoot><th>5"),
    (
        "templates",
        "<template id=a><tr><td>1<template><p>2</template></td></tr>3</template><table><template>4</template></table>",
    ),
    (
        "svg",
        "<p>1<svg viewbox=0 xlink:href=a xml:lang=b><foreignObject><p>2</foreignObject><title><b>3</title><path/><g/>4</p>5</svg>6",
    ),
    (
        "math",
        "<math definitionurl=a><mi>1<p>2</mi><annotation-xml encoding=text/html><div>3</annotation-xml><mglyph/>4<b>5</math>6",
    ),
    ("character data in svg", "<svg><![CDATA[<b>1]]>]]></svg><![CDATA[2]]>3<svg><style><b>4</style>5</svg>"),
    (
        "noscript in head and body",
        "<head><noscript><link rel=a><p>1</noscript></head><noscript><p>2<img></noscript>",
    ),
    (
        "select",
        "<select><option>1<option>2<optgroup><option>3<div>4</div><hr><input><p>5</select>6<select><table><tr><td>7",
    ),
    ("frameset", "<html><frameset cols=1><frame><noframes><p>1</noframes></frameset>2"),
    ("late frameset", "<p>1<frameset><frame></frameset>"),
    ("null characters", "<p>1\0<b\0>2</b\0><!--\0--><svg>\x003</svg><table>\0 4</table>"),
    (
        "entities",
        "<a title='&lt&ampamp;&notit;&not;&copy=&#x80;&#0;&#xFFFFFF;&#55296;'>&lt&ampamp;&notit;&NotEqualTilde;&#x80;&#0;&bogus;&</a>",
    ),
    (
        "unclosed",
        "<ul><li>1<li>2<dl><dt>3<dd>4<p>5<h1>6<h2>7<button>8<button>9<nobr>10<nobr>11<pre>\n\n12<textarea>\n13<b>",
    ),
    ("end tags without start", "</p></br></b></table></body></html></h1>1</form></li></template>2"),
    (
        "raw text",
        "<title><b>1</title><textarea><p>2</textarea><style><!--</style><script><!--<script></script>--></script><xmp><b></xmp>3<plaintext><p>4</plaintext>",
    ),
    ("comments", "<!----><!--a--!><!--a--->1<!><!x><?php echo '>' ?></ x><!-->2<!--->3<!--a<!--b-->4<!--"),
    (
        "document types",
        "<!-- 1 --><!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01//EN\" 'about:legacy-compat'><!DOCTYPE x><html a=1><html a=2 b=3><body c><body c=4 d>",
    ),
    ("attributes", "<a b=1 B=2 c=\"'\" d='\"' e = f g/h=i =j k=\"l\"m><a\n/ b=>1<a b=1"),
    (
        "forms",
        "<form a><div><form b><input></div></form>1</form><table><form c><tr><td><form d></table><isindex><image src=x>",
    ),
    ("after the body", "<body>1</body> 2<!-- 3 --><p>4</html> <!-- 5 -->6"),
    ("carriage returns", "<p a='1\r\n2\r3'>4\r\n5\r6</p>\r\n<pre>\r\n7\r8</pre>"),
    ("byte order marks", "\u{feff}<p>\u{feff}1<style>\u{feff}a{}</style>\u{feff}2<title>\u{feff}</title>"),
    ("nothing", ""),
];

#[track_caller]
fn assert_same_tree(name: &str, html: &str) {
    let dom = riptide_html::parse(html);
    assert_eq!(
        dom.capped(),
        riptide_html::Capped::default(),
        "{name}: the limits stay out of the comparison"
    );
    pretty_compare(name, &tree_format::of_dom(&dom), &tree_format::of_reference_parse(html));
}

#[track_caller]
fn pretty_compare(name: &str, ours: &str, reference: &str) {
    assert!(ours == reference, "{name}: the trees differ\n--- ours\n{ours}--- reference\n{reference}");
}

#[test]
fn broken_markup_is_mended_as_by_the_reference() {
    for (name, html) in SNIPPETS {
        assert_same_tree(name, html);
    }
}

#[test]
fn fixture_pages_give_the_reference_tree() -> Result<(), Box<dyn Error>> {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/site/pages");
    let mut compared = 0;
    for entry in fs::read_dir(pages)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "html") {
            let decoded = riptide_html::encoding::decode(&fs::read(&path)?, None)?;
            assert_same_tree(&path.display().to_string(), &decoded.text);
            compared += 1;
        }
    }
    assert!(compared > 0, "there are fixture pages");
    Ok(())
}

#[test]
fn the_format_is_that_of_html5lib() {
    let html = "<!DOCTYPE html><p b=2 a=1>1<!--2--><template>3</template><svg xlink:href=4></svg>";
    let expected = "\
| <!DOCTYPE html>
| <html>
|   <head>
|   <body>
|     <p>
|       a=\"1\"
|       b=\"2\"
|       \"1\"
|       <!-- 2 -->
|       <template>
|         content
|           \"3\"
|       <svg svg>
|         xlink href=\"4\"
";
    pretty_compare("format", &tree_format::of_dom(&riptide_html::parse(html)), expected);
    pretty_compare("format", &tree_format::of_reference_parse(html), expected);
}
