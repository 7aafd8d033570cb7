//! What goes in: a page and what is wanted of it.

/// An HTML page as text, ready to be extracted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The markup, decoded to Unicode.
    pub html: String,
    /// The address it was loaded from, or empty when it is not known. Relative links resolve against it.
    pub url: String,
}

/// What is wanted of a page; `extraction-mode` of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtractionMode {
    /// The main content without boilerplate.
    Article(Focus),
    /// All visible content.
    Full,
    /// Metadata alone; the content fields stay empty.
    Metadata,
    /// What CSS selectors name.
    Custom(Selectors),
}

impl Default for ExtractionMode {
    fn default() -> Self {
        Self::Article(Focus::default())
    }
}

/// How the choice between "too much" and "too little" main content is settled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Focus {
    /// Leave out what is doubtful.
    Precision,
    /// Weigh both errors alike.
    #[default]
    Balanced,
    /// Keep what is doubtful.
    Recall,
}

/// CSS selectors (Selectors Level 4) that name the content by hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selectors {
    /// Elements to keep, with all they contain. Empty: the whole body.
    pub include: Vec<String>,
    /// Elements to leave out of what was included.
    pub exclude: Vec<String>,
}
