//! Words that tell what a part of a page is: those of names (`class`, `id`, roles) and those of the text itself.
//!
//! Both lists are turned into hash tables while the program is compiled, so that a page pays for lookups alone.

/// The hash of an empty word.
pub(crate) const SEED: u32 = 0x811c_9dc5;

/// The hash of a word with one more byte (FNV-1a, 32 bits).
pub(crate) const fn hash_byte(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}

/// The groups that words belong to, by the hash of the lower-case word.
pub(super) struct Lexicon {
    keys: [u32; Self::SLOTS],
    groups: [u64; Self::SLOTS],
}

impl Lexicon {
    /// Four times the words of the longest list, so that probes stay short.
    const SLOTS: usize = 4096;

    /// Reads groups of words parted by spaces; a group is known by its index.
    #[expect(clippy::indexing_slicing, reason = "runs while compiling, where a wrong index is an error")]
    const fn new<const GROUPS: usize>(lists: &[(&str, &str); GROUPS]) -> Self {
        let mut lexicon = Self { keys: [0; Self::SLOTS], groups: [0; Self::SLOTS] };
        let mut group = 0;
        while group < lists.len() {
            let list = lists[group].1.as_bytes();
            let (mut at, mut hash) = (0, SEED);
            while at <= list.len() {
                if at == list.len() || list[at] == b' ' {
                    if hash != SEED {
                        lexicon.insert(hash, 1 << group);
                    }
                    hash = SEED;
                } else {
                    hash = hash_byte(hash, list[at]);
                }
                at += 1;
            }
            group += 1;
        }
        lexicon
    }

    #[expect(clippy::indexing_slicing, reason = "runs while compiling, where a wrong index is an error")]
    const fn insert(&mut self, hash: u32, groups: u64) {
        let mut slot = hash as usize % Self::SLOTS;
        while self.groups[slot] != 0 && self.keys[slot] != hash {
            slot = (slot + 1) % Self::SLOTS;
        }
        self.keys[slot] = hash;
        self.groups[slot] |= groups;
    }

    /// The groups of a word as a bit set; 0 for unknown words.
    pub(super) fn groups(&self, hash: u32) -> u64 {
        let mut slot = hash as usize % Self::SLOTS;
        while let (Some(&key), Some(&groups)) = (self.keys.get(slot), self.groups.get(slot)) {
            if groups == 0 || key == hash {
                return groups;
            }
            slot = (slot + 1) % Self::SLOTS;
        }
        0
    }
}

