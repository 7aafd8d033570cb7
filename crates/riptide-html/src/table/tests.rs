use super::*;
use crate::parse;

fn tables_of(html: &str) -> Vec<Table> {
    let dom = parse(html);
    tables(&dom, &Selection::new(&dom, [dom.document()]))
}

fn rows(table: &Table) -> Vec<Vec<&str>> {
    table.rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect()
}

#[test]
fn cells_that_span_are_repeated_in_each_place() {
    let found = tables_of(
        "<table><caption> The <b>C</b></caption><tr><th>a<th>b<th>c
         <tr><td colspan=2>x<td rowspan=3>y<tr><td>1<td>2 <i>3</i><br>4<tr><td>5</table>",
    );
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].caption.as_str(), found[0].header.join("|").as_str()), ("The C", "a|b|c"));
    assert_eq!(rows(&found[0]), [vec!["x", "x", "y"], vec!["1", "2 3 4", "y"], vec!["5", "", "y"]]);
}

#[test]
fn row_span_ends_with_its_group() {
    let found = tables_of(
        "<table><thead><tr><th rowspan=9>a<th>b</thead><tbody><tr><td rowspan=0>1<td>2<tr><td>3</tbody>
         <tbody><tr><td>4<td>5</tbody></table>",
    );
    assert_eq!(found[0].header, ["a", "b"]);
    assert_eq!(rows(&found[0]), [["1", "2"], ["1", "3"], ["4", "5"]]);
}

#[test]
fn layout_tables_are_no_tables() {
    for html in [
        "<table><tr><td>a<td>b</table>",
        "<table role=presentation><tr><th>a<th>b<tr><td>1<td>2</table>",
        "<table><tr><td>a<td><h2>b</h2><tr><td>1<td>2</table>",
    ] {
        assert_eq!(tables_of(html), [], "{html}");
    }
    assert_eq!(tables_of("<table><tr><td>o<td><table><tr><td>a<td>b<tr><td>1<td>2</table></table>").len(), 1);
}

#[test]
fn headings_name_columns_and_short_code_is_data() {
    let found = tables_of(
        "<table><thead><tr><th colspan=2><h3>Mill 1</h3></thead><tr><td>Price<td><pre>9 EUR</pre></table>
         <table><tr><th>a<th>b<tr><td>x<td><pre>1\n2</pre></table>",
    );
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].header.join("|").as_str(), rows(&found[0])),
        ("Mill 1|Mill 1", vec![vec!["Price", "9 EUR"]])
    );
}

#[test]
fn a_first_row_in_bold_is_the_header() {
    for (html, expected) in [
        ("<tr><td><b>a</b><td><strong>b</strong><tr><td><b>c</b><td>d", "a|b"),
        ("<tr><td><b>a</b><td><td><b>b</b><tr><td>1<td>2<td>3", "a||b"),
        ("<tr><td><b>a</b>:<td><b>b</b><tr><td>c<td>d", ""),
        ("<tr><td><b>a</b><td><b>b</b><tr><td><b>c</b><td><b>d</b>", ""),
        ("<tr><td><td><tr><td>c<td>d", ""),
    ] {
        let found = tables_of(&format!("<table>{html}</table>"));
        assert_eq!(found[0].header.join("|"), expected, "{html}");
    }
}

#[test]
fn spans_that_claim_far_more_than_there_is_make_no_table() {
    let wide = "<tr><td colspan=1000>a".repeat(2000);
    assert_eq!(tables_of(&format!("<table>{wide}</table>")), []);
    let tall = format!("<tr>{}{}", "<td rowspan=65534>a".repeat(1000), "<tr><td>b".repeat(5000));
    assert_eq!(tables_of(&format!("<table>{tall}</table>")), []);
}

#[test]
fn repeated_text_is_bounded() {
    let long = "x".repeat(100_000);
    let found = tables_of(&format!("<table><tr><th>a<th>b<tr><td colspan=400>{long}</table>"));
    let bytes: usize = found.iter().flat_map(|table| &table.rows).flatten().map(String::len).sum();
    assert!((200_000..500_000).contains(&bytes), "{bytes}");
}
