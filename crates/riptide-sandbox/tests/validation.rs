//! What the validator says of components that fit the contract, and of those that differ from it by a little.

#![expect(clippy::unwrap_used, reason = "a test program: what fails here fails the test")]

mod mutants;

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use mutants::{Contract, Mutant, WIT};
use riptide_sandbox::{BUILT_IN, SandboxError, ValidationReport, validate};
use riptide_types::Failure;

fn report(wit: &str) -> ValidationReport {
    validate(&Contract::read(wit).component()).unwrap()
}

/// The contract with one text replaced by another.
fn changed(from: &str, to: &str) -> String {
    let text = WIT.replace(from, to);
    assert_ne!(text, WIT);
    text
}

fn judge(mutant: &Mutant, contract: &Contract) {
    let what = &mutant.what;
    let component = mutant.contract.component();
    let report = validate(&component).unwrap();
    assert_eq!(report.is_valid(), mutant.fault.is_none(), "{what}: {report}");
    let paths = report.differences.listed.iter().map(|difference| &difference.path);
    let told: Vec<_> = paths.chain(&report.refused_imports.listed).collect();
    if let Some(fault) = &mutant.fault {
        // At the place itself, or deeper where the kind of type is the same.
        let at_place =
            |told: &str| told.strip_prefix(fault.as_str()).is_some_and(|rest| !rest.starts_with('-'));
        assert!(told.iter().any(|told| at_place(told)), "{what}: {report}");
    }
    if mutant.comparable {
        let verdict = wit_component::targets(&contract.resolve, contract.world, &component, false);
        assert_eq!(verdict.is_ok(), report.is_valid(), "{what}: {verdict:?}\n{report}");
    }
}

#[test]
fn no_mutant_is_accepted_or_refused_wrongly() {
    let contract = Contract::read(WIT);
    let mutants = mutants::all();
    assert!(mutants.len() >= 1000, "{}", mutants.len());
    let fitting = mutants.iter().filter(|mutant| mutant.fault.is_none()).count();
    assert!(fitting >= 75, "{fitting}");
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(|| {
                while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
                    judge(mutant, &contract);
                }
            });
        }
    });
}

#[test]
fn the_built_in_component_fits() {
    let report = validate(BUILT_IN).unwrap();
    assert!(report.is_valid(), "{report}");
    assert_eq!(report.digest, riptide_sandbox::built_in_lock().component);
    assert_eq!((report.size, report.modules), (BUILT_IN.len(), 1));
    assert!(report.code_size > 0 && report.code_size < report.size);
    assert!(report.warnings.is_empty(), "{report}");
}

#[test]
fn all_differences_are_told_and_each_once() {
    let text =
        changed("quality-score: u8", "quality-score: u16").replace("alt: string", "alternative: string");
    let text = text.replace("describe: func() -> component-info;", "");
    let report = report(&text);
    let told: Vec<_> = report
        .differences
        .listed
        .iter()
        .map(|it| (it.path.as_str(), it.expected.as_str(), it.found.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("extraction.media-item.alt", "field alt: string", "nothing"),
            ("extraction.media-item.alternative", "nothing", "field alternative: string"),
            ("extraction.extracted-content.quality-score", "u8", "u16"),
            ("extraction.describe", "func() -> component-info", "nothing"),
        ]
    );
    let verdicts: Vec<_> = report.functions.iter().map(|it| (it.name.as_str(), it.fits)).collect();
    assert_eq!(
        verdicts,
        [("extraction.extract", false), ("extraction.describe", false), ("extraction.check-health", true)]
    );
}

#[test]
fn a_function_that_uses_another_type_is_told_where_it_uses_it() {
    let text = changed("mode: extraction-mode) ->", "mode: other-mode) ->");
    let text =
        text.replace("record component-info", "enum other-mode { article, full } record component-info");
    let report = report(&text);
    let [difference] = report.differences.listed.as_slice() else { panic!("{report}") };
    assert_eq!(difference.path, "extraction.extract(mode)");
    assert_eq!(difference.expected, "variant extraction-mode");
    assert_eq!(difference.found, "enum other-mode");
}

