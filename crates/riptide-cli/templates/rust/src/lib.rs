//! An extractor for RipTide: what it exports is the interface `extraction` of the contract, wit/extractor.wit.
//!
//! An instance handles one page, so nothing here needs to be thrown away.

use scraper::{ElementRef, Html, Selector};
use url::Url;

wit_bindgen::generate!({ path: "wit/extractor.wit", world: "extractor" });

use exports::riptide::extractor::extraction::{
    ComponentInfo, ExtractedContent, ExtractionError, ExtractionMode, Focus, Guest, Link, PageType, SelectorError,
};

struct Extractor;

export!(Extractor);

/// Elements that become blocks of the content.
const BLOCKS: &str = "h1, h2, h3, h4, h5, h6, p, li, pre, blockquote";
/// Elements that hold no content.
const BOILERPLATE: [&str; 9] =
    ["aside", "button", "footer", "form", "nav", "noscript", "script", "style", "template"];

impl Guest for Extractor {
    fn extract(html: String, url: String, mode: ExtractionMode) -> Result<ExtractedContent, ExtractionError> {
        let base = match url.as_str() {
            "" => None,
            text => Some(Url::parse(text).map_err(|_| ExtractionError::InvalidUrl(text.to_owned()))?),
        };
        let page = Page { html: Html::parse_document(&html), base };
        let mut content = page.metadata(url);
        match mode {
            ExtractionMode::Metadata => {}
            ExtractionMode::Full => page.write(&page.select("body")?, &[], &mut content)?,
            ExtractionMode::Custom(selectors) => {
                let include = if selectors.include.is_empty() { vec!["body".to_owned()] } else { selectors.include };
                let exclude = selectors.exclude.iter().map(|text| selector(text)).collect::<Result<Vec<_>, _>>()?;
                page.write(&page.select(&include.join(", "))?, &exclude, &mut content)?;
            }
            ExtractionMode::Article(focus) => {
                let named = page.first("article")?.or(page.first("main, [role=main]")?);
                let root = match named {
                    Some(root) if focus != Focus::Recall => root,
                    _ => page.html.root_element(),
                };
                page.write(&[root], &[], &mut content)?;
            }
        }
        Ok(content)
    }

    fn describe() -> ComponentInfo {
        ComponentInfo {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            description: env!("CARGO_PKG_DESCRIPTION").to_owned(),
        }
    }

    fn check_health() -> Result<(), String> {
        let html = "<title>Ebb</title><nav><p>Home</nav><main><h1>Ebb</h1><p>The tide <a href=/t>turns</a>.</main>";
        let mode = ExtractionMode::Article(Focus::Balanced);
        let found = Self::extract(html.to_owned(), "https://example.org/".to_owned(), mode)
            .map_err(|error| format!("the page is refused: {error:?}"))?;
        let found = (found.title.unwrap_or_default(), found.markdown);
        let known = ("Ebb".to_owned(), "# Ebb\n\nThe tide [turns](https://example.org/t).\n".to_owned());
        if found == known { Ok(()) } else { Err(format!("the answer is {found:?} where {known:?} is known to be right")) }
    }
}

struct Page {
    html: Html,
    base: Option<Url>,
}