/// What names say of an element: the role and the words of `class`, `id`, `role`, `aria-label`, `itemprop` and the like that
/// stand for it. The last ones have no words; tags and attributes give them.
pub(super) const ROLES: [(&str, &str); 60] = [
    (
        "navigation",
        "nav navbar navigation menu submenu megamenu menubar menuitem navi navlist topnav mainnav subnav sidenav globalnav",
    ),
    ("footer", "footer foot colophon contentinfo bottom"),
    ("header", "header masthead topbar banner head top"),
    ("sidebar", "sidebar aside complementary rail side secondary column right left"),
    ("main", "main maincontent primary center"),
    ("article", "article articles story entry post hentry articlebody storybody blog news single"),
    (
        "body",
        "content body text prose richtext rte wysiwyg copy markdown paragraph entrycontent postcontent copytext",
    ),
    ("comment", "comment comments reply replies respond disqus commentlist commentform discussion"),
    (
        "related",
        "related recommended recommendations recommend trending popular more similar upsell crosssell also suggested suggestions latest recent recirc further readmore",
    ),
    (
        "share",
        "share sharing social socials addtoany facebook twitter pinterest whatsapp linkedin addthis sns follow",
    ),
    (
        "advertisement",
        "ad ads advert adverts advertisement adsbygoogle sponsor sponsored sponsors promo promotion promos dfp gpt outbrain taboola affiliate",
    ),
    ("consent", "cookie cookies consent gdpr onetrust ccpa"),
    ("newsletter", "newsletter signup subscribe subscription optin mailing mailchimp mc"),
    ("login", "login signin account register user auth registration paywall"),
    ("search", "search searchform searchbar searchbox query"),
    ("filter", "filter filters facet facets sort sorting refine refinement refinements toolbar"),
    ("breadcrumb", "breadcrumb breadcrumbs crumb crumbs breadcrumblist"),
    ("pagination", "pagination pager paging pages paginator prev next previous page"),
    ("contents", "toc contents outline onthispage tableofcontents anchor anchors jump scrollspy"),
    ("meta", "meta byline author authors date time published timestamp posted datetime info postmeta"),
    ("tags", "tag tags category categories taxonomy label labels topics keyword keywords cat"),
    ("title", "title headline heading subtitle subheading hed name"),
    ("product", "product products item items sku pdp productdetail variant variants option options"),
    (
        "price",
        "price prices pricing cart buy checkout basket bag stock shipping delivery offer offers cost minicart wishlist",
    ),
    ("review", "review reviews rating ratings stars star testimonial testimonials feedback score"),
    (
        "description",
        "description desc summary excerpt intro introduction lead lede dek teaser abstract about overview standfirst",
    ),
    (
        "specification",
        "spec specs specification specifications attribute attributes details detail features feature properties parameters techspecs",
    ),
    (
        "gallery",
        "gallery carousel slider swiper slick slide slides slideshow media video photo photos thumb thumbnail thumbnails image images img picture",
    ),
    (
        "card",
        "card cards tile tiles grid list listing listings results result feed collection catalog archive row collapsible",
    ),
    ("faq", "faq faqs accordion collapse tab tabs panel panels tabpanel toggle question answer"),
    ("hero", "hero jumbotron cta callout action lander"),
    (
        "forum",
        "thread threads topic message messages posts postbody forum forums board bbcode postcontent postbit postrow threadbody bbwrapper crawler",
    ),
    (
        "profile",
        "signature avatar profile bio userinfo member postprofile poster userdetails authorbox username",
    ),
    ("quote", "quote blockquote cite citation pullquote"),
    ("code", "code highlight pre snippet syntax codehilite prettyprint"),
    ("widget", "widget widgets module block component plugin textwidget embed"),
    (
        "modal",
        "modal popup dialog overlay lightbox tooltip popover flyout offcanvas drawer dropdown alertdialog hamburger megadropdown",
    ),
    (
        "unseen",
        "hidden sr only hide visually visuallyhidden screen reader skip invisible print none closed offscreen",
    ),
    ("button", "button btn buttons link links icon icons"),
    ("legal", "copyright legal disclaimer privacy terms disclosure"),
    ("form", "form input field fieldset contact captcha textbox"),
    ("figure", "figure caption credit figcaption wp"),
    ("notice", "notice alert warning announcement note tip admonition infobox hint"),
    ("step", "step steps instructions instruction ingredients ingredient recipe method howto directions"),
    ("place", "event events schedule location map address hours phone directions store locator"),
    ("job", "job jobs career careers vacancy salary company"),
    (
        "utility",
        "utility utilities tools tool controls control actions settings language locale country currency",
    ),
    ("wrapper", "wrapper wrap container inner outer layout columns section region area"),
    ("tag list", ""),
    ("tag item", ""),
    ("tag table", ""),
    ("tag section", ""),
    ("tag button", ""),
    ("tag noscript", ""),
    ("tag form", ""),
    ("tag nav", ""),
    ("tag header", ""),
    ("tag link", ""),
    ("hidden", ""),
    ("aria hidden", ""),
];

/// The bit of a role.
#[expect(clippy::indexing_slicing, clippy::panic, reason = "runs while compiling, where each is an error")]
const fn role(name: &str) -> u64 {
    let mut at = 0;
    while at < ROLES.len() {
        let (known, wanted) = (ROLES[at].0.as_bytes(), name.as_bytes());
        let mut same = 0;
        while same < known.len() && same < wanted.len() && known[same] == wanted[same] {
            same += 1;
        }
        if same == known.len() && same == wanted.len() {
            return 1 << at;
        }
        at += 1;
    }
    panic!("there is no such role")
}

pub(super) const COMMENT: u64 = role("comment");
pub(super) const META: u64 = role("meta");
pub(super) const PROFILE: u64 = role("profile");
pub(super) const BUTTON: u64 = role("button");
pub(super) const SHARE: u64 = role("share");
pub(super) const FORM: u64 = role("form");
pub(super) const TAG_LIST: u64 = role("tag list");
pub(super) const TAG_ITEM: u64 = role("tag item");
pub(super) const TAG_TABLE: u64 = role("tag table");
pub(super) const TAG_SECTION: u64 = role("tag section");
pub(super) const TAG_BUTTON: u64 = role("tag button");
pub(super) const TAG_NOSCRIPT: u64 = role("tag noscript");
pub(super) const TAG_FORM: u64 = role("tag form");
pub(super) const TAG_NAV: u64 = role("tag nav");
pub(super) const TAG_HEADER: u64 = role("tag header");
pub(super) const TAG_LINK: u64 = role("tag link");
pub(super) const HIDDEN: u64 = role("hidden");
pub(super) const ARIA_HIDDEN: u64 = role("aria hidden");

