//! Presentation MathML as TeX, for formulas that come without the TeX that they were made from.
//!
//! Follows MathML Core (<https://www.w3.org/TR/mathml-core/>) and what MathML 3 has beside it (`mfenced`, `menclose`). Symbols stay
//! the characters that they are, which KaTeX, MathJax and LaTeX's `unicode-math` read.

use html5ever::{LocalName, local_name};

use crate::dom::{Dom, NodeId};
use crate::fold::folded;

/// Names that TeX sets upright by a command of their own.
const FUNCTIONS: [&str; 32] = [
    "arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "coth", "csc", "deg", "det", "dim", "exp",
    "gcd", "hom", "inf", "ker", "lg", "lim", "liminf", "limsup", "ln", "log", "max", "min", "Pr", "sec",
    "sin", "sinh", "sup", "tan", "tanh",
];

/// The functions whose limits stand below them.
const WITH_LIMITS: [&str; 10] = ["det", "gcd", "inf", "lim", "liminf", "limsup", "max", "min", "Pr", "sup"];

/// What a `math` element says, as TeX; empty if it says nothing.
pub(crate) fn tex(dom: &Dom, math: NodeId) -> String {
    let mut writer = Writer { dom, out: String::new() };
    writer.row(math);
    writer.out
}

struct Writer<'d> {
    dom: &'d Dom,
    out: String,
}

