//! What the sandbox accepts as a component, and what its compile cache does.

#![expect(clippy::unwrap_used, reason = "a test program: what fails here fails the test")]

mod guests;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::executor::block_on;
use guests::{Guest, WIT, componentize};
use riptide_events::{ArtefactOrigin, Event, EventBus, Subscription};
use riptide_sandbox::{
    BUILT_IN, Budget, Extractor, LoadPolicy, Request, Sandbox, SandboxConfig, SandboxError, built_in_lock,
};
use riptide_types::{ExtractionMode, Failure, Limits, Page, Phase};
use tempfile::TempDir;

fn sandbox(cache_dir: Option<&Path>) -> (Sandbox, Subscription) {
    let events = EventBus::new(64);
    let heard = events.subscribe();
    let limits = Limits { time: Duration::from_secs(300), ..Limits::default() };
    let config = SandboxConfig {
        budget: Budget { limits, ..Budget::default() },
        cache_dir: cache_dir.map(Path::to_owned),
        events,
        load: LoadPolicy { canary: false, ..LoadPolicy::default() },
        ..SandboxConfig::default()
    };
    (Sandbox::new(config).unwrap(), heard)
}

fn load(component: &[u8]) -> Result<Extractor, SandboxError> {
    sandbox(None).0.load(component.to_vec())
}

/// The code and the text of the error that loading ends in.
fn refusal(component: &[u8]) -> (&'static str, String) {
    let error = load(component).err().unwrap();
    assert_eq!(error.phase(), Phase::Load);
    (error.code(), error.to_string())
}

#[test]
fn what_is_no_component_is_told_apart() {
    let core = wat::parse_str("(module)").unwrap();
    for (bytes, found) in [
        (&b""[..], "nothing at all"),
        (b"<!DOCTYPE html>", "something else"),
        (b"\0asm\x07\0\x05\0", "WebAssembly of an unknown version"),
        (&core, "a core module; make a component of it, such as with `wasm-tools component new`"),
    ] {
        let text = format!("the extractor is not a WebAssembly component, but {found}");
        assert_eq!(refusal(bytes), ("not-a-component", text));
    }
}

#[test]
fn a_truncated_component_is_malformed() {
    let component = Guest::default().component();
    let (code, text) = refusal(&component[..component.len() / 2]);
    assert_eq!(code, "malformed-component");
    assert!(text.contains("unexpected end") && text.contains("at offset"), "{text}");
}

#[test]
fn code_that_is_no_code_does_not_compile() {
    let component = Guest { extract: "i32.const 1024", ..Guest::default() }.component();
    // i32.const 1024, end: to end, end.
    let body = component.windows(4).position(|bytes| bytes == [0x41, 0x80, 0x08, 0x0b]).unwrap();
    let mut damaged = component;
    damaged[body] = 0x0b;
    assert_eq!(refusal(&damaged).0, "compile-failed");
}

#[test]
fn an_import_is_refused_by_name() {
    let wit = WIT.replace("export extraction;", "export extraction; import read-file: func() -> u32;");
    let fields = r#"(import "$root" "read-file" (func (result i32)))"#;
    let guest = Guest { wit: &wit, fields, ..Guest::default() };
    let text =
        "the extractor does not fit the contract: it imports `read-file` and may import nothing".to_owned();
    assert_eq!(refusal(&guest.component()), ("forbidden-import", text));
}

#[test]
fn an_import_of_types_alone_needs_nothing_and_is_accepted() {
    for world in [
        "import shapes; export more: interface { use shapes.{shape}; f: func(a: shape); }",
        "type shape = list<u8>; export f: func(a: shape);",
    ] {
        let wit = WIT.replace("export extraction;", &format!("export extraction; {world}"));
        let wit = format!("{wit} interface shapes {{ record shape {{ side: u32 }} }}");
        let f = if world.starts_with("type") { "f" } else { "more#f" };
        let params = if world.starts_with("type") { "i32 i32" } else { "i32" };
        let fields = format!(r#"(func (export "{f}") (param {params}))"#);
        let guest = Guest { wit: &wit, fields: &fields, ..Guest::default() };
        assert!(load(&guest.component()).is_ok(), "{world}");
    }
}

#[test]
fn a_missing_interface_is_told_by_name() {
    let wit = "package some:thing; world extractor { export other: func(); }";
    let component = componentize(wit, r#"(module (func (export "other")))"#);
    let text = "the extractor does not fit the contract: riptide:extractor/extraction@0.1.0: expected an interface of \
                a compatible version, found `other`"
        .to_owned();
    assert_eq!(refusal(&component), ("missing-export", text));
}

#[test]
fn a_missing_function_is_told_by_name() {
    let wit = WIT.replace("describe: func() -> component-info;", "");
    assert_ne!(wit, WIT);
    let component = componentize(
        &wit,
        r#"(module
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "riptide:extractor/extraction@0.1.0#extract")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) unreachable)
            (func (export "riptide:extractor/extraction@0.1.0#check-health") (result i32) unreachable))"#,
    );
    let (code, text) = refusal(&component);
    assert_eq!(code, "missing-export");
    assert!(
        text.ends_with("extraction.describe: expected func() -> component-info, found nothing"),
        "{text}"
    );
}

#[test]
fn a_compatible_version_is_accepted_and_another_is_not() {
    let versioned = |version| {
        let wit = WIT.replace("@0.1.0", &format!("@{version}"));
        Guest { wit: &wit, version, ..Guest::default() }.component()
    };
    assert!(load(&versioned("0.1.7")).is_ok());
    let (code, text) = refusal(&versioned("0.2.0"));
    assert_eq!(code, "missing-export");
    assert!(text.ends_with("found `riptide:extractor/extraction@0.2.0`"), "{text}");
}