/// What words of the text tell of a block.
pub(super) const TOPICS: [(&str, &str); 22] = [
    (
        "stop",
        "the a an of to in and is for on with as that by at from it this be are was or not have has you your we our they he she his her but which will can if their its were been than then there so what when who how all would do about \
der die das und ist von mit den ein eine zu im auf für nicht es dem sich auch als an des bei wird sind aus wie oder einer wir sie \
le la les des et est un une du en pour dans que qui sur par pas avec ce sont il au aux plus nous vous mais ou se sa son \
el los las y es una por con del para como más pero su sus lo al este esta o si \
di il che per con non sono della del alla anche come più i gli nel da si ma \
de o os e um uma do da em no na com não mais dos das ao ou seu sua foi são \
het een van dat niet zijn op te voor met aan er ook maar bij naar deze \
i w na z do nie się jest to że jak po od za ale przez dla o \
и в не на что с как это по из к у за от для но о так же бы все \
bir ve bu için ile da de çok olarak daha gibi ama ne var olan \
och att det som en på är av med till för inte den har ett \
的 了 是 在 我 有 和 不 他 这 就 也 人 都 对 与 為 の は に を た が で と し て も い る 이 그 에 는 을 를 의 ที่ และ ใน เป็น ของ ได้ \
في من على إلى أن هذا التي عن مع كان ما لا के में है की से को का और पर यह ने नहीं भी",
    ),
    (
        "related",
        "related recommended recommend similar trending popular latest recent viewed bought suggested also further upcoming stories posts ähnliche liés relacionados correlati więcej похожие 相关 推荐 関連 관련",
    ),
    (
        "comment",
        "comment comments respond responses discussion discuss conversation kommentar kommentare commentaires comentarios commenti комментарии 评论 コメント 댓글",
    ),
    (
        "share",
        "share tweet facebook twitter pinterest whatsapp linkedin instagram youtube reddit telegram tiktok email print copy follow teilen partager compartir condividi поделиться 分享 シェア 공유",
    ),
    (
        "newsletter",
        "newsletter newsletters subscribe subscribed inbox unsubscribe mailing signup subscription subscriptions abonnieren abonnez suscribirse iscriviti подписаться 订阅 購読 구독",
    ),
    (
        "login",
        "login log sign register signin account password logout profile username anmelden connexion entrar accedi войти 登录 ログイン 로그인",
    ),
    (
        "legal",
        "copyright rights reserved privacy policy terms cookie cookies conditions trademark trademarks disclaimer gdpr consent impressum datenschutz confidentialité privacidad 版权",
    ),
    (
        "advertisement",
        "advertisement advertising sponsored affiliate ad ads advertise promoted anzeige publicité publicidad реклама 广告 広告",
    ),
    (
        "contents",
        "contents page section jump overview outline toc inhaltsverzeichnis sommaire índice содержание 目录 目次",
    ),
    (
        "author",
        "by written author posted published editor updated reviewed contributor photo credit source via von par por autor auteur автор 作者 記者",
    ),
    (
        "time",
        "ago min mins minutes hours days yesterday today read january february march april june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec am pm",
    ),
    (
        "price",
        "add cart bag buy price stock sale save off shipping delivery order quantity qty checkout wishlist basket available unit free usd eur warenkorb panier carrito корзину",
    ),
    (
        "navigation",
        "home menu skip search back top previous next view show load more see learn browse all go close open toggle navigation main explore discover continue mehr suite más",
    ),
    (
        "filter",
        "filter filters sort refine results showing clear apply categories category brand size color colour items",
    ),
    (
        "specification",
        "specification specifications description details features ingredients dimensions weight material width height model warranty includes capacity type",
    ),
    (
        "review",
        "review reviews rating ratings star stars rated verified purchase helpful customer customers votes vote",
    ),
    (
        "question",
        "faq faqs questions question answer answers asked frequently q what how why when where who which can does",
    ),
    (
        "forum",
        "reply replies quote report joined member members likes like views thread threads forum forums topic topics post posts location messages wrote said admin moderator guest solved",
    ),
    (
        "contact",
        "phone tel fax address hours contact call email street road suite opening mon tue wed thu fri sat sun us",
    ),
    (
        "help",
        "help support faq center centre careers press investors sitemap accessibility jobs blog shop store gift company partners affiliates about team media",
    ),
    ("script", "javascript browser enable enabled disabled loading please wait captcha robot error"),
    (
        "media",
        "image images photo photos video videos gallery getty caption watch listen play podcast episode advertisement illustration courtesy",
    ),
];

/// The first of [`TOPICS`]: words so frequent in running text that they mark it.
pub(super) const STOP: u64 = 1;

pub(super) static ROLE_WORDS: Lexicon = Lexicon::new(&ROLES);
pub(super) static TOPIC_WORDS: Lexicon = Lexicon::new(&TOPICS);
