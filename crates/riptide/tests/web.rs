//! The data path from the web, over every endpoint of the test site.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use riptide::{
    BrowserConfig, CookieJar, Error, ExtractionMode, Failure, FetchConfig, FetchLimits, FetchRequest, Origin,
    Policy, Politeness, Render, Rendered, Riptide, ScrapeRequest, Scraped, find_chromium,
};
use riptide_test_site::{Endpoint, Expected, Fault, RobotsFile, Site, endpoints};
use tokio::task::JoinSet;
use url::Url;

/// Long enough for an answer on a busy machine, short enough for a test that waits for all the endless ones.
const PATIENCE: Duration = Duration::from_secs(6);

/// No endpoint takes longer than all of its attempts may.
const BUDGET: Duration = Duration::from_secs(90);

fn riptide(site: &Site) -> Riptide {
    let limits = FetchLimits {
        connect: PATIENCE,
        head_time: PATIENCE,
        silence: PATIENCE,
        total: 2 * PATIENCE,
        ..FetchLimits::default()
    };
    let fetch = FetchConfig {
        policy: Policy { exceptions: vec![site.address().to_string().parse().unwrap()], ..Policy::default() },
        limits,
        politeness: Politeness {
            concurrency: 24,
            longest_wait: Duration::from_secs(3),
            ..Politeness::default()
        },
        ..FetchConfig::default()
    };
    let browse = BrowserConfig { warm: 0, launch_limit: Duration::from_mins(2), ..BrowserConfig::default() };
    Riptide::builder().native(true).fetch(fetch).browse(browse).build().unwrap()
}

fn request(site: &Site, endpoint: &Endpoint, render: Render) -> ScrapeRequest {
    let url = Url::parse(&site.url(endpoint.path)).unwrap();
    let mut request = ScrapeRequest { mode: ExtractionMode::Full, render, ..ScrapeRequest::new(url) };
    request.page.deadline = 3 * PATIENCE;
    request.page.wait.limit = PATIENCE;
    request
}

