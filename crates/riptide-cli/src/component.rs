//! `riptide component validate`, and the compiler that RipTide runs beside itself.

use std::env;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::Context;
use riptide::{
    Compiler, ComponentInfo, Effort, LoadPolicy, Sandbox, SandboxConfig, SandboxError, ValidationReport,
};
use serde::Serialize;

use crate::args::ValidateArgs;
use crate::exit::Exit;
use crate::extract::user_cache_dir;
use crate::format::Problem;
use crate::inputs::InputError;
use crate::progress::say;

/// Address space for the compilation of one component. The largest that are known, JavaScript and Python runtimes, take a
/// quarter of it.
#[cfg(unix)]
const COMPILER_MEMORY: u64 = 8 * 1024 * 1024 * 1024;

/// Processor time for the compilation of one component, in seconds. The time on the clock is limited by whoever waits for
/// it; this is for when nobody does any more.
#[cfg(unix)]
const COMPILER_TIME: u64 = 1800;

/// What is loaded, and how: strangers' components are compiled by a process that can be stopped.
///
/// # Errors
/// [`SandboxError::CompileFailed`].
pub(crate) fn load_policy() -> Result<LoadPolicy, SandboxError> {
    let lost =
        |error| SandboxError::CompileFailed { reason: format!("the program does not find itself: {error}") };
    let program = env::current_exe().map_err(lost)?;
    let compiler = Compiler::Process { program, arguments: vec!["compile-component".into()] };
    Ok(LoadPolicy { compiler, ..LoadPolicy::default() })
}

/// Reads a component, if it is of a size that may be loaded.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let limit = LoadPolicy::default().max_size;
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut component = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most).read_to_end(&mut component));
    read.map_err(|error| Problem::of(&InputError::from(error)))?;
    if component.len() > limit {
        return Err(Problem::of(&SandboxError::ComponentTooLarge { limit }));
    }
    Ok(component)
}

/// What is known about a component in the end.
#[derive(Serialize)]
struct Verdict {
    path: String,
    valid: bool,
    #[serde(flatten)]
    report: Option<ValidationReport>,
    /// What a component that works says of itself.
    component: Option<Description>,
    error: Option<Problem>,
}

#[derive(Serialize)]
struct Description {
    name: String,
    version: String,
    description: String,
}

/// Compares a component with the contract and tries it.
pub(crate) fn validate(args: &ValidateArgs) -> anyhow::Result<Exit> {
    let verdict = judge(args);
    let mut out = io::stdout().lock();
    let written = if args.json {
        let json = serde_json::to_string_pretty(&verdict).context("the report cannot be written as JSON")?;
        writeln!(out, "{json}")
    } else {
        print(&mut out, &verdict)
    };
    written.and_then(|()| out.flush()).context("the standard output cannot be written")?;
    Ok(if verdict.valid { Exit::Ok } else { Exit::Failure })
}

fn judge(args: &ValidateArgs) -> Verdict {
    let path = args.component.display().to_string();
    let nothing = Verdict { path, valid: false, report: None, component: None, error: None };
    let component = match read(&args.component) {
        Ok(component) => component,
        Err(problem) => return Verdict { error: Some(problem), ..nothing },
    };
    let report = match riptide::validate(&component) {
        Ok(report) => report,
        Err(error) => return Verdict { error: Some(Problem::of(&error)), ..nothing },
    };
    if !report.is_valid() {
        return Verdict { report: Some(report), ..nothing };
    }
    match try_out(args, component) {
        Ok(ComponentInfo { name, version, description }) => Verdict {
            valid: true,
            report: Some(report),
            component: Some(Description { name, version, description }),
            ..nothing
        },
        Err(error) => Verdict { report: Some(report), error: Some(error), ..nothing },
    }
}

/// Compiles the component and runs it on a page with a known answer.
fn try_out(args: &ValidateArgs, component: Vec<u8>) -> Result<ComponentInfo, Problem> {
    let sandbox = load_policy().and_then(|load| {
        // It is tried below, where what it says of itself is of interest.
        let load = LoadPolicy { canary: false, ..load };
        let cache_dir = args.cache_dir.clone().or_else(user_cache_dir);
        Sandbox::new(SandboxConfig { load, cache_dir, ..SandboxConfig::default() })
    });
    let tried = sandbox.and_then(|sandbox| sandbox.check(&sandbox.load(component)?));
    tried.map_err(|error| Problem::of(&error))
}

fn print(out: &mut impl Write, verdict: &Verdict) -> io::Result<()> {
    let Verdict { path, report, component, error, .. } = verdict;
    if let Some(report) = report {
        write!(out, "{report}")?;
    }
    match (report, component, error) {
        (_, Some(Description { name, version, description }), _) => {
            writeln!(out, "works: {name} {version}, {description}")
        }
        (Some(_), _, Some(error)) => writeln!(out, "does not work: {}", error.message),
        (None, _, Some(error)) => {
            say(&format!("riptide: {path}: {}", error.message));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Compiles the component on the standard input, for another process of this program.
pub(crate) fn compile(effort: Effort) -> anyhow::Result<Exit> {
    limit_compiler()?;
    let mut component = Vec::new();
    io::stdin().lock().read_to_end(&mut component).context("the standard input cannot be read")?;
    let machine_code = riptide::compile_component(&component, effort)?;
    let mut out = io::stdout().lock();
    out.write_all(&machine_code)
        .and_then(|()| out.flush())
        .context("the standard output cannot be written")?;
    Ok(Exit::Ok)
}

/// A component cannot make its compiler take all memory, or outlive who waits for it.
#[cfg(unix)]
fn limit_compiler() -> anyhow::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = |most| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::As, limit(COMPILER_MEMORY)).context("the memory cannot be limited")?;
    setrlimit(Resource::Cpu, limit(COMPILER_TIME)).context("the processor time cannot be limited")?;
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
        .context("the end of the program cannot be watched")?;
    Ok(())
}

#[cfg(not(unix))]
fn limit_compiler() -> anyhow::Result<()> {
    Ok(())
}