#[test]
fn a_case_of_another_type_that_a_function_uses_has_its_place_told() {
    let text = changed("mode: extraction-mode) ->", "mode: other-mode) ->");
    let other =
        "variant other-mode { article(string), full, metadata, custom(selectors) } record component-info";
    let report = report(&text.replace("record component-info", other));
    let [difference] = report.differences.listed.as_slice() else { panic!("{report}") };
    assert_eq!(difference.path, "extraction.extract(mode).article");
    assert_eq!((difference.expected.as_str(), difference.found.as_str()), ("enum focus", "string"));
}

#[test]
fn the_printed_report_tells_everything() {
    let text = changed("alt: string", "alt: option<string>");
    let text = text.replace(
        "export extraction;",
        "export extraction; import read-file: func() -> u32; export f: func();",
    );
    let report = report(&text);
    let (digest, size, code) = (&report.digest, report.size, report.code_size);
    let expected = format!(
        "\
sha256     {digest}
size       {size} bytes, {code} of them code, in {} core modules
contract   riptide:extractor/extraction@0.1.0
found      riptide:extractor/extraction@0.1.0

FAIL  extraction.extract       func(html: string, url: string, mode: extraction-mode) -> result<extracted-content, extraction-error>
ok    extraction.describe      func() -> component-info
ok    extraction.check-health  func() -> result<_, string>

imports refused
  read-file

differences
  extraction.media-item.alt
    expected  string
    found     option<string>

warnings
  the export `f` is not part of the contract

does not fit the contract
",
        report.modules
    );
    assert_eq!(report.to_string(), expected);
    assert!(validate(BUILT_IN).unwrap().to_string().ends_with("\n\nfits the contract\n"));
}

#[test]
fn the_report_is_json_with_every_part() {
    let report = report(&changed("alt: string", "alt: u8").replace("@0.1.0", "@0.1.4"));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["digest"].as_str().unwrap().len(), 64);
    assert_eq!(json["interfaces"][0]["expected"], "riptide:extractor/extraction@0.1.0");
    assert_eq!(json["interfaces"][0]["found"], "riptide:extractor/extraction@0.1.4");
    assert_eq!(json["functions"][0]["name"], "extraction.extract");
    assert_eq!(json["functions"][0]["fits"], false);
    assert_eq!(json["functions"][1]["found"], "func() -> component-info");
    assert_eq!(json["differences"]["listed"][0]["path"], "extraction.media-item.alt");
    assert_eq!(json["differences"]["omitted"], 0);
    assert_eq!(json["refused_imports"]["listed"], serde_json::json!([]));
}

#[test]
fn a_hundred_differences_are_listed_and_the_others_counted() {
    let fields: String = (0..250).map(|number| format!("field-{number}: string,")).collect();
    let report = report(&changed("record property {", &format!("record property {{ {fields}")));
    assert_eq!((report.differences.listed.len(), report.differences.omitted), (100, 150));
    assert!(report.to_string().contains("\n  and 150 more\n"), "{report}");
}

#[test]
fn a_function_beyond_the_contract_is_a_warning() {
    let report = report(&changed("describe: func()", "more: func(); describe: func()"));
    assert!(report.is_valid());
    assert_eq!(report.warnings.listed, ["the function `extraction.more` is not part of the contract"]);
}

