//! What the load policy allows, what compiles, and how a component that was loaded is tried.

#![expect(clippy::unwrap_used, reason = "a test program: what fails here fails the test")]

mod guests;

use std::time::Duration;

use futures::executor::block_on;
use guests::{Guest, WIT, componentize};
use riptide_sandbox::{
    BUILT_IN, Budget, Compiler, Extractor, LoadPolicy, Sandbox, SandboxConfig, SandboxError, validate,
};
use riptide_types::{Failure, Limits, Phase};

fn sandbox(load: LoadPolicy) -> Sandbox {
    let limits = Limits { time: Duration::from_secs(300), ..Limits::default() };
    let budget = Budget { limits, ..Budget::default() };
    Sandbox::new(SandboxConfig { budget, load, ..SandboxConfig::default() }).unwrap()
}

fn load(policy: LoadPolicy, component: &[u8]) -> Result<Extractor, SandboxError> {
    sandbox(policy).load(component.to_vec())
}

/// A policy that takes components as they are, for those made here do nothing.
fn untried() -> LoadPolicy {
    LoadPolicy { canary: false, ..LoadPolicy::default() }
}

fn digest(component: &[u8]) -> String {
    validate(component).unwrap().digest
}

#[test]
fn a_component_above_the_size_limit_is_refused() {
    let component = Guest::default().component();
    let limited = |max_size| LoadPolicy { max_size, ..untried() };
    load(limited(component.len()), &component).unwrap();
    let error = load(limited(component.len() - 1), &component).err().unwrap();
    assert_eq!((error.code(), error.phase()), ("component-too-large", Phase::Load));
    assert!(error.to_string().ends_with(&format!("the limit of {} bytes", component.len() - 1)));
    // What is too large is not even looked at.
    assert_eq!(load(limited(3), b"nonsense").err().unwrap().code(), "component-too-large");
}

#[test]
fn only_pinned_components_are_loaded_if_any_are_pinned() {
    let (one, other) = (Guest::default().component(), Guest { pages: 3, ..Guest::default() }.component());
    let policy = LoadPolicy { pinned: Some([digest(&one)].into()), ..untried() };
    let sandbox = sandbox(policy);
    sandbox.load(one.clone()).unwrap();
    let error = sandbox.load(other.clone()).err().unwrap();
    assert_eq!((error.code(), error.phase()), ("component-not-pinned", Phase::Load));
    assert!(error.to_string().contains(&digest(&other)), "{error}");
    assert!(load(LoadPolicy { pinned: Some([].into()), ..untried() }, &one).is_err());
}

#[test]
fn a_component_that_fails_its_canary_is_told_with_the_step() {
    let component = Guest { check_health: "unreachable", ..Guest::default() }.component();
    let error = load(LoadPolicy::default(), &component).err().unwrap();
    assert_eq!((error.code(), error.phase()), ("guest-trapped", Phase::Load));
    assert!(
        error.to_string().starts_with("the extractor failed its canary, its own health check: "),
        "{error}"
    );
    // Unless nobody asks for a canary.
    load(untried(), &component).unwrap();

    // It says that all is well, and answers every page with an empty document.
    let empty = componentize(
        WIT,
        r#"(module
            (memory (export "memory") 2)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 65536)
            (func (export "riptide:extractor/extraction@0.1.0#extract")
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) i32.const 1024)
            (func (export "riptide:extractor/extraction@0.1.0#describe") (result i32) i32.const 1024)
            (func (export "riptide:extractor/extraction@0.1.0#check-health") (result i32) i32.const 1024))"#,
    );
    let error = load(LoadPolicy::default(), &empty).err().unwrap();
    assert_eq!(error.code(), "unhealthy");
    assert!(error.to_string().contains("lacks the page's first sentence"), "{error}");
}

#[test]
fn the_built_in_component_is_loaded_under_any_policy_and_passes_its_canary() {
    let compiler = Compiler::Process { program: "/nowhere/compiler".into(), arguments: Vec::new() };
    let nothing = LoadPolicy { max_size: 0, pinned: Some([].into()), compiler, ..LoadPolicy::default() };
    let sandbox = sandbox(LoadPolicy { compile_time: Duration::ZERO, ..nothing });
    let info = sandbox.check(&sandbox.load(BUILT_IN).unwrap()).unwrap();
    assert_eq!(info.name, "riptide");
}

