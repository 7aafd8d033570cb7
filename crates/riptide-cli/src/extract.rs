//! `riptide extract`: inputs to documents to results, in order, a bounded number at a time.

use std::fs;
use std::io;
use std::io::IsTerminal;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, anyhow};
use crossbeam_channel::{Receiver, Sender, bounded};
use etcetera::BaseStrategy;
use riptide::{
    Document, Error, EventBus, ExtractionMode, FetchConfig, Model, Registry, Riptide, ScrapeRequest, redacted,
};
use url::Url;

use crate::args::{ExtractArgs, usage};
use crate::component;
use crate::config;
use crate::exit::{Exit, Tally};
use crate::format::{Problem, Rendering};
use crate::inputs::{Input, Inputs, Local, Origin};
use crate::interrupt::Interrupt;
use crate::output::{OutputError, Sink, Unfinished};
use crate::progress::Console;
use crate::telemetry::Telemetry;
use crate::web::Web;

/// Pages under way for each job. Enough for the others to go on while one page takes long; with it memory is bounded.
const WINDOW_PER_JOB: usize = 8;

/// Runs the command.
pub(crate) fn run(args: &ExtractArgs) -> anyhow::Result<Exit> {
    let mode = args.extraction_mode()?;
    let inputs = Inputs::new("extract", &args.pages, io::stdin().is_terminal())?;
    let rendering =
        Rendering { format: args.format, front_matter: !args.no_front_matter, comments: args.comments };
    let unfinished = Unfinished::default();
    let mut sink = Sink::open(args.output.as_deref(), args.format, inputs.are_many(), &unfinished)?;
    let console = Console::new(inputs.are_many() && !sink.is_terminal());
    let interrupt = Interrupt::watch(inputs.are_many(), console.clone(), unfinished.clone())?;
    let jobs = args.jobs.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZero::<usize>::MIN);
    let telemetry = Telemetry::start(args, &console)?;
    let fetch = if inputs.may_be_from_the_web() {
        args.web.config(args.limits().input, Some(&args.cache))?
    } else {
        FetchConfig::default()
    };
    let started = start(args, jobs, fetch, telemetry.bus(), &console);

    console.count(inputs.clone());
    let apart = sink.folder().map(PathBuf::from);
    let extracted = started.and_then(|riptide| {
        let limit = args.limits().input;
        let web = Web::new(&riptide, &args.web)?;
        let work = Work {
            args,
            riptide: &riptide,
            web: &web,
            mode: &mode,
            rendering,
            limit,
            desks: Desks::new(jobs),
            interrupt: &interrupt,
        };
        // Who waits for the network needs no core.
        let hands = if inputs.may_be_from_the_web() { jobs.max(args.connections) } else { jobs };
        let tally = work.run(inputs.stream(apart), hands.get(), &mut sink, &console)?;
        sink.finish()?;
        Ok(tally)
    });
    console.finish();
    let told = telemetry.finish(&console, &unfinished);
    let tally = extracted?;
    if tally.ok + tally.failed > 1 || tally.is_cut_short {
        let rest = if tally.is_cut_short { ", the others were not worked on" } else { "" };
        console.message(&format!("{} ok, {} failed{rest}", tally.ok, tally.failed));
    }
    told?;
    Ok(if interrupt.has_come() { Exit::Interrupted } else { tally.exit() })
}

