//! The programming language of a code block.

use html5ever::local_name;

use crate::dom::{Dom, NodeId};

/// Class names that a language follows, the surest first. The last two name wrappers in some documentation tools.
const PREFIXES: [&str; 5] = ["language-", "lang-", "brush:", "highlight-source-", "highlight-"];

/// Class names of highlighters that put the bare name of the language beside their own.
const HIGHLIGHTERS: [&str; 4] = ["hljs", "sourceCode", "highlight", "prettyprint"];

/// Names that are a language where they stand beside a highlighter, in order.
#[rustfmt::skip]
const LANGUAGES: [&str; 64] = [
    "abap", "asm", "awk", "bash", "bat", "c", "clojure", "cmake", "console", "cpp", "cs", "csharp", "css", "dart",
    "diff", "dockerfile", "elixir", "elm", "erlang", "fsharp", "go", "graphql", "groovy", "haskell", "html", "http",
    "ini", "java", "javascript", "js", "json", "jsx", "julia", "kotlin", "latex", "lua", "make", "makefile",
    "markdown", "matlab", "nginx", "nix", "ocaml", "perl", "php", "powershell", "python", "r", "ruby", "rust",
    "scala", "scss", "sh", "shell", "sql", "swift", "toml", "ts", "tsx", "typescript", "vb", "vim", "xml", "yaml",
];

/// The language that a `pre` element, the `code` in it or a wrapper around it names.
pub(crate) fn language(dom: &Dom, pre: NodeId) -> Option<&str> {
    let code = dom.children(pre).find(|&child| dom.element(child).is_some());
    // Some tools set code beside the numbers of its lines in a table.
    let in_cell = dom.parent(pre).is_some_and(|parent| dom.is_html(parent, &local_name!("td")));
    let wrappers = dom.ancestors(pre).take(if in_cell { 6 } else { 2 });
    [pre].into_iter().chain(code).chain(wrappers).find_map(|id| named(dom, id))
}

fn named(dom: &Dom, id: NodeId) -> Option<&str> {
    let data = dom.attributes(id).iter().find(|attribute| {
        matches!(&*attribute.name.local, "data-lang" | "data-language" | "data-enlighter-language")
    });
    if let Some(attribute) = data {
        return usable(&attribute.value);
    }
    let class = dom.attribute(id, &local_name!("class"))?;
    let words = || class.split_ascii_whitespace();
    let mut behind_brush = words().skip_while(|word| *word != "brush:").skip(1);
    let prefixed = PREFIXES.iter().find_map(|prefix| words().find_map(|word| word.strip_prefix(prefix)));
    if let Some(name) = behind_brush.next().or(prefixed.filter(|name| !name.is_empty())) {
        return usable(name.trim_end_matches(';'));
    }
    if class.split_ascii_whitespace().any(|word| HIGHLIGHTERS.contains(&word)) {
        return class.split_ascii_whitespace().find(|word| LANGUAGES.binary_search(word).is_ok());
    }
    None
}

/// A name that may stand behind a fence; `none` and its like say that there is no language.
fn usable(name: &str) -> Option<&str> {
    const LONGEST: usize = 32;
    let is_name = !name.is_empty()
        && name.len() <= LONGEST
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'#' | b'.' | b'_' | b'-'));
    if is_name && !matches!(name, "none" | "default" | "auto" | "undefined" | "no-highlight" | "nohighlight")
    {
        Some(name)
    } else {
        None
    }
}
