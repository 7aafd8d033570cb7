//! How the program ends when it is told to.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::Child;

use riptide_test_site::Site;

use super::*;

/// The program in the middle of three inputs: the first is written, the second is awaited on the standard input.
fn waiting_program(workspace: &Workspace) -> (Child, BufReader<std::process::ChildStdout>) {
    workspace.put("a.html", page("A", "First.")).put("b.html", page("B", "Third."));
    let mut command = workspace.command(&["--format", "jsonl", "--jobs", "1", "a.html", "-", "b.html"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    assert!(first.contains("\"title\":\"A\""), "{first}");
    // More than a pipe holds: when all of it is written, the program has begun to read.
    let padding = format!("<!--{}-->", " ".repeat(1 << 20));
    child.stdin.as_mut().unwrap().write_all(padding.as_bytes()).unwrap();
    (child, stdout)
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn an_interrupt_finishes_what_runs_and_takes_no_more() {
    let workspace = Workspace::new();
    for name in ["-INT", "-TERM"] {
        let (mut child, mut stdout) = waiting_program(&workspace);
        signal(&child, name);
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut message = String::new();
        stderr.read_line(&mut message).unwrap();
        assert!(message.starts_with("riptide: interrupted; finishing the pages under way"), "{message}");
        child.stdin.take().unwrap().write_all(page("Piped", "Second.").as_bytes()).unwrap();
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest.lines().count(), 1, "{rest}");
        assert!(rest.contains("\"title\":\"Piped\""), "{rest}");
        assert_eq!(child.wait().unwrap().code(), Some(130));
    }
}

#[test]
fn a_second_interrupt_ends_at_once() {
    let workspace = Workspace::new();
    let (mut child, _stdout) = waiting_program(&workspace);
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    signal(&child, "-INT");
    stderr.read_line(&mut String::new()).unwrap();
    // The standard input stays open: the page under way never ends by itself.
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_page_from_the_web_under_way_is_given_up_after_an_interrupt() {
    let (site, workspace) = (Site::start().unwrap(), Workspace::new());
    workspace.put("a.html", page("A", "First.")).put("b.html", page("B", "Third."));
    let (allow, endless) = (site.address().to_string(), site.url("/slow/drip-body"));
    let mut command = workspace.command(&["--format", "jsonl", "--log", "-", "--fetch-timeout", "10m"]);
    command.args(["--allow", &allow, "a.html", &endless, "b.html"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(stderr.by_ref().filter(|line| line.contains("document.finished")).take(2).count(), 2);
    while site.hits("/slow/drip-body") == 0 {
        std::thread::yield_now();
    }
    signal(&child, "-INT");
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert_eq!(stdout.lines().count(), 2, "{stdout}");
    assert!(stdout.lines().last().unwrap().contains("\"title\":\"B\""), "{stdout}");
    let last = stderr.last().unwrap();
    assert_eq!(last, "riptide: 2 ok, 0 failed, the others were not worked on");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn an_end_at_once_leaves_no_unfinished_file() {
    let workspace = Workspace::new();
    workspace.put("a.html", page("A", "First."));
    for (inputs, interrupts) in [(&["-"] as &[&str], 1), (&["a.html", "-"], 2)] {
        let args = [&["--format", "jsonl", "--output", "out.jsonl"], inputs].concat();
        let mut command = workspace.command(&args);
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let padding = " ".repeat(1 << 20);
        child.stdin.as_mut().unwrap().write_all(padding.as_bytes()).unwrap();
        assert!(workspace.list(".").iter().any(|name| name.starts_with(".riptide-")));
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        for _ in 1..interrupts {
            signal(&child, "-INT");
            stderr.read_line(&mut String::new()).unwrap();
        }
        signal(&child, "-INT");
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert_eq!(workspace.list("."), ["a.html"]);
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let workspace = Workspace::new();
    let (mut child, stdout) = waiting_program(&workspace);
    drop(stdout);
    child.stdin.take().unwrap().write_all(page("Piped", "Second.").as_bytes()).unwrap();
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(stderr, "");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
