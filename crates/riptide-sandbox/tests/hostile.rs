//! What a component can do wrong while it runs: each is contained, and told by an error of its own.

#![expect(clippy::unwrap_used, reason = "a test program: what fails here fails the test")]

mod guests;

use std::num::NonZero;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use futures::executor::block_on;
use guests::Guest;
use riptide_sandbox::{Budget, Extractor, LoadPolicy, Request, Sandbox, SandboxConfig, SandboxError};
use riptide_types::{Document, ExtractionError, Failure, Limits, Page, Phase};

const MIB: usize = 1024 * 1024;
const LOOP: &str = "(loop br 0) unreachable";

/// The address of an answer: zeros, which are a document with empty fields, unless the guest puts something there.
const ANSWER: &str = "i32.const 1024";

/// Time enough for whatever ends by itself, on a machine however busy.
const PATIENT: Limits = Limits {
    input: MIB,
    memory: 64 * MIB,
    table_elements: 1000,
    time: Duration::from_secs(300),
    output: MIB,
};
const BRIEF_TIME: Duration = Duration::from_millis(50);
const BRIEF: Limits = Limits { time: BRIEF_TIME, ..PATIENT };

fn sandbox(limits: Limits) -> Sandbox {
    Sandbox::new(SandboxConfig {
        threads: NonZero::new(2).unwrap(),
        budget: Budget { limits, ..Budget::default() },
        load: LoadPolicy { canary: false, ..LoadPolicy::default() },
        ..SandboxConfig::default()
    })
    .unwrap()
}

/// A component whose `extract` has this body.
fn extracting(body: &str) -> Vec<u8> {
    Guest { extract: body, ..Guest::default() }.component()
}

fn extract(sandbox: &Sandbox, extractor: &Extractor, page: Page) -> Result<Document, SandboxError> {
    block_on(sandbox.extract(extractor, Request { page, ..Request::default() }))
}

fn run_in(sandbox: &Sandbox, component: &[u8]) -> Result<Document, SandboxError> {
    let extractor = sandbox.load(component.to_vec()).unwrap();
    let page = Page { html: "<p>Hello</p>".to_owned(), url: "https://example.org/".to_owned() };
    extract(sandbox, &extractor, page)
}

fn run(component: &[u8]) -> Result<Document, SandboxError> {
    static PATIENT_SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| sandbox(PATIENT));
    run_in(&PATIENT_SANDBOX, component)
}

fn run_briefly(component: &[u8]) -> Result<Document, SandboxError> {
    static BRIEF_SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| sandbox(BRIEF));
    run_in(&BRIEF_SANDBOX, component)
}

/// The text of an error of one kind; fails for any other outcome.
macro_rules! assert_fails {
    ($outcome:expr, $kind:pat) => {{
        let outcome = $outcome;
        assert!(matches!(outcome, Err($kind)), "{outcome:?}");
        let error = outcome.unwrap_err();
        assert_eq!(error.phase(), Phase::Extract);
        error.to_string()
    }};
}

#[test]
fn a_well_behaved_component_gives_its_document() {
    assert_eq!(run(&extracting(ANSWER)).unwrap().markdown, "");
}

#[test]
fn an_endless_loop_ends_at_the_deadline() {
    let text =
        assert_fails!(run_briefly(&extracting(LOOP)), SandboxError::DeadlineExceeded { limit: BRIEF_TIME });
    assert_eq!(text, "the extractor gave no answer within the time limit of 50ms");
}

#[test]
fn an_endless_loop_before_the_first_call_ends_at_the_deadline() {
    let guest = Guest { fields: "(func $forever (loop br 0)) (start $forever)", ..Guest::default() };
    assert_fails!(run_briefly(&guest.component()), SandboxError::DeadlineExceeded { .. });
}

#[test]
fn an_endless_loop_after_the_answer_ends_at_the_deadline() {
    let fields =
        r#"(func (export "cabi_post_riptide:extractor/extraction@0.1.0#extract") (param i32) (loop br 0))"#;
    let guest = Guest { fields, ..Guest::default() };
    assert_fails!(run_briefly(&guest.component()), SandboxError::DeadlineExceeded { .. });
}