/// Scrapes endpoints all at once and gathers what did not end as it should.
async fn violations(
    site: &Site,
    endpoints: Vec<&'static Endpoint>,
    render: Render,
    judge: fn(&Endpoint, &Result<Scraped, Error>) -> Result<(), String>,
) -> String {
    let riptide = Arc::new(riptide(site));
    let mut tasks = JoinSet::new();
    for endpoint in endpoints {
        let (riptide, request) = (Arc::clone(&riptide), request(site, endpoint, render));
        tasks.spawn(async move {
            match tokio::time::timeout(BUDGET, riptide.scrape(&request)).await {
                Ok(result) => (endpoint, judge(endpoint, &result)),
                Err(_) => (endpoint, Err("does not end".to_owned())),
            }
        });
    }
    let mut text = String::new();
    while let Some(done) = tasks.join_next().await {
        if let (endpoint, Err(problem)) = done.unwrap() {
            writeln!(text, "{}: expected {:?}, {problem}", endpoint.path, endpoint.expected).unwrap();
        }
    }
    riptide.shutdown(Duration::ZERO).await;
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_ends_as_documented() {
    let site = Site::start().unwrap();
    let violations = violations(&site, endpoints().collect(), Render::Never, judge_fetched).await;
    assert!(violations.is_empty(), "{violations}");
}

fn judge_fetched(endpoint: &Endpoint, result: &Result<Scraped, Error>) -> Result<(), String> {
    match (endpoint.expected, result) {
        (
            Expected::Page(phrase) | Expected::Embedded(phrase) | Expected::Document(_, phrase),
            Ok(scraped),
        ) => {
            let text = &scraped.document.text;
            if scraped.document.script_built {
                return Err("is taken for script-built".to_owned());
            }
            shows(text, phrase)
        }
        (Expected::Rendered(_), Ok(scraped)) if scraped.document.script_built => Ok(()),
        (Expected::Rendered(_), Ok(_)) => Err("is not taken for script-built".to_owned()),
        (Expected::Fault(Fault::ScriptTimeout | Fault::ScriptCrash), Ok(_)) => Ok(()),
        (Expected::Truncated, Ok(scraped)) => match &scraped.origin {
            Origin::Fetched(fetched) if fetched.truncated.is_some() => Ok(()),
            _ => Err("came whole".to_owned()),
        },
        (Expected::Status(status), Ok(scraped)) if scraped.status() == status => Ok(()),
        (_, Ok(scraped)) => Err(format!("came with the status {}", scraped.status())),
        (expected, Err(error)) => {
            let codes = codes(expected);
            let fits = codes.contains(&error.code()) || (expected == Expected::Refused && error.is_refusal());
            if fits { Ok(()) } else { Err(format!("came to {}: {error}", error.code())) }
        }
    }
}

fn shows(text: &str, phrase: &str) -> Result<(), String> {
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if folded(text).contains(&folded(phrase)) {
        return Ok(());
    }
    Err(format!("shows {:?}", text.chars().take(200).collect::<String>()))
}

/// The codes of the errors that an endpoint may end in.
fn codes(expected: Expected) -> &'static [&'static str] {
    match expected {
        Expected::Status(_) => &["http-status", "empty-input"],
        Expected::Truncated => &["body-truncated", "connection-lost", "undecodable"],
        Expected::Unsupported => &["unsupported-content", "binary-input"],
        Expected::Fault(Fault::Timeout) => &["head-timeout", "body-timeout", "fetch-timeout"],
        Expected::Fault(Fault::BodyTooLarge) => &["body-too-large", "compression-bomb"],
        Expected::Fault(Fault::HeadTooLarge) => &["head-too-large"],
        Expected::Fault(Fault::TooManyRedirects) => &["redirect-loop", "too-many-redirects"],
        Expected::Fault(Fault::InvalidRedirect) => &["invalid-redirect", "url-refused"],
        Expected::Fault(Fault::Malformed) => &["not-http", "connection-lost"],
        Expected::Fault(Fault::Undecodable) => &["undecodable", "unknown-coding", "body-truncated"],
        Expected::Fault(Fault::Disconnected) => &["connection-lost", "tls-failed"],
        _ => &[],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_scripts_make_are_rendered_and_no_others() {
    if find_chromium(None).is_err() && std::env::var_os("CI").is_none() {
        eprintln!("passed over: there is no Chromium");
        return;
    }
    let site = Site::start().unwrap();
    let pages = endpoints().filter(|endpoint| {
        matches!(endpoint.expected, Expected::Page(_) | Expected::Rendered(_) | Expected::Embedded(_))
    });
    let violations = violations(&site, pages.collect(), Render::Auto, judge_rendered).await;
    assert!(violations.is_empty(), "{violations}");
}

fn judge_rendered(endpoint: &Endpoint, result: &Result<Scraped, Error>) -> Result<(), String> {
    let scraped = match result {
        Ok(scraped) => scraped,
        Err(error) => return Err(format!("came to {}: {error}", error.code())),
    };
    let is_rendered = matches!(scraped.origin, Origin::Rendered(_));
    match endpoint.expected {
        Expected::Rendered(phrase) if is_rendered => shows(&scraped.document.text, phrase),
        Expected::Rendered(_) => Err(format!("was not rendered: {:?}", scraped.document.warnings)),
        _ if is_rendered => Err("was rendered".to_owned()),
        _ => Ok(()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_page_is_taken_as_it_comes_even_when_all_are_to_be_rendered() {
    if find_chromium(None).is_err() && std::env::var_os("CI").is_none() {
        eprintln!("passed over: there is no Chromium");
        return;
    }
    let site = Site::start().unwrap();
    let documents = endpoints().filter(
        |endpoint| matches!(endpoint.expected, Expected::Document(media_type, _) if media_type != "text/html"),
    );
    let violations = violations(&site, documents.collect(), Render::Always, judge_document).await;
    assert!(violations.is_empty(), "{violations}");
}

fn judge_document(endpoint: &Endpoint, result: &Result<Scraped, Error>) -> Result<(), String> {
    match (endpoint.expected, result) {
        (Expected::Document(_, phrase), Ok(scraped)) => {
            let is_told = |warning: &String| warning.starts_with("not run in a browser");
            match &scraped.origin {
                Origin::Fetched(_) if scraped.document.warnings.iter().any(is_told) => {
                    shows(&scraped.document.text, phrase)
                }
                _ => Err(format!("was rendered, or nothing is told: {:?}", scraped.document.warnings)),
            }
        }
        (_, Ok(_)) => Err("is no document".to_owned()),
        (_, Err(error)) => Err(format!("came to {}: {error}", error.code())),
    }
}

/// Renders a page of a site of its own, where there is a Chromium.
async fn rendered(site: &Site, path: &str, cookies: &CookieJar) -> Option<Result<Rendered, Error>> {
    if let Err(error) = find_chromium(None) {
        assert!(std::env::var_os("CI").is_none(), "{error}");
        return None;
    }
    let riptide = riptide(site);
    let mut request = ScrapeRequest::new(site.url(path).parse().unwrap());
    request.fetch.cookies = cookies.clone();
    let rendered = riptide.render(&request).await;
    riptide.shutdown(Duration::ZERO).await;
    Some(rendered)
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_that_a_page_sets_in_a_browser_are_those_of_the_job() {
    let page = "<p>text</p><script>document.cookie = 'seen=yes; path=/; max-age=600'</script>";
    let site = Site::builder().page("/sets", page).page("/reads", "<p>text</p>").start().unwrap();
    let cookies = CookieJar::default();
    let Some(rendered) = rendered(&site, "/sets", &cookies).await else { return };
    assert!(!format!("{:?}", rendered.unwrap().cookies).contains("yes"), "values are secrets");
    let url = site.url("/reads").parse().unwrap();
    riptide(&site).fetch(&FetchRequest { cookies, ..FetchRequest::new(url) }).await.unwrap();
    assert_eq!(site.requests("/reads")[0].header("cookie"), Some("seen=yes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_script_leads_the_rules_of_the_site_hold_too() {
    let rules = RobotsFile::Text("User-agent: *\nDisallow: /private".to_owned());
    let page = "<p>text</p><script>location.href = '/private'</script>";
    let site =
        Site::builder().robots(rules).page("/open", page).page("/private", "<p>x</p>").start().unwrap();
    let Some(rendered) = rendered(&site, "/open", &CookieJar::default()).await else { return };
    assert_eq!(rendered.unwrap_err().code(), "robots-disallowed");
}