#[cfg(unix)]
mod compilers {
    use std::fs;

    use riptide_sandbox::{Effort, compile_component};

    use super::*;

    /// A policy whose compiler is a shell script.
    fn compiled_by(script: &str) -> LoadPolicy {
        let arguments = vec!["-c".into(), script.into()];
        LoadPolicy { compiler: Compiler::Process { program: "sh".into(), arguments }, ..untried() }
    }

    fn failure(policy: LoadPolicy) -> String {
        let error = load(policy, &Guest::default().component()).err().unwrap();
        assert_eq!((error.code(), error.phase(), error.retryable()), ("compile-failed", Phase::Load, false));
        error.to_string()
    }

    #[test]
    fn what_another_process_compiles_is_run_here() {
        let folder = tempfile::TempDir::new().unwrap();
        let component = Guest { pages: 3, ..Guest::default() }.component();
        let artefact = folder.path().join("artefact");
        fs::write(&artefact, compile_component(&component, Effort::Optimised).unwrap()).unwrap();
        // It hands over the right machine code if it was given the right component.
        let given = folder.path().join("given");
        let script = format!("cat > '{}'; cat '{}'", given.display(), artefact.display());
        let sandbox = sandbox(compiled_by(&script));
        let extractor = sandbox.load(component.clone()).unwrap();
        assert_eq!(fs::read(given).unwrap(), component);
        block_on(sandbox.check_health(&extractor)).unwrap();
    }

    #[test]
    fn a_compiler_that_never_ends_is_killed_with_all_that_it_started() {
        // The background process holds the pipe: were it left alive, its end would be awaited for ever.
        for script in ["sleep 100000", "sleep 100000 & sleep 100000", "exec 1>&- 2>&-; sleep 100000"] {
            let limit = Duration::from_millis(50);
            let policy = LoadPolicy { compile_time: limit, ..compiled_by(script) };
            let error = load(policy, &Guest::default().component()).err().unwrap();
            assert!(
                matches!(error, SandboxError::CompileTimeout { limit: told } if told == limit),
                "{error}"
            );
            assert_eq!(
                (error.code(), error.phase(), error.retryable()),
                ("compile-timeout", Phase::Load, true)
            );
        }
    }

    #[test]
    fn what_a_compiler_left_behind_goes_with_it() {
        assert!(failure(compiled_by("sleep 100000 > /dev/null 2>&1 & exit 1")).contains("exit status: 1"));
    }

    #[test]
    fn a_compiler_that_fails_has_its_say() {
        let text = failure(compiled_by("cat > /dev/null; echo 'no such instruction' >&2; exit 1"));
        assert_eq!(text, "the extractor does not compile: no such instruction");
        // Without reading its input first, and at length.
        let text = failure(compiled_by("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1"));
        assert!(text.len() < 5000 && text.ends_with("xxx"), "{}", text.len());
        assert!(failure(compiled_by("exit 7")).ends_with("the compiler ended with exit status: 7"));
        assert!(failure(compiled_by("kill -9 $$")).contains("signal: 9"));
    }

    #[test]
    fn what_is_no_machine_code_is_refused() {
        failure(compiled_by("echo nonsense"));
        failure(compiled_by("true"));
    }

    #[test]
    fn a_compiler_that_is_not_there_is_told() {
        let program = "/nowhere/compiler".into();
        let compiler = Compiler::Process { program, arguments: Vec::new() };
        let text = failure(LoadPolicy { compiler, ..untried() });
        assert!(text.contains("the compiler does not run: "), "{text}");
    }

    #[test]
    fn a_component_that_does_not_fit_is_not_compiled() {
        let wit = WIT.replace("quality-score: u8", "quality-score: u16");
        let component = Guest { wit: &wit, ..Guest::default() }.component();
        let error = load(compiled_by("exit 1"), &component).err().unwrap();
        assert_eq!(error.code(), "mismatched-export");
    }
}