#[test]
fn other_documents_go_on_beside_an_endless_loop() {
    let sandbox = sandbox(Limits { time: Duration::from_millis(500), ..PATIENT });
    let (endless, harmless) =
        (sandbox.load(extracting(LOOP)).unwrap(), sandbox.load(extracting(ANSWER)).unwrap());
    thread::scope(|scope| {
        let looping = scope.spawn(|| extract(&sandbox, &endless, Page::default()));
        let mut documents = 0;
        while !looping.is_finished() {
            extract(&sandbox, &harmless, Page::default()).unwrap();
            documents += 1;
        }
        // Were there one thread for both, the second would have waited for the deadline.
        assert!(documents > 2, "{documents}");
        assert_fails!(looping.join().unwrap(), SandboxError::DeadlineExceeded { .. });
    });
}

#[test]
fn memory_ends_at_the_limit() {
    let guest =
        extracting("(loop (br_if 0 (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))) unreachable");
    let text = assert_fails!(run(&guest), SandboxError::MemoryExceeded { limit: 67_108_864 });
    assert_eq!(text, "the extractor needs more memory than the limit of 67108864 bytes");
}

#[test]
fn memory_of_the_start_counts_too() {
    let guest = Guest { pages: 1025, ..Guest::default() };
    assert_fails!(run(&guest.component()), SandboxError::MemoryExceeded { .. });
}

#[test]
fn tables_end_at_the_limit() {
    let growing = |elements: u32| {
        let body = format!(
            "(if (i32.eq (table.grow (ref.null func) (i32.const {elements})) (i32.const -1)) (then unreachable)) {ANSWER}"
        );
        Guest { extract: &body, fields: "(table 1 funcref)", ..Guest::default() }.component()
    };
    run(&growing(998)).unwrap();
    assert_fails!(run(&growing(1001)), SandboxError::GuestTrapped { .. });
}

#[test]
fn a_component_that_gets_along_without_the_memory_it_was_refused_gives_its_document() {
    run(&extracting("(drop (memory.grow (i32.const 2000))) i32.const 1024")).unwrap();
}

#[test]
fn a_trap_after_the_component_got_its_memory_after_all_is_no_memory_error() {
    let guest =
        extracting("(drop (memory.grow (i32.const 2000))) (drop (memory.grow (i32.const 1))) unreachable");
    assert_fails!(run(&guest), SandboxError::GuestTrapped { .. });
}

#[test]
fn a_page_that_no_instance_can_hold_is_a_memory_error() {
    let sandbox = sandbox(Limits { memory: 1000, ..PATIENT });
    let extractor = sandbox.load(extracting(ANSWER)).unwrap();
    let page = Page { html: "x".repeat(1001), url: String::new() };
    let outcome = extract(&sandbox, &extractor, page);
    assert_fails!(outcome, SandboxError::MemoryExceeded { limit: 1000 });
}

#[test]
fn endless_recursion_exhausts_the_stack() {
    let body = format!("{} call $extract", "i32.const 0 ".repeat(9));
    assert_fails!(run(&extracting(&body)), SandboxError::StackOverflow);
}

#[test]
fn each_trap_is_told_by_name() {
    let told = |body| assert_fails!(run(&extracting(body)), SandboxError::GuestTrapped { .. });
    assert_eq!(
        told("unreachable"),
        "the extractor was stopped: wasm trap: wasm `unreachable` instruction executed"
    );
    assert!(told("(i32.div_u (i32.const 1) (i32.const 0))").ends_with("integer divide by zero"));
    assert!(told("(i32.load (i32.const -4))").ends_with("out of bounds memory access"));
}

#[test]
fn the_text_of_a_panic_reaches_the_host_without_control_characters() {
    let fields = r#"(data (i32.const 2000) "\7fRipTide panic:\7fout of\nche\1bese \ff\00not this")"#;
    let guest = Guest { fields, extract: "unreachable", ..Guest::default() };
    let text = assert_fails!(run(&guest.component()), SandboxError::GuestPanicked { .. });
    assert_eq!(text, "the extractor panicked: out of che ese \u{fffd}");
}

#[test]
fn a_panic_record_at_the_very_end_of_memory_does_no_harm() {
    let fields = r#"(data (i32.const 131053) "\7fRipTide panic:\7fend")"#;
    let guest = Guest { fields, extract: "unreachable", ..Guest::default() };
    let text = assert_fails!(run(&guest.component()), SandboxError::GuestPanicked { .. });
    assert_eq!(text, "the extractor panicked: end");
}