#[test]
fn another_signature_is_refused_with_the_difference() {
    let wit = WIT.replace("quality-score: u8", "quality-score: u16");
    let (code, text) = refusal(&Guest { wit: &wit, ..Guest::default() }.component());
    assert_eq!(code, "mismatched-export");
    assert!(text.ends_with("extraction.extracted-content.quality-score: expected u8, found u16"), "{text}");
}

#[test]
fn the_built_in_component_extracts_a_page_and_is_healthy() {
    let (sandbox, _) = sandbox(None);
    let extractor = sandbox.load(BUILT_IN).unwrap();
    assert_eq!(extractor.digest(), built_in_lock().component);
    block_on(sandbox.check_health(&extractor)).unwrap();
    let info = block_on(sandbox.describe(&extractor)).unwrap();
    assert_eq!((info.name.as_str(), info.version.as_str()), ("riptide", env!("CARGO_PKG_VERSION")));
    let page = Page { html: "<h1>Ebb</h1><p>and <b>flow</b></p>".to_owned(), url: String::new() };
    let request = Request { page, mode: ExtractionMode::Full, ..Request::default() };
    let document = block_on(sandbox.extract(&extractor, request)).unwrap();
    assert!(document.markdown.contains("and **flow**"), "{document:?}");
}

/// What loading a component tells, without the times it took.
fn events_of_loading(cache_dir: &Path) -> Vec<&'static str> {
    let (sandbox, heard) = sandbox(Some(cache_dir));
    sandbox.load(Guest::default().component()).unwrap();
    sandbox.wait_for_compiler();
    let name = |event| match event {
        Event::ComponentLoading { .. } => Some("loading"),
        Event::ComponentLoaded { origin: ArtefactOrigin::Baseline, .. } => Some("baseline"),
        Event::ComponentLoaded { origin: ArtefactOrigin::Compiled, .. } => Some("compiled"),
        Event::ComponentLoaded { origin: ArtefactOrigin::Cache, .. } => Some("cached"),
        Event::CacheRefused { .. } => Some("refused"),
        _ => None,
    };
    heard.try_iter().filter_map(name).collect()
}

/// A cache that holds the component, and its one file.
fn filled_cache() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    assert_eq!(events_of_loading(folder.path()), ["loading", "baseline", "compiled"]);
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let file = files.into_iter().find(|file| file.extension().is_some_and(|extension| extension == "cwasm"));
    (folder, file.unwrap())
}

#[test]
fn a_component_is_compiled_once_and_then_taken_from_the_cache() {
    let (folder, _) = filled_cache();
    assert_eq!(events_of_loading(folder.path()), ["loading", "cached"]);
    assert_eq!(events_of_loading(folder.path()), ["loading", "cached"]);
}

#[test]
fn a_damaged_artefact_is_compiled_anew_and_replaced() {
    let damage: [fn(&mut Vec<u8>); 5] = [
        |file| file[0] ^= 1,
        |file| *file.last_mut().unwrap() ^= 1,
        |file| file.truncate(file.len() / 2),
        |file| file.truncate(10),
        |file| file.clear(),
    ];
    for damage in damage {
        let (folder, path) = filled_cache();
        let mut file = fs::read(&path).unwrap();
        damage(&mut file);
        fs::write(&path, file).unwrap();
        assert_eq!(events_of_loading(folder.path()), ["loading", "refused", "baseline", "compiled"]);
        assert_eq!(events_of_loading(folder.path()), ["loading", "cached"]);
    }
}

#[test]
fn the_artefact_of_another_component_is_refused() {
    let (folder, path) = filled_cache();
    let (other, _) = sandbox(Some(folder.path()));
    other.load(Guest { pages: 3, ..Guest::default() }.component()).unwrap();
    other.wait_for_compiler();
    let files = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let is_foreign = |file: &PathBuf| file.extension() == path.extension() && *file != path;
    fs::copy(files.into_iter().find(is_foreign).unwrap(), &path).unwrap();
    assert_eq!(events_of_loading(folder.path()), ["loading", "refused", "baseline", "compiled"]);
}

#[test]
fn a_cache_that_cannot_be_used_is_done_without() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "not a folder").unwrap();
    assert_eq!(events_of_loading(&file), ["refused", "loading", "baseline", "compiled"]);
}

#[cfg(unix)]
#[test]
fn the_cache_folder_is_made_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("deep/cache");
    assert_eq!(events_of_loading(&folder), ["loading", "baseline", "compiled"]);
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
}

#[cfg(unix)]
#[test]
fn what_others_may_write_to_is_not_trusted() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = filled_cache();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(events_of_loading(folder.path()), ["loading", "refused", "baseline", "compiled"]);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    assert_eq!(events_of_loading(folder.path()), ["refused", "loading", "baseline", "compiled"]);
}

#[test]
fn a_component_of_more_instances_than_the_pool_has_room_for_is_told() {
    // An empty module, and a hundred instances of it (Component Model binary format, sections 1 and 2).
    let module = b"\x01\x08\0asm\x01\0\0\0";
    let instances = [&b"\x02\xad\x02\x64"[..], &b"\0\x01\0".repeat(100)].concat();
    let component = [&Guest::default().component()[..], module, &instances].concat();
    let (code, text) = refusal(&component);
    assert_eq!(code, "compile-failed");
    assert!(text.contains("101 core module instances") && text.contains("64"), "{text}");
}
