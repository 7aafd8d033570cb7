//! What the words of `class`, `id` and the like say about an element.

/// What an element seems to be, by the words of its `class` and `id` or by its own name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Roles(u8);

impl Roles {
    /// Names who wrote something.
    pub(super) const AUTHOR: Self = Self(1);
    /// Tells when something was published.
    pub(super) const DATE: Self = Self(1 << 1);
    /// Tells when something was last changed.
    pub(super) const MODIFIED: Self = Self(1 << 2);
    /// Stands beside the content: navigation, sidebars, related pages.
    pub(super) const ASIDE: Self = Self(1 << 3);
    /// Belongs to the readers' comments.
    pub(super) const COMMENT: Self = Self(1 << 4);
    /// Goes with a name without being one: a biography, an avatar, a job title.
    pub(super) const ABOUT: Self = Self(1 << 5);
    /// The headline of the page or of a post.
    pub(super) const TITLE: Self = Self(1 << 6);
    /// The way from the site's start to the page.
    pub(super) const TRAIL: Self = Self(1 << 7);

    pub(super) fn has(self, role: Self) -> bool {
        self.0 & role.0 != 0
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// What of it holds for all elements below too.
    pub(super) fn only_zones(self) -> Self {
        Self(self.0 & (Self::ASIDE.0 | Self::COMMENT.0))
    }

    /// Reads the value of a `class` or `id` attribute: its words are parted by punctuation and by capitals.
    pub(super) fn of(value: &str) -> Self {
        let mut roles = Self::default();
        for token in value.split_ascii_whitespace() {
            roles = roles.with(Self::of_token(token.as_bytes()));
        }
        roles
    }

    /// Some words change what their neighbours mean: `sort-by` names no author, `has-sidebar` is no sidebar.
    fn of_token(token: &[u8]) -> Self {
        const LONGEST: usize = 16;
        let mut roles = Self::default();
        let (mut denied, mut ordered) = (false, false);
        let mut word = [0_u8; LONGEST];
        let mut length = 0;
        let mut after_lower = false;
        for &byte in token.iter().chain(std::iter::once(&b' ')) {
            let ends = !byte.is_ascii_alphabetic() || (byte.is_ascii_uppercase() && after_lower);
            if ends && length > 0 {
                match word.get(..length) {
                    Some(
                        b"has" | b"no" | b"with" | b"without" | b"show" | b"hide" | b"tag" | b"category",
                    ) => denied = true,
                    Some(b"sort" | b"order" | b"filter" | b"group" | b"shop" | b"search") => ordered = true,
                    Some(word) => roles = roles.with(Self::of_word(word)),
                    None => {}
                }
                length = 0;
            }
            if byte.is_ascii_alphabetic() {
                if let Some(place) = word.get_mut(length) {
                    *place = byte.to_ascii_lowercase();
                }
                length += 1;
            }
            after_lower = byte.is_ascii_lowercase();
        }
        if ordered {
            roles = roles.without(Self::AUTHOR).without(Self::DATE);
        }
        if denied { roles.without(Self::ASIDE).without(Self::COMMENT).without(Self::TRAIL) } else { roles }
    }

    fn of_word(word: &[u8]) -> Self {
        match word {
            b"author" | b"authors" | b"byline" | b"bylines" | b"writer" | b"contributor"
            | b"contributors" | b"by" | b"postedby" | b"writtenby" | b"creator" | b"auteur" | b"autor"
            | b"verfasser" | b"poster" | b"username" | b"authorname" | b"authorsname" | b"authorlink"
            | b"postauthor" | b"articleauthor" | b"blogauthor" | b"entryauthor" => Self::AUTHOR,
            b"date" | b"dates" | b"published" | b"publish" | b"publication" | b"posted" | b"pubdate"
            | b"postdate" | b"timestamp" | b"datetime" | b"time" | b"publishdate" | b"entrydate"
            | b"articledate" | b"dateline" | b"datum" | b"fecha" | b"created" | b"pubtime" => Self::DATE,
            b"updated" | b"modified" | b"update" | b"lastmod" | b"lastupdated" | b"edited" | b"reviewed"
            | b"lastmodified" => Self::MODIFIED,
            b"related" | b"recommended" | b"recommendations" | b"sidebar" | b"footer" | b"widget"
            | b"nav" | b"navbar" | b"navigation" | b"menu" | b"teaser" | b"promo" | b"popular"
            | b"trending" | b"newsletter" | b"latest" | b"carousel" | b"card" | b"cards" | b"dropdown"
            | b"testimonial" | b"testimonials" | b"suggested" | b"recirc" => Self::ASIDE,
            b"comment" | b"comments" | b"commentlist" | b"reply" | b"replies" | b"respond" | b"disqus"
            | b"review" | b"reviews" => Self::COMMENT,
            b"bio" | b"biography" | b"avatar" | b"job" | b"role" | b"image" | b"img" | b"photo"
            | b"picture" | b"description" | b"social" | b"follow" | b"icon" | b"more" => Self::ABOUT,
            b"breadcrumb" | b"breadcrumbs" | b"crumbs" => Self::TRAIL.with(Self::ASIDE),
            b"title" | b"headline" | b"heading" => Self::TITLE,
            _ => Self::default(),
        }
    }
}
