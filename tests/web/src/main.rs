//! Serves the test site for people to try: `riptide-test-site [--list] [--port N] [--robots FILE]`.

use std::env;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::thread;

use riptide_test_site::{RobotsFile, Site, endpoints};

const USAGE: &str = "riptide-test-site [--list] [--port N] [--robots FILE]

  --list         print what the site serves, and how reading it should end
  --port N       listen on this port of 127.0.0.1 instead of a free one
  --robots FILE  serve this file as robots.txt
";

fn main() -> ExitCode {
    match run(env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: impl Iterator<Item = String>) -> io::Result<()> {
    let wrong = |argument: &str| io::Error::other(format!("what is `{argument}`?\n\n{USAGE}"));
    let mut builder = Site::builder();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| wrong(&argument));
        builder = match &*argument {
            "--list" => return list(),
            "--help" | "-h" => return io::stdout().write_all(USAGE.as_bytes()),
            "--port" => builder.port(value()?.parse().map_err(|_| wrong("--port"))?),
            "--robots" => builder.robots(RobotsFile::Text(std::fs::read_to_string(value()?)?)),
            other => return Err(wrong(other)),
        };
    }
    let site = builder.start()?;
    writeln!(io::stdout(), "{}", site.url("/"))?;
    loop {
        thread::park();
    }
}

fn list() -> io::Result<()> {
    let mut output = io::stdout().lock();
    for endpoint in endpoints() {
        let expected = format!("{:?}", endpoint.expected);
        writeln!(output, "{:<34} {:<52} {}", endpoint.path, expected, endpoint.what)?;
    }
    Ok(())
}
