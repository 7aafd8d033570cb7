//! Extractors by address: which one a page gets, what happens when it fails, and when its file changes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../riptide-sandbox/tests/guests/mod.rs"]
mod guests;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use guests::Guest;
use riptide::{
    BUILT_IN, Builder, Clock, Document, Error, Event, EventBus, ExtractionMode, Failure, LoadPolicy, Phase,
    Registry, Riptide, Selectors, Source, Subscription,
};
use tempfile::TempDir;

/// A component whose documents bear its name in place of their address.
fn named(name: &str) -> Vec<u8> {
    let fields = format!("(data (i32.const 2048) \"{name}\")");
    // Where the answer lies, the address follows the tag that says that there is a document.
    let extract = format!(
        "(i32.store (i32.const 1028) (i32.const 2048)) (i32.store (i32.const 1032) (i32.const {})) i32.const 1024",
        name.len()
    );
    Guest { extract: &extract, fields: &fields, ..Guest::default() }.component()
}

fn trapping() -> Vec<u8> {
    Guest { extract: "unreachable", ..Guest::default() }.component()
}

/// A folder with a configuration file and components.
struct Folder(TempDir);

impl Folder {
    fn new(config: &str, components: &[(&str, Vec<u8>)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.put("riptide.toml", config);
        for (name, component) in components {
            folder.put(name, component);
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    fn registry(&self) -> Result<Registry, Error> {
        Registry::read(self.path("riptide.toml"))
    }

    fn builder(&self) -> Builder {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("registry-cache");
        let load = LoadPolicy { canary: false, ..LoadPolicy::default() };
        Riptide::builder()
            .extractor(named("default"))
            .registry(self.registry().unwrap())
            .load_policy(load)
            .cache_dir(cache)
    }
}

fn extract(riptide: &Riptide, url: &str) -> Result<Document, Error> {
    let bytes = b"<title>Quay</title><main><p>The first boats are out.</main>".to_vec();
    riptide.extract(Source { bytes, url: url.to_owned(), ..Source::default() }, &ExtractionMode::default())
}

/// The name of the component that had the page.
fn handler(riptide: &Riptide, url: &str) -> String {
    extract(riptide, url).unwrap().url
}

const TWO_SITES: &str = r#"
    [[extractors]]
    match = ["https://news.example.org/*", "*.example.com"]
    component = "news.wasm"

    [[extractors]]
    match = ["*.example.org", "example.com"]
    component = "site.wasm"
"#;

#[test]
fn the_first_entry_that_fits_the_address_has_the_page() {
    let folder = Folder::new(TWO_SITES, &[("news.wasm", named("news")), ("site.wasm", named("site"))]);
    let riptide = folder.builder().build().unwrap();
    for (url, expected) in [
        ("https://news.example.org/today", "news"),
        ("http://news.example.org/today", "site"),
        ("https://example.org/", "site"),
        ("https://example.com/", "news"),
        ("https://example.net/", "default"),
        ("", "default"),
        ("not a url", "default"),
    ] {
        assert_eq!(handler(&riptide, url), expected, "{url}");
    }
}

fn with_failing(policy: &str) -> (Folder, Riptide, Subscription) {
    let config = format!("[[extractors]]\nmatch = [\"*\"]\ncomponent = \"trap.wasm\"\n{policy}");
    let folder = Folder::new(&config, &[("trap.wasm", trapping())]);
    let bus = EventBus::new(64);
    let events = bus.subscribe();
    let riptide = folder.builder().events(bus).build().unwrap();
    (folder, riptide, events)
}

fn fallbacks(events: &Subscription) -> Vec<(String, &'static str)> {
    let fallback = |event| match event {
        Event::FellBack { digest, code } => Some((digest.to_string(), code)),
        _ => None,
    };
    events.try_iter().filter_map(fallback).collect()
}

#[test]
fn a_component_that_fails_fails_its_page() {
    for policy in ["", "on-failure = \"refuse\""] {
        let (_folder, riptide, events) = with_failing(policy);
        let error = extract(&riptide, "https://example.org/").unwrap_err();
        assert_eq!((error.code(), error.url()), ("guest-trapped", Some("https://example.org/")));
        assert_eq!(fallbacks(&events), []);
    }
}

#[test]
fn the_built_in_component_does_the_work_of_one_that_fails_where_the_file_says_so() {
    let (folder, riptide, events) = with_failing("on-failure = \"fall-back\"");
    let document = extract(&riptide, "https://example.org/").unwrap();
    assert_eq!(document.title.as_deref(), Some("Quay"));
    assert_eq!(document.text, "The first boats are out.\n");
    let warning = document.warnings.first().unwrap();
    assert!(
        warning.starts_with("the built-in extractor did the work of another: the extractor was stopped:"),
        "{warning}"
    );
    let digest = riptide::sha256(&fs::read(folder.path("trap.wasm")).unwrap());
    assert_eq!(fallbacks(&events), [(digest, "guest-trapped")]);
}

#[test]
fn what_a_component_answers_is_no_failure_of_it() {
    let config = "[[extractors]]\nmatch = [\"*\"]\ncomponent = \"own.wasm\"\non-failure = \"fall-back\"";
    let folder = Folder::new(config, &[("own.wasm", BUILT_IN.to_vec())]);
    let bus = EventBus::new(64);
    let events = bus.subscribe();
    let riptide = folder.builder().events(bus).build().unwrap();
    let source =
        Source { bytes: b"<p>Text.".to_vec(), url: "https://example.org/".to_owned(), ..Source::default() };
    let mode = ExtractionMode::Custom(Selectors { include: vec!["p[".to_owned()], exclude: Vec::new() });
    assert_eq!(riptide.extract(source, &mode).unwrap_err().code(), "invalid-selector");
    assert_eq!(fallbacks(&events), []);
}

#[test]
fn a_wrong_configuration_is_refused_with_file_line_and_what_would_be_right() {
    let entry = "[[extractors]]\nmatch = [\"*\"]\ncomponent = \"a.wasm\"\n";
    let error = |config: &str| {
        let folder = Folder::new(config, &[]);
        let error = folder.registry().unwrap_err();
        assert_eq!((error.code(), error.phase()), ("invalid-config", Phase::Configure), "{error}");
        error.to_string().strip_prefix(folder.path("riptide.toml").to_str().unwrap()).unwrap().to_owned()
    };
    assert_eq!(
        error("\nextractor = []"),
        ":2: unknown field `extractor`, expected one of `extractors`, `extract`, `fetch`, `cache`, `browser` in `extractor = []`"
    );
    assert_eq!(
        error(&format!("{entry}digests = \"\"")),
        ":4: unknown field `digests`, expected one of `match`, `component`, `digest`, `on-failure` in `digests = \"\"`"
    );
    assert_eq!(
        error(&format!("{entry}on-failure = \"open\"")),
        ":4: unknown variant `open`, expected `refuse` or `fall-back` in `on-failure = \"open\"`"
    );
    assert_eq!(
        error(&format!("{entry}digest = \"abc\"")),
        ":4: `digest` is no SHA-256; expected 64 hexadecimal digits"
    );
    assert_eq!(
        error("[[extractors]]\nmatch = [\"*\"]\n"),
        ":1: missing field `component` in `[[extractors]]`"
    );
    assert_eq!(
        error("[[extractors]]\nmatch = \"*\"\ncomponent = \"a\""),
        ":2: invalid type: string \"*\", expected a sequence in `match = \"*\"`"
    );
    assert_eq!(
        error("[[extractors]]\ncomponent = \"a\"\nmatch = []"),
        ":3: `match` names no pages; expected patterns such as `*.example.org`"
    );
    assert_eq!(
        error("[[extractors]]\ncomponent = \"a\"\nmatch = [\n\"a.example\",\n\"ftp://b.example\"]"),
        ":5: `ftp://b.example` in `match` is no pattern of addresses: the scheme is `ftp`; expected `http`, `https` or `*`"
    );
    assert!(error("a = = b").starts_with(":1: "));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let folder = Folder::new(TWO_SITES, &[("news.wasm", named("news"))]);
    let error = folder.builder().build().err().unwrap();
    assert_eq!(error.code(), "unreadable-file");
    assert!(error.to_string().contains("site.wasm: cannot be read: "), "{error}");
    let error = Registry::read(folder.path("other.toml")).unwrap_err();
    assert!(error.to_string().contains("other.toml: cannot be read: "), "{error}");
}

#[test]
fn a_component_that_is_broken_or_unhealthy_is_refused_at_the_start() {
    let unhealthy = Guest { check_health: "unreachable", ..Guest::default() }.component();
    for (component, code) in [(b"nonsense".to_vec(), "not-a-component"), (unhealthy, "guest-trapped")] {
        let folder = Folder::new(TWO_SITES, &[("news.wasm", component), ("site.wasm", named("site"))]);
        let error = folder.builder().build().err().unwrap();
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains("news.wasm: the extractor "), "{error}");
    }
}

#[test]
fn a_component_must_have_the_digest_that_the_file_asks_for() {
    let config = |digest: &str| {
        format!("[[extractors]]\nmatch = [\"*\"]\ncomponent = \"own.wasm\"\ndigest = \"{digest}\"\n")
    };
    let component = named("own");
    let digest = riptide::sha256(&component);
    let folder = Folder::new(&config(&digest.to_uppercase()), &[("own.wasm", component)]);
    assert_eq!(handler(&folder.builder().build().unwrap(), "https://example.org/"), "own");
    folder.put("riptide.toml", config(&"0".repeat(64)));
    let error = folder.builder().build().err().unwrap();
    assert_eq!(error.code(), "invalid-config");
    assert!(
        error.to_string().contains(&format!(
            "riptide.toml:3: `{}` has the digest {digest}",
            folder.path("own.wasm").display()
        )),
        "{error}"
    );
}

/// A runtime whose files are looked at when the test says so.
struct Watched {
    folder: Folder,
    riptide: Riptide,
    events: Subscription,
    clock: Clock,
}

impl Watched {
    fn start() -> Self {
        let folder = Folder::new(TWO_SITES, &[("news.wasm", named("news")), ("site.wasm", named("site"))]);
        let (bus, clock) = (EventBus::new(64), Clock::manual());
        let events = bus.subscribe();
        let riptide = folder.builder().events(bus).clock(clock.clone()).build().unwrap();
        Self { folder, riptide, events, clock }
    }

    /// Lets a second pass and waits for what comes of it: the reason of a refusal, if it was refused.
    fn look(&self) -> Option<String> {
        self.clock.advance(Duration::from_secs(1));
        loop {
            match self.events.recv().unwrap() {
                Event::RegistryReloaded { path } => {
                    assert_eq!(path, self.folder.path("riptide.toml"));
                    return None;
                }
                Event::RegistryRefused { reason, .. } => return Some(reason),
                _ => {}
            }
        }
    }

    fn handler(&self, url: &str) -> String {
        handler(&self.riptide, url)
    }
}

#[test]
fn a_component_that_changes_is_loaded_anew() {
    let watched = Watched::start();
    assert_eq!(watched.handler("https://news.example.org/"), "news");
    watched.folder.put("news.wasm", named("newer news"));
    assert_eq!(watched.look(), None);
    assert_eq!(watched.handler("https://news.example.org/"), "newer news");
    assert_eq!(watched.handler("https://example.org/"), "site");
}

#[test]
fn a_configuration_that_changes_is_read_anew() {
    let watched = Watched::start();
    watched
        .folder
        .put("riptide.toml", "[[extractors]]\nmatch = [\"example.net\"]\ncomponent = \"site.wasm\"");
    assert_eq!(watched.look(), None);
    assert_eq!(watched.handler("https://example.net/"), "site");
    assert_eq!(watched.handler("https://news.example.org/"), "default");
}

#[test]
fn a_broken_version_leaves_the_last_good_one_in_use() {
    let watched = Watched::start();
    watched.folder.put("news.wasm", "nonsense");
    let reason = watched.look().unwrap();
    assert!(reason.contains("news.wasm: the extractor is not a WebAssembly component"), "{reason}");
    assert_eq!(watched.handler("https://news.example.org/"), "news");
    watched.folder.put("riptide.toml", "nonsense");
    let reason = watched.look().unwrap();
    assert!(reason.contains("riptide.toml:1: "), "{reason}");
    assert_eq!(watched.handler("https://news.example.org/"), "news");
    watched.folder.put("riptide.toml", TWO_SITES);
    watched.folder.put("news.wasm", named("mended news"));
    assert_eq!(watched.look(), None);
    assert_eq!(watched.handler("https://news.example.org/"), "mended news");
}