impl Writer<'_> {
    fn row(&mut self, parent: NodeId) {
        for child in elements(self.dom, parent) {
            self.write(child);
        }
    }

    fn write(&mut self, id: NodeId) {
        let name = self.dom.local_name(id).map_or("", |name| &**name);
        let mut parts = elements(self.dom, id);
        match name {
            "mi" => self.identifier(id),
            "mn" => self.symbols(&self.token(id)),
            "mo" => self.operator(id),
            "mtext" | "ms" => self.words(&self.token(id)),
            "mspace" => self.push("\\ "),
            "mfrac" => {
                let is_binomial =
                    self.attribute(id, "linethickness").is_some_and(|width| width.starts_with('0'));
                self.command(if is_binomial { "\\genfrac{}{}{0pt}{}" } else { "\\frac" }, parts);
            }
            "msqrt" => {
                self.push("\\sqrt{");
                self.row(id);
                self.push("}");
            }
            "mroot" => {
                let base = parts.next();
                self.push("\\sqrt[");
                self.part(parts.next());
                self.push("]");
                self.group(base);
            }
            "msup" => self.scripts(id, &["^"]),
            "msub" => self.scripts(id, &["_"]),
            "msubsup" => self.scripts(id, &["_", "^"]),
            "munder" => self.beyond(id, &["_"]),
            "mover" => self.beyond(id, &["^"]),
            "munderover" => self.beyond(id, &["_", "^"]),
            "mmultiscripts" => self.multiscripts(id),
            "mtable" => self.table(id),
            "mfenced" => self.fenced(id),
            "mphantom" => {
                self.push("\\phantom{");
                self.row(id);
                self.push("}");
            }
            "semantics" | "maction" => self.part(parts.next()),
            "annotation" | "annotation-xml" | "none" | "mprescripts" => {}
            _ if parts.next().is_some() => self.row(id),
            // Text where MathML wants an element around it.
            _ => self.words(&self.token(id)),
        }
    }

    fn identifier(&mut self, id: NodeId) {
        let token = self.token(id);
        let is_letter = token.chars().count() == 1;
        let alphabet = match self.attribute(id, "mathvariant") {
            Some("normal") if is_letter => Some("\\mathrm"),
            Some("bold" | "bold-italic") => Some("\\mathbf"),
            Some("double-struck") => Some("\\mathbb"),
            Some("script" | "bold-script") => Some("\\mathcal"),
            Some("fraktur" | "bold-fraktur") => Some("\\mathfrak"),
            Some("sans-serif") => Some("\\mathsf"),
            Some("monospace") => Some("\\mathtt"),
            _ if is_letter || FUNCTIONS.contains(&token.as_str()) => None,
            _ => Some("\\mathrm"),
        };
        match alphabet {
            Some(alphabet) if !token.is_empty() => {
                self.push(alphabet);
                self.push("{");
                self.symbols(&token);
                self.push("}");
            }
            _ => self.name(&token),
        }
    }

    fn operator(&mut self, id: NodeId) {
        let token = self.token(id);
        if token.chars().nth(1).is_some()
            && token.chars().all(char::is_alphabetic)
            && !FUNCTIONS.contains(&token.as_str())
        {
            self.push("\\operatorname{");
            self.push(&token);
            self.push("}");
        } else {
            self.name(&token);
        }
    }

    /// A function by its command, anything else by its characters.
    fn name(&mut self, token: &str) {
        if FUNCTIONS.contains(&token) {
            self.push("\\");
            self.out.push_str(token);
        } else {
            self.symbols(token);
        }
    }

    fn symbols(&mut self, token: &str) {
        let mut utf8 = [0; 4];
        for symbol in token.chars() {
            match symbol {
                // Function application, invisible times, separator and plus.
                '\u{2061}'..='\u{2064}' => {}
                '\\' => self.push("\\backslash"),
                '{' | '}' | '#' | '$' | '%' | '&' | '_' => {
                    self.push("\\");
                    self.out.push(symbol);
                }
                '~' => self.push("\\sim"),
                '^' => self.push("\\text{^}"),
                '\u{2212}' => self.push("-"),
                _ => self.push(symbol.encode_utf8(&mut utf8)),
            }
        }
    }

    fn words(&mut self, text: &str) {
        if !text.is_empty() {
            self.push("\\text{");
            for letter in text.chars() {
                if matches!(letter, '\\' | '{' | '}' | '#' | '$' | '%' | '&' | '_') {
                    self.out.push('\\');
                }
                self.out.push(letter);
            }
            self.out.push('}');
        }
    }

    /// A command with an element for each argument.
    fn command(&mut self, command: &str, arguments: impl Iterator<Item = NodeId>) {
        self.push(command);
        arguments.for_each(|argument| self.group(Some(argument)));
    }

    fn group(&mut self, part: Option<NodeId>) {
        self.push("{");
        self.part(part);
        self.push("}");
    }

    fn part(&mut self, part: Option<NodeId>) {
        if let Some(part) = part {
            self.write(part);
        }
    }

    /// The base as it is if it is a single token, else in braces.
    fn base(&mut self, base: Option<NodeId>) {
        let is_token = |id| self.dom.local_name(id).is_some_and(|name| matches!(&**name, "mi" | "mn" | "mo"));
        match base {
            Some(base) if is_token(base) => self.write(base),
            _ => self.group(base),
        }
    }

    fn scripts(&mut self, id: NodeId, marks: &[&str]) {
        let mut parts = elements(self.dom, id);
        self.base(parts.next());
        for (mark, script) in marks.iter().zip(parts) {
            self.push(mark);
            self.group(Some(script));
        }
    }

    /// What stands above and below: limits, accents and braces, or anything else.
    fn beyond(&mut self, id: NodeId, marks: &[&str]) {
        let mut parts = elements(self.dom, id);
        let Some(base) = parts.next() else { return };
        if takes_limits(&self.token(base)) {
            return self.scripts(id, marks);
        }
        let parts: Vec<(&str, NodeId)> = marks.iter().copied().zip(parts).collect();
        for &(mark, part) in parts.iter().rev() {
            match accent(mark, &self.token(part)) {
                Some(command) => self.push(command),
                None if mark == "^" => self.command("\\overset", std::iter::once(part)),
                None => self.command("\\underset", std::iter::once(part)),
            }
            self.push("{");
        }
        self.write(base);
        parts.iter().for_each(|_| self.push("}"));
    }

    fn multiscripts(&mut self, id: NodeId) {
        let (base, scripts) = match elements(self.dom, id).collect::<Vec<_>>().split_first() {
            Some((&base, scripts)) => (base, scripts.to_vec()),
            None => return,
        };
        let is_split = |&id: &NodeId| self.dom.local_name(id).is_some_and(|name| &**name == "mprescripts");
        let split = scripts.iter().position(is_split).unwrap_or(scripts.len());
        let (after, before) = scripts.split_at(split);
        for (pairs, is_before) in [(before.get(1..).unwrap_or_default(), true), (after, false)] {
            if is_before && !pairs.is_empty() {
                self.push("{}");
            }
            if !is_before {
                self.base(Some(base));
            }
            for (at, &script) in pairs.iter().enumerate() {
                if at > 1 && at % 2 == 0 {
                    self.push("{}");
                }
                if elements(self.dom, script).next().is_some() || !self.token(script).is_empty() {
                    self.push(if at % 2 == 0 { "_" } else { "^" });
                    self.group(Some(script));
                }
            }
        }
    }

    fn table(&mut self, table: NodeId) {
        self.push("\\begin{matrix}");
        for (at, row) in elements(self.dom, table).enumerate() {
            self.push(if at == 0 { " " } else { " \\\\ " });
            for (at, cell) in elements(self.dom, row).enumerate() {
                if at > 0 {
                    self.push(" & ");
                }
                self.row(cell);
            }
        }
        self.push(" \\end{matrix}");
    }

    fn fenced(&mut self, id: NodeId) {
        let given = |name, default: &str| self.attribute(id, name).unwrap_or(default).trim().to_owned();
        let (open, close) = (given("open", "("), given("close", ")"));
        let separators: Vec<String> =
            given("separators", ",").chars().filter(|sign| !sign.is_whitespace()).map(String::from).collect();
        self.symbols(&open);
        for (at, part) in elements(self.dom, id).enumerate() {
            if let Some(before) = at.checked_sub(1)
                && let Some(separator) = separators.get(before).or(separators.last())
            {
                self.symbols(separator);
            }
            self.write(part);
        }
        self.symbols(&close);
    }

    /// Adds TeX; a letter does not join a command before it.
    fn push(&mut self, tex: &str) {
        let is_command = || {
            let letters = self.out.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
            letters > 0
                && self
                    .out
                    .as_bytes()
                    .get(..self.out.len() - letters)
                    .is_some_and(|rest| rest.ends_with(b"\\"))
        };
        if tex.starts_with(|letter: char| letter.is_ascii_alphabetic()) && is_command() {
            self.out.push(' ');
        }
        self.out.push_str(tex);
    }

    fn token(&self, id: NodeId) -> String {
        folded(&self.dom.text_content(id))
    }

    fn attribute(&self, id: NodeId, name: &str) -> Option<&str> {
        self.dom.attribute(id, &LocalName::from(name))
    }
}

