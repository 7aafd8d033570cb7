//! What each step of the data path costs: parse, extract, write, and the sandbox around them.
#![expect(clippy::unwrap_used, reason = "a benchmark has no caller")]

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use riptide::{ExtractionMode, Page, Riptide, Source};
use riptide_html::{BaseUrl, Selection};

const URL: &str = "https://bench.example.org/2026/03/page";

/// A page as sites make them: an article of about `bytes` bytes, a fifth of it menus, teasers and footers.
fn generated_page(bytes: usize) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>A long walk | The Bench</title>\
         <meta property=og:type content=article><script>var page = {id: 1};</script></head><body><header><nav><ul>",
    );
    let rounds = bytes / 1500;
    for number in 0..rounds {
        let _ =
            write!(page, "<li class=\"menu-item\"><a href=\"/section/{number}\">Section {number}</a></li>");
    }
    page.push_str("</ul></nav></header><div class=layout><main><article><h1>A long walk</h1>");
    for number in 0..rounds {
        let _ = write!(
            page,
            "<h2 id=\"stage-{number}\">Stage {number}</h2><p class=\"lead\">The path leaves the village behind the mill \
             and climbs, for <em>most of an hour</em>, through beeches that were planted when the railway came. Nobody \
             hurries here. The benches are placed where the <a href=\"/view/{number}\" rel=\"nofollow\">view</a> opens, \
             and where the old ones say the wind turns.</p><p>Above the trees the ground is open &amp; stony. Sheep \
             look up, decide that we are of no interest, and go on eating; the <strong>stream</strong> that one hears \
             from far away turns out to be three. After rain the middle one is crossed by the plank, not by the ford.</p>\
             <ul><li>Height: {number} metres</li><li>Water: at the chapel</li></ul>\
             <figure><img src=\"/photo/{number}.jpg\" alt=\"View {number}\"><figcaption>Looking back.</figcaption></figure>"
        );
    }
    page.push_str("</article></main><aside class=sidebar><h3>Most read</h3>");
    for number in 0..rounds {
        let _ = write!(
            page,
            "<div class=\"teaser card\"><a href=\"/read/{number}\">Ten huts, part {number}</a></div>"
        );
    }
    page.push_str("</aside></div><footer class=site-footer>");
    for number in 0..rounds {
        let _ = write!(page, "<a href=\"/legal/{number}\">Notice {number}</a> ");
    }
    page.push_str("</footer></body></html>");
    page
}

/// The generated pages of three sizes, and those that ship with the project.
fn pages() -> Vec<(String, Page)> {
    let page = |html| Page { html, url: URL.to_owned() };
    let sizes = [("generated 10 KB", 10_000), ("generated 100 KB", 100_000), ("generated 1 MB", 1_000_000)];
    let generated = sizes.map(|(name, bytes)| (name.to_owned(), page(generated_page(bytes))));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/site/pages");
    let mut shipped: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    shipped.sort();
    let shipped = shipped.into_iter().map(|path| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, page(String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()))
    });
    generated.into_iter().chain(shipped).collect()
}

/// Measures one step on every page.
fn measure(criterion: &mut Criterion, step: &str, mut work: impl FnMut(&mut criterion::Bencher<'_>, &Page)) {
    let mut group = criterion.benchmark_group(step);
    for (name, page) in pages() {
        group.throughput(Throughput::Bytes(page.html.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), &page, &mut work);
    }
    group.finish();
}

fn steps(criterion: &mut Criterion) {
    measure(criterion, "parse", |bencher, page| bencher.iter(|| riptide_html::parse(black_box(&page.html))));
    measure(criterion, "extract", |bencher, page| {
        bencher.iter(|| riptide_extract::extract(black_box(page), &ExtractionMode::default()).unwrap());
    });
    measure(criterion, "write Markdown", |bencher, page| {
        let dom = riptide_html::parse(&page.html);
        let (base, everything) = (BaseUrl::of(&dom, &page.url), Selection::new(&dom, [dom.document()]));
        bencher.iter(|| riptide_html::to_markdown(black_box(&dom), &everything, &base));
    });
}

fn engines(criterion: &mut Criterion) {
    for (step, native) in [("whole path, native", true), ("whole path, sandboxed", false)] {
        let riptide = Riptide::builder().native(native).build().unwrap();
        measure(criterion, step, |bencher, page| {
            bencher.iter(|| {
                let bytes = page.html.clone().into_bytes();
                let source = Source { bytes, url: page.url.clone(), ..Source::default() };
                riptide.extract(black_box(source), &ExtractionMode::default()).unwrap()
            });
        });
    }
}

criterion_group!(benches, steps, engines);
criterion_main!(benches);