#[test]
fn of_several_versions_the_one_that_wasmtime_takes_is_compared() {
    let versions = |versions: &[(&str, &str)]| {
        let instances: String = versions
            .iter()
            .map(|(version, ty)| {
                format!(
                    r#"(component $c{0} (type $t {1}) (export "x" (type $t)))
                       (instance $i{0} (instantiate $c{0}))
                       (export "riptide:extractor/extraction@{version}" (instance $i{0}))"#,
                    version.replace('.', "-"),
                    ty
                )
            })
            .collect();
        validate(&wat::parse_str(format!("(component {instances})")).unwrap()).unwrap()
    };
    let found = |report: ValidationReport| report.interfaces[0].found.clone().unwrap();
    let name = |version: &str| format!("riptide:extractor/extraction@{version}");
    assert_eq!(found(versions(&[("0.1.3", "u8"), ("0.1.10", "u8"), ("0.2.0", "u8")])), name("0.1.10"));
    assert_eq!(found(versions(&[("0.1.10", "u8"), ("0.1.0", "u8")])), name("0.1.0"));
}

#[test]
fn bytes_that_are_damaged_anywhere_get_a_report_or_a_typed_error() {
    let component = Contract::read(WIT).component();
    let (mut reports, mut errors) = (0, 0);
    let mut try_out = |bytes: &[u8]| match validate(bytes) {
        Ok(_) => reports += 1,
        Err(SandboxError::MalformedComponent { .. } | SandboxError::NotAComponent { .. }) => errors += 1,
        Err(other) => panic!("{}: {other}", other.code()),
    };
    for at in 0..component.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut damaged = component.clone();
            damaged[at] ^= flip;
            try_out(&damaged);
        }
        try_out(&component[..at]);
    }
    assert!(reports > 0 && errors > 1000, "{reports} reports, {errors} errors");
}

#[test]
fn a_length_that_promises_gigabytes_is_refused_at_once() {
    // A custom section of 2^32 - 1 bytes, of which none is there.
    let bytes = b"\0asm\x0d\0\x01\0\x00\xff\xff\xff\xff\x0f";
    let error = validate(bytes).unwrap_err();
    assert_eq!(error.code(), "malformed-component");
}

/// The interface with one type `mode` for its mode, defined by these fields of a component.
fn with_types(types: &str) -> Result<ValidationReport, SandboxError> {
    let component = format!(
        r#"(component
            (type $t0 (tuple u8))
            {types}
            (component $c (import "x" (type $x (eq $last))) (export "extraction-mode" (type $x)))
            (instance $i (instantiate $c (with "x" (type $last))))
            (export "riptide:extractor/extraction@0.1.0" (instance $i)))"#
    );
    validate(&wat::parse_str(component).unwrap())
}

#[test]
fn types_that_would_unfold_for_ever_are_no_burden() {
    // Each tuple holds the one before it twice: 2^n members when unfolded, in n lines.
    let doubled = |levels: usize| {
        let types: String = (1..=levels)
            .map(|level| {
                let name = if level == levels { "last".to_owned() } else { format!("t{level}") };
                let before = level - 1;
                format!("(type ${name} (tuple $t{before} $t{before}))")
            })
            .collect();
        with_types(&types)
    };
    assert!(!doubled(16).unwrap().is_valid());
    assert_eq!(doubled(60).unwrap_err().code(), "malformed-component");
}

#[test]
fn types_that_nest_without_end_are_malformed() {
    let nested: String = (1..=50_000)
        .map(|level| {
            let name = if level == 50_000 { "last".to_owned() } else { format!("t{level}") };
            format!("(type ${name} (list $t{}))", level - 1)
        })
        .collect();
    assert_eq!(with_types(&nested).unwrap_err().code(), "malformed-component");
}

#[test]
fn instances_that_multiply_types_are_refused_before_they_do() {
    let multiplied = |exports: usize, instances: usize| {
        let exports: String =
            (0..exports).map(|number| format!(r#"(export "e{number}" (type $t))"#)).collect();
        let component = format!(
            r#"(component (component $c (type $t (record (field "a" u8))) {exports}) {})"#,
            "(instance (instantiate $c))".repeat(instances)
        );
        validate(&wat::parse_str(component).unwrap())
    };
    assert!(multiplied(100, 100).is_ok());
    let error = multiplied(100_000, 1000).unwrap_err();
    assert_eq!(error.code(), "malformed-component");
    assert!(error.to_string().contains("instantiates parts of itself 1000 times"), "{error}");
}