/// A component whose answer is written over zeros at [`ANSWER`].
fn answering(bytes: &str) -> Vec<u8> {
    let fields = format!(r#"(data (i32.const 1024) "{bytes}")"#);
    Guest { fields: &fields, ..Guest::default() }.component()
}

#[test]
fn a_string_beyond_the_memory_is_an_invalid_answer() {
    // ok; url: address 0, length 2^31 - 1
    let text = assert_fails!(
        run(&answering(r"\00\00\00\00\00\00\00\00\ff\ff\ff\7f")),
        SandboxError::InvalidAnswer { .. }
    );
    assert_eq!(text, "the extractor's answer is malformed: string pointer/length out of bounds of memory");
}

#[test]
fn an_answer_beyond_the_memory_is_an_invalid_answer() {
    let text = assert_fails!(run(&extracting("i32.const 131068")), SandboxError::InvalidAnswer { .. });
    assert_eq!(text, "the extractor's answer is malformed: pointer out of bounds of memory");
}

#[test]
fn text_that_is_not_utf8_is_an_invalid_answer() {
    // ok; url: address 1036, length 2; what lies there
    let text = assert_fails!(
        run(&answering(r"\00\00\00\00\0c\04\00\00\02\00\00\00\c3\28")),
        SandboxError::InvalidAnswer { .. }
    );
    assert!(text.contains("utf-8"), "{text}");
}

#[test]
fn a_case_that_does_not_exist_is_an_invalid_answer() {
    assert_fails!(run(&answering(r"\02")), SandboxError::InvalidAnswer { .. });
}

#[test]
fn an_allocation_outside_of_memory_is_an_invalid_answer() {
    let guest = Guest { realloc: "i32.const -8", ..Guest::default() };
    assert_fails!(run(&guest.component()), SandboxError::InvalidAnswer { .. });
}

#[test]
fn a_string_above_the_output_limit_is_refused() {
    // ok; url: address 0, length 2 MiB
    let fields = r#"(data (i32.const 1024) "\00\00\00\00\00\00\00\00\00\00\20\00")"#;
    let guest = Guest { pages: 40, fields, ..Guest::default() };
    let text = assert_fails!(run(&guest.component()), SandboxError::OutputExceeded { limit: MIB });
    assert_eq!(text, "the extractor's answer is larger than the output limit of 1048576 bytes");
}

#[test]
fn a_flood_of_empty_strings_above_the_output_limit_is_refused() {
    // ok; url, canonical-url, title, byline: empty; authors: address 65536, 2^17 of them
    let fields = r#"(data (i32.const 1072) "\00\00\01\00\00\00\02\00")"#;
    let guest = Guest { pages: 40, fields, ..Guest::default() };
    assert_fails!(run(&guest.component()), SandboxError::OutputExceeded { .. });
}

#[test]
fn the_components_own_error_is_handed_on() {
    // error; failed: address 1040, length 2
    let outcome = run(&answering(r"\01\00\00\00\04\00\00\00\10\04\00\00\02\00\00\00no"));
    let Err(SandboxError::Refused(error)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(error, ExtractionError::Failed("no".to_owned()));
}

#[test]
fn no_document_sees_what_another_left_behind() {
    // The second document in the same memory would divide by zero.
    let guest = extracting(
        "(drop (i32.div_u (i32.const 1) (i32.eqz (i32.load (i32.const 0)))))
         (i32.store (i32.const 0) (i32.const 1)) i32.const 1024",
    );
    for _ in 0..4 {
        run(&guest).unwrap();
    }
}

#[test]
fn a_sandbox_that_has_seen_everything_still_works() {
    let sandbox = sandbox(BRIEF);
    let good = sandbox.load(extracting(ANSWER)).unwrap();
    for bad in [LOOP, "unreachable", "i32.const -1", "(drop (memory.grow (i32.const 2000))) unreachable"] {
        let bad = sandbox.load(extracting(bad)).unwrap();
        for _ in 0..3 {
            extract(&sandbox, &bad, Page::default()).unwrap_err();
        }
    }
    extract(&sandbox, &good, Page::default()).unwrap();
}