fn elements(dom: &Dom, id: NodeId) -> impl Iterator<Item = NodeId> {
    dom.children(id).filter(|&child| {
        dom.element(child).is_some_and(|element| element.name.local != local_name!("script"))
    })
}

/// Whether TeX sets what is above and below by itself as limits: large operators and some functions.
fn takes_limits(base: &str) -> bool {
    let mut symbols = base.chars();
    let is_large = |sign| matches!(sign, '∏'..='∑' | '∫'..='∳' | '⋀'..='⋃' | '⨀'..='⨌');
    (symbols.next().is_some_and(is_large) && symbols.next().is_none()) || WITH_LIMITS.contains(&base)
}

/// The command for a sign above or below its base.
fn accent(mark: &str, sign: &str) -> Option<&'static str> {
    Some(match (mark, sign) {
        ("^", "^" | "ˆ" | "\u{302}") => "\\hat",
        ("^", "~" | "˜" | "\u{303}") => "\\tilde",
        ("^", "¯" | "‾" | "―" | "\u{304}" | "\u{305}" | "_" | "−" | "-") => "\\overline",
        ("^", "→" | "⃗" | "⇀") => "\\vec",
        ("^", "." | "˙" | "\u{307}") => "\\dot",
        ("^", ".." | "¨" | "\u{308}") => "\\ddot",
        ("^", "ˇ" | "\u{30c}") => "\\check",
        ("^", "˘" | "\u{306}") => "\\breve",
        ("^", "⏞") => "\\overbrace",
        ("_", "⏟") => "\\underbrace",
        ("_", "_" | "¯" | "‾" | "\u{332}" | "−" | "-") => "\\underline",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tex_of(content: &str) -> String {
        let dom = crate::parse(&format!("<math>{content}</math>"));
        let math =
            dom.descendants(dom.document()).find(|&id| dom.local_name(id) == Some(&local_name!("math")));
        tex(&dom, math.unwrap())
    }

    #[test]
    fn each_construct_has_its_tex() {
        for (mathml, expected) in [
            ("<mi>x</mi><mo>=</mo><mn>1</mn>", "x=1"),
            ("<mi>sin</mi><mo>&ApplyFunction;</mo><mi>x</mi>", "\\sin x"),
            ("<mi>rate</mi><mo>&#x2212;</mo><mi>α</mi>", "\\mathrm{rate}-α"),
            ("<mi mathvariant=double-struck>R</mi><mi mathvariant=normal>d</mi>", "\\mathbb{R}\\mathrm{d}"),
            ("<mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><mi>b</mi></mfrac>", "\\frac{a+1}{b}"),
            (
                "<mo>(</mo><mfrac linethickness=0><mi>n</mi><mi>k</mi></mfrac><mo>)</mo>",
                "(\\genfrac{}{}{0pt}{}{n}{k})",
            ),
            (
                "<msqrt><mi>a</mi><mi>b</mi></msqrt><mroot><mi>x</mi><mn>3</mn></mroot>",
                "\\sqrt{ab}\\sqrt[3]{x}",
            ),
            ("<msup><mi>x</mi><mn>12</mn></msup><msub><mi>a</mi><mi>i</mi></msub>", "x^{12}a_{i}"),
            ("<msup><mrow><mi>a</mi><mi>b</mi></mrow><mn>2</mn></msup>", "{ab}^{2}"),
            ("<msubsup><mo>∫</mo><mn>0</mn><mi>∞</mi></msubsup>", "∫_{0}^{∞}"),
            (
                "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>",
                "∑_{i=1}^{n}",
            ),
            ("<munder><mi>lim</mi><mi>n</mi></munder><mi>a</mi>", "\\lim_{n}a"),
            (
                "<mover><mi>x</mi><mo>¯</mo></mover><mover><mi>v</mi><mo>→</mo></mover>",
                "\\overline{x}\\vec{v}",
            ),
            ("<munder><mi>a</mi><mi>b</mi></munder>", "\\underset{b}{a}"),
            ("<munderover><mo>→</mo><mi>k</mi><mo>^</mo></munderover>", "\\hat{\\underset{k}{→}}"),
            (
                "<mmultiscripts><mi>C</mi><mn>1</mn><none/><mprescripts/><mn>6</mn><mn>14</mn></mmultiscripts>",
                "{}_{6}^{14}C_{1}",
            ),
            (
                "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr><mtr><mtd><mn>0</mn></mtd><mtd><mn>1</mn></mtd></mtr></mtable>",
                "\\begin{matrix} 1 & 0 \\\\ 0 & 1 \\end{matrix}",
            ),
            ("<mfenced open='{' separators=';'><mi>a</mi><mi>b</mi><mi>c</mi></mfenced>", "\\{a;b;c)"),
            ("<mtext>if 5% </mtext><ms>a_b</ms>", "\\text{if 5\\%}\\text{a\\_b}"),
            ("<mo>%</mo><mo>#</mo><mo>~</mo><mi>y</mi>", "\\%\\#\\sim y"),
            ("<mo>Tr</mo><mi>A</mi>", "\\operatorname{Tr}A"),
            ("<semantics><mi>x</mi><annotation>ignored</annotation></semantics>", "x"),
            ("loose text", ""),
            ("<mrow>loose text</mrow>", "\\text{loose text}"),
            ("", ""),
        ] {
            assert_eq!(tex_of(mathml), expected, "{mathml}");
        }
    }

    #[test]
    fn malformed_formulas_lose_nothing_and_end() {
        assert_eq!(tex_of("<mfrac><mi>a</mi></mfrac>"), "\\frac{a}");
        assert_eq!(
            tex_of("<msup></msup><mover></mover><mroot></mroot><mmultiscripts></mmultiscripts>"),
            "{}\\sqrt[]{}"
        );
        assert_eq!(tex_of("<msup><mi>a</mi><mi>b</mi><mi>c</mi></msup>"), "a^{b}");
        let deep = "<mrow>".repeat(200);
        assert_eq!(tex_of(&format!("{deep}<mi>x</mi>")), "x");
    }
}
