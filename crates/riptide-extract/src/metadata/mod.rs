//! What a page says about itself: title, authors, dates, and what else describes it.
//!
//! One pass over the tree gathers the facts (the `facts` module); then each field is settled on its own, by trying sources in a
//! fixed order of trust. The first source that gives a plausible value wins.
//!
//! | field | order of trust |
//! |---|---|
//! | title | the `h1` that a stated title confirms; the `h1` whose words are those of the page's address; the `h1` in the content, or the only one of a text, that shares enough of its words with the stated title; the stated title. Stated are, in this order: `title` element, `og:title`, headline or name in the structured data (articles, discussions, things), `citation_title` and its like with Dublin Core, `twitter:title`; each without the site's name, and without what other sources or the page's headings leave out. Sections behind a vertical bar go |
//! | authors | structured data of a discussion; the byline next to the headline (`rel=author`, `itemprop=author`, class names, "By …"), the nearest first; `twitter:data1` labelled as author; structured data of an article; `meta` names (`author`, `article:author`, Parse.ly, Sailthru, Highwire, Dublin Core); on texts also: structured data of the page; a byline farther down; any of these that names the site itself |
//! | published | structured data of a discussion; the URL; `meta` names (`article:published_time` and its like, Parse.ly, Sailthru, Highwire, Dublin Core); a date shown next to the headline (`time`, class names, text), the nearest first; structured data of an article; a date of change next to the headline; on texts also: a date shown farther down |
//! | modified | structured data of an article; `meta` names; structured data of the page; a date of change next to the headline |
//! | site name | `og:site_name`; the `WebSite` of the structured data; `application-name` and its like; an `Organization` of the structured data |
//! | canonical URL | `link rel=canonical`; `og:url` |
//! | language | `lang` of the root element; `Content-Language`; `inLanguage` of the structured data; `og:locale` |
//! | description | `description`; `og:description`; structured data; `twitter:description`; Dublin Core |
//! | image | `og:image`; structured data; `twitter:image`; `link rel=image_src` |
//! | tags | `article:tag`, `keywords` and its like, structured data and `rel=tag` together |
//! | categories | `article:section` and its like, `articleSection` of the structured data together |
//! | breadcrumbs | `BreadcrumbList` of the structured data, by position; `Breadcrumb` of data-vocabulary.org; the first element with more than one label whose class, id or `aria-label` says that it is a trail |
//! | product | `Product` of the structured data with its offers, those of its variants and of an `AggregateOffer`; `product:price:amount`, `product:availability` and their like |
//! | thread | `DiscussionForumPosting` or `Question` of the structured data: `answerCount`, `commentCount`, `interactionStatistic`, `acceptedAnswer` |
//!
//! Structured data is JSON-LD, then microdata and RDFa Lite. A text is a page that says that somebody wrote it
//! ([`PageTypeHints::is_text`]); a page that says that it sells something ([`PageTypeHints::is_offer`]) has neither
//! authors nor dates. The page that a site starts with may be called by the site's name; no other is. Bylines and dates
//! that the page shows are read in the languages of the `languages` module; JSON-LD that is not quite JSON is mended by
//! the `json_repair` module. What stands next to the headline is trusted before what machines are told, as it is what
//! editors look at: systems that fill in the other sources tend to name whoever uploaded the text.

mod author;
mod breadcrumbs;
pub(crate) mod byline;
mod cut;
pub(crate) mod date;
mod description;
mod facts;
mod inline;
mod json_ld;
pub(crate) mod json_repair;
mod languages;
mod names;
mod offer;
mod published;
mod site;
mod structured;
mod subject;
#[cfg(test)]
mod tests;
pub(crate) mod text;
mod thread;
mod title;
mod vocabulary;

use riptide_html::{BaseUrl, Dom};
use riptide_types::{Product, Property, Thread};

pub use subject::PageTypeHints;

/// What a page says about itself; the fields of [`riptide_types::Document`] that do not depend on its content.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    /// Absolute URL that the page calls its own.
    pub canonical_url: Option<String>,
    /// The title without the site's name.
    pub title: Option<String>,
    /// The line that names the authors, as written.
    pub byline: Option<String>,
    /// The authors' names, one each.
    pub authors: Vec<String>,
    /// ISO 8601: a date, or a date and time with offset when the page tells them.
    pub published: Option<String>,
    /// ISO 8601, as [`Metadata::published`].
    pub modified: Option<String>,
    /// The name of the site.
    pub site_name: Option<String>,
    /// The declared language, a BCP 47 tag.
    pub language: Option<String>,
    /// The page's own summary.
    pub description: Option<String>,
    /// Absolute URL of the image that stands for the page.
    pub image: Option<String>,
    /// Keywords that the page gives itself.
    pub tags: Vec<String>,
    /// Sections or categories that the page puts itself in.
    pub categories: Vec<String>,
    /// The way from the site's start to the page, as the page shows it.
    pub breadcrumbs: Vec<String>,
    /// What the page says about the one product that it offers.
    pub product: Option<Product>,
    /// What the page says about the discussion that it shows.
    pub thread: Option<Thread>,
    /// The text of each JSON-LD block, as found.
    pub json_ld: Vec<String>,
    /// OpenGraph and article properties in document order, as found.
    pub open_graph: Vec<Property>,
    /// What the page says about its kind.
    pub page_type_hints: PageTypeHints,
    /// The text of the article as the structured data repeats it, white space folded.
    pub article_body: Option<String>,
}

/// Collects the metadata of a page. `url` is the address that it was loaded from, or empty.
#[must_use]
pub fn collect(dom: &Dom, base: &BaseUrl, url: &str) -> Metadata {
    let facts = facts::Facts::gather(dom);
    let subjects = subject::of_page(&facts.items);
    let hints = PageTypeHints::of(&facts);
    let site = site::Site::of(&facts, url);
    let headline = title::resolve(&facts, &subjects, hints.is_text(), &site);
    let (authors, dates) = if hints.is_offer() {
        Default::default()
    } else {
        let authors = author::resolve(&facts, &subjects, hints.is_text(), &headline, &site);
        (authors, published::resolve(&facts, &subjects, hints.is_text(), &headline, url))
    };
    Metadata {
        canonical_url: description::canonical_url(&facts, base),
        breadcrumbs: breadcrumbs::resolve(&facts),
        product: offer::resolve(&facts, &subjects, headline.text.as_deref()),
        thread: thread::resolve(&facts, &subjects),
        title: headline.text,
        byline: Some(authors.byline).filter(|line| !line.is_empty()),
        authors: authors.names,
        published: dates.published.map(|moment| moment.to_string()),
        modified: dates.modified.map(|moment| moment.to_string()),
        site_name: site.name,
        language: description::language(&facts),
        description: description::description(&facts, &subjects),
        image: description::image(&facts, &subjects, base),
        tags: description::tags(&facts, &subjects),
        categories: description::categories(&facts, &subjects),
        open_graph: description::open_graph(&facts),
        article_body: description::article_body(&facts),
        page_type_hints: hints,
        json_ld: facts.json_ld,
    }
}