impl Page {
    fn select(&self, text: &str) -> Result<Vec<ElementRef<'_>>, ExtractionError> {
        let selector = selector(text)?;
        Ok(self.html.select(&selector).collect())
    }

    fn first(&self, text: &str) -> Result<Option<ElementRef<'_>>, ExtractionError> {
        Ok(self.select(text)?.into_iter().next())
    }

    /// The first text that one of the selectors finds, in their order: a `content` attribute, or what is inside.
    fn fact(&self, selectors: &[&str]) -> Option<String> {
        let found = selectors.iter().filter_map(|text| self.first(text).ok()?);
        let texts = found.map(|it| it.attr("content").map_or_else(|| it.text().collect(), str::to_owned));
        texts.map(|text: String| folded(&text)).find(|text| !text.is_empty())
    }

    fn absolute(&self, reference: &str) -> Option<String> {
        let url = Url::options().base_url(self.base.as_ref()).parse(reference).ok()?;
        matches!(url.scheme(), "http" | "https" | "mailto").then(|| url.into())
    }

    fn metadata(&self, url: String) -> ExtractedContent {
        let author = self.fact(&["meta[name=author]", "[rel=author]"]);
        let attribute = |text, name| Some(self.first(text).ok()??.attr(name)?.to_owned());
        ExtractedContent {
            url,
            canonical_url: attribute("link[rel=canonical]", "href").and_then(|it| self.absolute(&it)),
            title: self.fact(&["meta[property='og:title']", "h1", "title"]),
            byline: author.clone(),
            authors: author.into_iter().collect(),
            published: self.fact(&["meta[property='article:published_time']"]),
            modified: self.fact(&["meta[property='article:modified_time']"]),
            site_name: self.fact(&["meta[property='og:site_name']"]),
            language: attribute("html", "lang"),
            description: self.fact(&["meta[name=description]"]),
            image: self.fact(&["meta[property='og:image']"]).and_then(|it| self.absolute(&it)),
            page_type: PageType::Unknown,
            markdown: String::new(),
            text: String::new(),
            html: String::new(),
            links: Vec::new(),
            media: Vec::new(),
            tables: Vec::new(),
            comments: Vec::new(),
            entries: Vec::new(),
            page_count: None,
            tags: Vec::new(),
            categories: Vec::new(),
            breadcrumbs: Vec::new(),
            product: None,
            thread: None,
            json_ld: Vec::new(),
            open_graph: Vec::new(),
            word_count: 0,
            reading_time: 0,
            quality_score: 0,
            refresh: None,
            script_built: false,
            warnings: Vec::new(),
        }
    }

    /// Writes the blocks inside of the roots, each once.
    fn write(
        &self,
        roots: &[ElementRef<'_>],
        exclude: &[Selector],
        content: &mut ExtractedContent,
    ) -> Result<(), ExtractionError> {
        let blocks = selector(BLOCKS)?;
        let is_left_out = |element: &ElementRef<'_>| {
            BOILERPLATE.contains(&element.value().name()) || exclude.iter().any(|selector| selector.matches(element))
        };
        for root in roots {
            for block in root.descendants().filter_map(ElementRef::wrap).filter(|it| blocks.matches(it)) {
                let mut inside = block.ancestors().filter_map(ElementRef::wrap);
                if !is_left_out(&block) && !inside.any(|it| is_left_out(&it) || blocks.matches(&it)) {
                    self.write_block(block, content);
                }
            }
        }
        content.word_count = content.text.split_whitespace().count() as u32;
        content.reading_time = (content.word_count * 60).div_ceil(238);
        content.quality_score = content.word_count.min(80) as u8;
        Ok(())
    }

    fn write_block(&self, block: ElementRef<'_>, content: &mut ExtractedContent) {
        let markdown = folded(&self.inline(block, &mut content.links));
        let text = folded(&block.text().collect::<String>());
        if text.is_empty() {
            return;
        }
        let name = block.value().name();
        let markdown = match name {
            "h1" => format!("# {markdown}"),
            "h2" => format!("## {markdown}"),
            "h3" | "h4" | "h5" | "h6" => format!("### {markdown}"),
            "li" => format!("- {markdown}"),
            "blockquote" => format!("> {markdown}"),
            "pre" => format!("```\n{}\n```", block.text().collect::<String>().trim_end()),
            _ => markdown,
        };
        let between = if content.text.is_empty() { "" } else { "\n" };
        content.markdown += &format!("{between}{markdown}\n");
        content.text += &format!("{between}{text}\n");
        content.html += &format!("<{name}>{}</{name}>\n", escaped(&text));
    }

    /// What is inside of an element as Markdown. A page that nests too deep for the stack ends its own instance alone.
    fn inline(&self, element: ElementRef<'_>, links: &mut Vec<Link>) -> String {
        let mut markdown = String::new();
        for child in element.children() {
            if let Some(text) = child.value().as_text() {
                markdown += text;
            } else if let Some(child) = ElementRef::wrap(child) {
                let inner = self.inline(child, links);
                match child.attr("href").and_then(|reference| self.absolute(reference)) {
                    Some(url) => {
                        let (text, rel) = (folded(&inner), child.attr("rel").unwrap_or_default().to_owned());
                        markdown += &format!("[{text}]({url})");
                        links.push(Link { url, text, rel });
                    }
                    None => markdown += &inner,
                }
            }
        }
        markdown
    }
}

fn selector(text: &str) -> Result<Selector, ExtractionError> {
    Selector::parse(text).map_err(|error| {
        let (selector, message) = (text.to_owned(), error.to_string());
        ExtractionError::InvalidSelector(SelectorError { selector, message })
    })
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