fn start(
    args: &ExtractArgs,
    jobs: NonZero<usize>,
    fetch: FetchConfig,
    bus: EventBus,
    console: &Console,
) -> anyhow::Result<Riptide> {
    console.explain_delay(bus.subscribe());
    let mut builder = Riptide::builder()
        .jobs(jobs)
        .native(args.native)
        .fetch(fetch)
        .browse(args.browser.config(args.web.user_agent.clone()))
        .limits(args.limits())
        .events(bus);
    if let Some(folder) = args.cache.cache_dir.clone().or_else(user_cache_dir) {
        builder = builder.cache_dir(folder);
    }
    if let Some(path) = &args.model {
        builder = builder.model(read_model(path)?);
    }
    let file = args.config.clone().or_else(config::path);
    if let Some(registry) = file.map(Registry::read).transpose()?.filter(|registry| !registry.is_empty()) {
        if args.native && args.config.is_some() {
            return Err(usage(
                "extract",
                "--native runs the built-in extractor alone, but the configuration file names others",
            )
            .into());
        }
        builder = builder.registry(registry);
    }
    builder = builder.load_policy(component::load_policy()?);
    let Some(path) = &args.extractor else { return Ok(builder.build()?) };
    let extractor =
        component::read(path).map_err(|problem| anyhow!("{}: {}", path.display(), problem.message))?;
    match builder.extractor(extractor).build() {
        Err(error @ Error::Setup(_)) => Err(error).with_context(|| path.display().to_string()),
        result => Ok(result?),
    }
}

/// Reads a model of the block classifier.
pub(crate) fn read_model(path: &Path) -> anyhow::Result<Model> {
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Model::from_bytes(&bytes).with_context(|| path.display().to_string())
}

/// Where compiled components are kept unless the user says otherwise.
pub(crate) fn user_cache_dir() -> Option<PathBuf> {
    Some(etcetera::choose_base_strategy().ok()?.cache_dir().join("riptide"))
}

/// What came of one page.
struct Done {
    input: Input,
    /// What to write, if anything.
    body: Option<String>,
    warnings: Vec<String>,
    problem: Option<Problem>,
}

/// A page and where its result is awaited.
type Job = (Input, Sender<Done>);

/// All that a page needs on its way, the same for every page.
struct Work<'a> {
    args: &'a ExtractArgs,
    riptide: &'a Riptide,
    web: &'a Web<'a>,
    mode: &'a ExtractionMode,
    rendering: Rendering,
    limit: usize,
    desks: Desks,
    interrupt: &'a Interrupt,
}

/// The places where pages of this machine are worked on, one for each job: who waits for the network needs none.
struct Desks {
    leave: Sender<()>,
    take: Receiver<()>,
}

impl Desks {
    fn new(jobs: NonZero<usize>) -> Self {
        let (leave, take) = bounded(jobs.get());
        for _ in 0..jobs.get() {
            let _ = leave.try_send(());
        }
        Self { leave, take }
    }

    /// Waits for a free desk. It is free again when what is returned is dropped.
    fn sit_down(&self) -> Desk<'_> {
        let _ = self.take.recv();
        Desk(&self.leave)
    }
}

struct Desk<'d>(&'d Sender<()>);

impl Drop for Desk<'_> {
    fn drop(&mut self) {
        let _ = self.0.try_send(());
    }
}

