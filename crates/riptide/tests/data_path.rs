//! The data path through the library's public face.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use riptide::{
    Budget, ContentKind, Error, Event, EventBus, ExtractionMode, Failure, Limits, Outcome, Phase, Riptide,
    Source, Tenant,
};

const URL: &str = "https://quay.example/page";

fn source(bytes: impl Into<Vec<u8>>) -> Source {
    Source { bytes: bytes.into(), url: URL.to_owned(), ..Source::default() }
}

fn native() -> Riptide {
    Riptide::builder().native(true).build().unwrap()
}

fn both_engines() -> [(Riptide, riptide::Subscription); 2] {
    [true, false].map(|native| {
        let bus = EventBus::new(16);
        let events = bus.subscribe();
        (Riptide::builder().native(native).events(bus).build().unwrap(), events)
    })
}

#[test]
fn every_document_is_announced_with_its_url_and_outcome() {
    for (riptide, events) in both_engines() {
        riptide.extract(source("<title>Quay</title><p>Some text."), &ExtractionMode::default()).unwrap();
        riptide.extract(source(""), &ExtractionMode::default()).unwrap_err();
        let finished: Vec<_> = events
            .try_iter()
            .filter_map(|event| match event {
                Event::DocumentFinished { url, outcome, .. } => Some((url, outcome)),
                _ => None,
            })
            .collect();
        assert_eq!(finished, [(URL.to_owned(), Outcome::Ok), (URL.to_owned(), Outcome::Err("empty-input"))]);
    }
}

#[test]
fn errors_know_the_page_the_phase_and_the_code() {
    let expect = |error: Error, code: &str, phase: Phase| {
        assert_eq!(
            (error.code(), error.phase(), error.url(), error.retryable()),
            (code, phase, Some(URL), false)
        );
    };
    let extract = |bytes: &[u8]| native().extract(source(bytes), &ExtractionMode::default()).unwrap_err();
    expect(extract(b""), "empty-input", Phase::Decode);
    expect(extract(b"\x89PNG\r\n\x1a\n\x00"), "binary-input", Phase::Decode);
    expect(extract(b"%PDF-1.7\n\x00\x01\x02"), "extractor-failed", Phase::Extract);
    let small =
        Riptide::builder().native(true).limits(Limits { input: 3, ..Limits::default() }).build().unwrap();
    expect(
        small.extract(source("<p>x"), &ExtractionMode::default()).unwrap_err(),
        "input-too-large",
        Phase::Read,
    );
    small.extract(source("<p>"), &ExtractionMode::default()).unwrap();
}

#[test]
fn both_engines_refuse_a_relative_url_alike() {
    let relative = || Source { bytes: b"<p>Text".to_vec(), url: "page.html".to_owned(), ..Source::default() };
    let [native, sandboxed] = both_engines().map(|(riptide, _)| {
        let error = riptide.extract(relative(), &ExtractionMode::default()).unwrap_err();
        (error.code(), error.phase(), error.to_string(), error.url().map(str::to_owned))
    });
    assert_eq!(native, sandboxed);
    assert_eq!((native.0, native.1, native.3.as_deref()), ("invalid-url", Phase::Extract, Some("page.html")));
}

#[test]
fn a_document_starts_with_the_warnings_of_its_decoding() {
    let page = "<meta charset=nonsense><title>T</title><p>Text.";
    let document = native().extract(source(page), &ExtractionMode::default()).unwrap();
    assert!(document.warnings.first().unwrap().contains("`nonsense`"), "{:?}", document.warnings);
}

#[test]
fn what_is_no_component_gives_no_runtime() {
    let error = Riptide::builder().extractor(b"no component".to_vec()).build().err().unwrap();
    assert!(matches!(error, Error::Setup(_)));
    assert_eq!((error.code(), error.phase(), error.url()), ("not-a-component", Phase::Load, None));
}

#[test]
fn neither_events_nor_errors_hold_the_secrets_of_an_address() {
    for (riptide, events) in both_engines() {
        for (url, bytes) in [
            ("https://ann:PLANTED@e.example/?token=PLANTED", ""),
            ("e.example/?token=PLANTED", "<title>Quay</title><p>Some text."),
        ] {
            let source = Source { bytes: bytes.into(), url: url.to_owned(), ..Source::default() };
            let error = riptide.extract(source, &ExtractionMode::default()).unwrap_err();
            let is_end = |event: &Event| matches!(event, Event::DocumentFinished { .. });
            let event = events.try_iter().filter(is_end).last().unwrap();
            assert!(matches!(&event, Event::DocumentFinished { url, .. } if url.contains("REDACTED")));
            for text in [format!("{error:?} {error}"), format!("{event:?}")] {
                assert!(!text.contains("PLANTED"), "{text}");
            }
        }
    }
}

#[test]
fn a_tenant_may_have_a_budget_of_its_own() {
    let small = Budget { limits: Limits { input: 3, ..Limits::default() }, ..Budget::default() };
    let tenant: Tenant = "small".parse().unwrap();
    let tenants = [(tenant.clone(), small)].into();
    let riptide = Riptide::builder().sandbox(|config| config.tenants = tenants).build().unwrap();
    let extract =
        |tenant| riptide.extract(Source { tenant, ..source("<p>Some text.") }, &ExtractionMode::default());
    assert!(matches!(extract(tenant), Err(Error::InputTooLarge { limit: 3, .. })));
    assert!(extract(Tenant::default()).is_ok());
}

#[test]
fn what_is_no_page_becomes_a_document_too() {
    let pdf: &[u8] = include_bytes!("../../riptide-pdf/src/health.pdf");
    let feed = b"<rss><channel><title>Log</title><item><title>Ebb</title></item></channel></rss>";
    for (riptide, _) in both_engines() {
        let extract = |bytes: &[u8], kind| {
            riptide.extract(Source { kind, ..source(bytes) }, &ExtractionMode::default()).unwrap()
        };
        let document = extract(pdf, None);
        assert_eq!(
            (document.markdown.as_str(), document.page_count),
            ("# Ebb\n\nThe sea goes out.\n", Some(1))
        );
        assert_eq!(extract(feed, None).entries.len(), 1);
        assert_eq!(extract(b"# Ebb\n\n*Out*.\n", Some(ContentKind::Markdown)).title.as_deref(), Some("Ebb"));
        assert_eq!(extract(b"{\"a\": 1}", None).markdown, "```json\n{\"a\": 1}\n```\n");
        assert_eq!(extract(b"Out it goes.\n\n3 < 4", None).text, "Out it goes.\n\n3 < 4\n");
    }
}