impl Work<'_> {
    /// Feeds the inputs to that many `hands`, which are threads, and writes the results in the order of the inputs.
    ///
    /// Each page takes a place in the queue of pending results before it starts. That queue is the window: when it is
    /// full because its oldest page takes long, no further page is read.
    fn run(
        &self,
        inputs: impl Iterator<Item = Input> + Send,
        hands: usize,
        sink: &mut Sink,
        console: &Console,
    ) -> anyhow::Result<Tally> {
        let (pending_in, pending) = bounded::<Receiver<Done>>(hands * WINDOW_PER_JOB);
        let (queue_in, queue) = bounded::<Job>(hands);
        thread::scope(|scope| {
            let feeder = scope.spawn(move || self.feed(inputs, &pending_in, &queue_in));
            for _ in 0..hands {
                let queue = queue.clone();
                scope.spawn(move || self.serve(&queue));
            }
            drop(queue);
            let mut tally = Tally::default();
            for place in pending {
                match place.recv() {
                    Ok(done) => self.finish(done, sink, console, &mut tally)?,
                    // A page that was not started because of an interrupt, or was given up, leaves its place empty.
                    Err(_) => tally.is_cut_short = true,
                }
            }
            tally.is_cut_short |= feeder.join().is_ok_and(|stopped| stopped);
            Ok(tally)
        })
    }

    /// Hands the inputs out; whether it stopped before their end.
    fn feed(
        &self,
        inputs: impl Iterator<Item = Input>,
        pending: &Sender<Receiver<Done>>,
        queue: &Sender<Job>,
    ) -> bool {
        for input in inputs {
            let (done, place) = bounded(1);
            let stop = self.interrupt.has_come();
            if stop || pending.send(place).is_err() || queue.send((input, done)).is_err() {
                return true;
            }
        }
        false
    }

    fn serve(&self, queue: &Receiver<Job>) {
        for (input, done) in queue {
            if !self.interrupt.has_come() {
                let is_local = matches!(input.origin, Ok(Origin::Local(_)));
                let desk = is_local.then(|| self.desks.sit_down());
                let page = self.page(input);
                drop(desk);
                if let Some(page) = page {
                    // Nobody waits any more when writing has failed.
                    let _ = done.send(page);
                }
            }
        }
    }

    /// One page, from its place on disk to what is written of it; nothing if it was given up.
    fn page(&self, input: Input) -> Option<Done> {
        let result = self.extract(&input)?;
        let rendered = self.rendering.render(&input, &result);
        let (warnings, problem) = match result {
            Ok(document) => (document.warnings, None),
            Err(problem) => (Vec::new(), Some(problem)),
        };
        Some(match rendered {
            Ok(body) => Done { input, body, warnings, problem },
            Err(unwritable) => Done { input, body: None, warnings, problem: Some(unwritable) },
        })
    }

    fn extract(&self, input: &Input) -> Option<Result<Document, Problem>> {
        match &input.origin {
            Err(error) => Some(Err(Problem::of(error))),
            Ok(Origin::Web(url)) => Some(self.scrape(url)?.map_err(|error| Problem::of(&error))),
            Ok(Origin::Local(local)) => Some(self.read(input, local)),
        }
    }

    /// A page of this machine.
    fn read(&self, input: &Input, local: &Local) -> Result<Document, Problem> {
        let source = input.source(local, self.limit).map_err(|error| Problem::of(&error))?;
        self.riptide.extract(source, self.mode).map_err(|error| Problem::of(&error))
    }

    /// A page from the web. One that tells of an error of its server is none that anybody wants to read.
    fn scrape(&self, url: &Url) -> Option<Result<Document, Error>> {
        let request = ScrapeRequest {
            fetch: self.args.web.request(url.clone()),
            mode: self.mode.clone(),
            render: self.args.render.into(),
            page: self.args.browser.page(url.clone()),
        };
        Some(self.web.scrape(&request, self.interrupt)?.and_then(|scraped| match scraped.status() {
            status @ 400.. => Err(Error::Status { url: redacted(scraped.url().as_str()), status }),
            _ => Ok(scraped.document),
        }))
    }

    /// Writes what came of one page, and tells what went wrong.
    fn finish(
        &self,
        done: Done,
        sink: &mut Sink,
        console: &Console,
        tally: &mut Tally,
    ) -> Result<(), OutputError> {
        let Done { input, body, warnings, mut problem } = done;
        if let Some(body) = body {
            match sink.write(&input, &body) {
                Err(error @ OutputError::Stream { .. }) => return Err(error),
                Err(error) => problem = Some(Problem::of(&error)),
                Ok(()) => {}
            }
        }
        // Records carry their warnings themselves.
        for warning in warnings.iter().filter(|_| !self.rendering.format.holds_records()) {
            console.message(&format!("warning: {input}: {warning}"));
        }
        match problem {
            None => tally.ok += 1,
            Some(problem) => {
                tally.count_failure(&problem);
                console.message(&format!("{input}: {}", problem.told("extract")));
            }
        }
        console.advance();
        Ok(())
    }
}
