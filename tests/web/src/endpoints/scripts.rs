//! Pages with scripts: those that are nothing without them, and those that only have some.

use std::io;

use super::Endpoint;
use crate::endpoint::Expected::{Embedded, Fault as Fails, Page, Rendered, Unsupported};
use crate::endpoint::{Fault, html, run};
use crate::exchange::Exchange;

/// Ends an ordinary page of the site.
macro_rules! plain {
    ($head:literal, $words:literal, $tail:literal) => {
        concat!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>The lock keeper's book</title>",
            $head,
            "</head><body><main><article><h1>The lock keeper's book</h1><p>Every boat that passed the lower lock was written \
             into the keeper's book, with the hour, the load, and what the keeper thought of the skipper. ",
            $words,
            "</p><p>The last volume ends in the middle of a line, on the day when the railway bridge was opened. Nobody knows \
             whether that was meant as a comment.</p></article></main>",
            $tail,
            "</body></html>"
        )
    };
}

/// A page that is nothing but its scripts.
macro_rules! shell {
    ($body:literal) => {
        concat!("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>The heron survey</title></head><body>", $body, "</body></html>")
    };
}

pub(super) const ENDPOINTS: [Endpoint; 30] = [
    html(
        "/script/root",
        "an empty root that a script fills",
        Rendered("forty-two herons were counted from the ferry"),
        shell!(
            "<div id=\"root\"></div><script>const say = words => { const p = document.createElement('p'); p.textContent = words; return p; };\
         const main = document.createElement('main');\
         main.append(say(['On the last Sunday of March', 'forty-two herons', 'were counted from the ferry', 'which is nine more than a year ago.'].join(' ')),\
         say(['Most of them stood', 'in the shallow water below the mill,', 'where the eels come up with the tide.'].join(' ')));\
         document.getElementById('root').append(main);</script>"
        ),
    ),
    html(
        "/script/fetch",
        "an empty root that a script fills with JSON that it fetches",
        Rendered("the night herons have moved into the willows"),
        shell!(
            "<div id=\"app\"></div><script>fetch('/data/herons.json').then(answer => answer.json()).then(data => {\
         document.title = data.title; document.getElementById('app').innerHTML =\
         '<main><h1>' + data.title + '</h1>' + data.paragraphs.map(text => '<p>' + text + '</p>').join('') + '</main>'; });</script>"
        ),
    ),
    html(
        "/script/request",
        "the same with XMLHttpRequest",
        Rendered("the night herons have moved into the willows"),
        shell!(
            "<div id=\"app\"></div><script>const request = new XMLHttpRequest(); request.open('GET', '/data/herons.json');\
         request.onload = () => { const data = JSON.parse(request.responseText); document.getElementById('app').innerHTML =\
         '<main><h1>' + data.title + '</h1>' + data.paragraphs.map(text => '<p>' + text + '</p>').join('') + '</main>'; };\
         request.send();</script>"
        ),
    ),
    html(
        "/script/external",
        "an empty root that a script of its own file fills",
        Rendered("the reed beds were cut too early"),
        shell!("<div id=\"__app\"></div><script src=\"/data/app.js\" defer></script>"),
    ),
    html(
        "/script/module",
        "an empty root that a module fills",
        Rendered("the reed beds were cut too early"),
        shell!("<div id=\"__app\"></div><script type=\"module\">import '/data/app.js';</script>"),
    ),
    html(
        "/script/noscript",
        "an empty root with a hint that scripts are needed",
        Rendered("two pairs are nesting on the old crane"),
        shell!(
            "<noscript>You need to enable JavaScript to run this app.</noscript><div id=\"root\"></div>\
         <script>document.getElementById('root').innerHTML = '<main><p>This spring ' + ['two pairs', 'are nesting', 'on the old crane'].join(' ') +\
         ', as they did before it was painted. The crane cannot be used until the young have left it.</p></main>';</script>"
        ),
    ),
    html(
        "/script/write",
        "a page that its script writes",
        Rendered("the ferry waits while they cross"),
        shell!(
            "<script>document.write('<main><h1>Herons</h1><p>By an old custom ' + 'the ferry waits ' + 'while they cross' +\
         ' the fairway, which can take a quarter of an hour in the breeding season.</p></main>');</script>"
        ),
    ),
    html(
        "/script/timers",
        "a page that a script builds half a second later, in steps",
        Rendered("the third volunteer arrived by canoe"),
        shell!(
            "<div id=\"root\"><p>Loading\u{2026}</p></div><script>const parts = ['Two volunteers came on foot, and ', 'the third volunteer ', 'arrived by canoe',\
         ', which had been left under the bridge for that purpose since the autumn.']; let text = '';\
         const step = () => { text += parts.shift(); document.getElementById('root').innerHTML = '<main><p>' + text + '</p></main>';\
         if (parts.length) setTimeout(step, 150); }; setTimeout(step, 150);</script>"
        ),
    ),
    html(
        "/script/shadow",
        "a page whose text a script puts into a shadow tree",
        Rendered("their rings could be read"),
        shell!(
            "<heron-report></heron-report><script>customElements.define('heron-report', class extends HTMLElement { connectedCallback() {\
         this.attachShadow({ mode: 'open' }).innerHTML = '<main><p>Of eleven birds ' + 'their rings ' + 'could be read' + ' with a telescope from the church tower.</p></main>'; } });</script>"
        ),
    ),
    html(
        "/script/hanging-image",
        "a page that a script builds, with an image that never comes",
        Rendered("without waiting for the photograph"),
        shell!(
            "<div id=\"root\"></div><script>document.getElementById('root').innerHTML = '<main><p>The report was printed ' + 'without waiting ' +\
         'for the photograph' + ', of which nobody had expected much anyway.</p><img src=\"/hang/photo.jpg\"></main>';</script>"
        ),
    ),
    html(
        "/script/next-data",
        "an empty root with the content as data for a script",
        Embedded("the islands were mapped on foot at low water"),
        concat!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Mapping the islands</title></head><body><div id=\"__next\"></div>",
            "<script id=\"__NEXT_DATA__\" type=\"application/json\">{\"props\":{\"pageProps\":{\"article\":{\"title\":\"Mapping the islands\",\"body\":\"<p>In the dry ",
            "August of that year the islands were mapped on foot at low water, by a class of nineteen and their teacher. They had four hours for each.</p>",
            "<p>Three islands turned out to be one, and one that stood in every chart could not be found at all.</p>\"}}},\"page\":\"/islands\",\"buildId\":\"7\"}</script>",
            "<script src=\"/data/none.js\" defer></script></body></html>"
        ),
    ),
    html(
        "/script/json-ld",
        "an empty root with the content in JSON-LD",
        Embedded("the lighthouse lamp is wound by hand"),
        concat!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>The lamp</title>",
            "<script type=\"application/ld+json\">{\"@context\":\"https://schema.org\",\"@type\":\"NewsArticle\",\"headline\":\"The lamp\",\"articleBody\":",
            "\"Until this winter the lighthouse lamp is wound by hand, every six hours, by whoever has the watch. The weight falls eleven metres in that time. ",
            "Then a motor will do it, and the keepers are not sure what to do with their nights.\"}</script></head><body><div id=\"root\"></div>",
            "<script src=\"/data/none.js\" defer></script></body></html>"
        ),
    ),
    html(
        "/script/harmless",
        "a page with scripts that do not matter to it",
        Page("The handwriting changes"),
        plain!(
            "<script>window.dataLayer = []; function track(event) { dataLayer.push(event); } track('view');</script>",
            "The handwriting changes eleven times.",
            "<script>document.addEventListener('scroll', () => track('scroll')); console.log('ready');</script>"
        ),
    ),
    html(
        "/script/noscript-pixel",
        "a page with a noscript element for counting only",
        Page("The ink is brown"),
        plain!(
            "",
            "The ink is brown, and in wet years blue.",
            "<noscript><img src=\"/data/pixel.gif\" alt=\"\"></noscript><script src=\"/data/none.js\" async></script>"
        ),
    ),
    html(
        "/script/adds-little",
        "a page to which a script adds a date",
        Page("No page is missing"),
        plain!(
            "",
            "No page is missing.",
            "<aside id=\"now\"></aside><script>document.getElementById('now').textContent = new Date().toString();</script>"
        ),
    ),
    html(
        "/script/heavy-state",
        "a page with text and half a mebibyte of state for scripts",
        Page("Some entries are in verse"),
        plain!(
            "<script src=\"/data/state.js\" defer></script>",
            "Some entries are in verse.",
            "<div id=\"root\"></div>"
        ),
    ),
    html(
        "/script/small",
        "a page of one sentence that needs no script",
        Page("The lock is closed on Mondays"),
        "<!DOCTYPE html><title>Hours</title><main><h1>Hours</h1><p>The lock is closed on Mondays, and whenever the keeper is ill.</p></main>",
    ),
    html(
        "/hanging/image",
        "a page with an image that never comes",
        Page("A drawing shows the gates"),
        plain!("", "A drawing shows the gates.", "<img src=\"/hang/drawing.png\" alt=\"\">"),
    ),
    html(
        "/hanging/script",
        "a page with a script at its end that never comes",
        Page("The keeper's cat is named"),
        plain!("", "The keeper's cat is named only once.", "<script src=\"/hang/late.js\"></script>"),
    ),
    html(
        "/hanging/style",
        "a page with a style sheet that never comes",
        Page("Tolls were paid in coal"),
        plain!(
            "<link rel=\"stylesheet\" href=\"/hang/style.css\">",
            "Tolls were paid in coal more often than in coin.",
            ""
        ),
    ),
    html(
        "/hanging/poll",
        "a page that asks for news without end",
        Page("Ice stopped all traffic"),
        plain!(
            "",
            "Ice stopped all traffic for five weeks.",
            "<script>setInterval(() => fetch('/data/herons.json'), 50); fetch('/hang/news');</script>"
        ),
    ),
    html(
        "/dialog/alert",
        "a page with three message boxes",
        Page("Two skippers fought"),
        plain!(
            "<script>alert('Welcome'); confirm('Do you like cookies?'); prompt('Your name?');</script>",
            "Two skippers fought, and one of them fell in.",
            ""
        ),
    ),
    html(
        "/dialog/beforeunload",
        "a page that does not want to be left",
        Page("The gates were renewed"),
        plain!(
            "<script>addEventListener('beforeunload', event => { event.preventDefault(); event.returnValue = 'Stay!'; });</script>",
            "The gates were renewed in oak.",
            ""
        ),
    ),
    html(
        "/dialog/popup",
        "a page that opens windows",
        Page("A swan held up six barges"),
        plain!(
            "<script>for (let number = 0; number < 20; number++) open('/article?' + number, '_blank');</script>",
            "A swan held up six barges.",
            ""
        ),
    ),
    html(
        "/dialog/print",
        "a page that wants to be printed",
        Page("The rope broke"),
        plain!(
            "<script>addEventListener('load', () => print());</script>",
            "The rope broke twice in that year.",
            ""
        ),
    ),
    html(
        "/dialog/permissions",
        "a page that asks for place, camera and notifications",
        Page("The weir was rebuilt"),
        plain!(
            "<script>navigator.geolocation.getCurrentPosition(() => {}); Notification.requestPermission(); navigator.mediaDevices?.getUserMedia({ video: true }).catch(() => {});</script>",
            "The weir was rebuilt in stone.",
            ""
        ),
    ),
    run("/download/attachment", "a page that is to be saved", Unsupported, |exchange| {
        exchange.respond(
            "200 OK",
            "Content-Type: application/zip\r\nContent-Disposition: attachment; filename=\"book.zip\"\r\n",
            b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        )
    }),
    html(
        "/download/script",
        "a page that starts a download",
        Page("The book itself is in the county archive"),
        plain!(
            "<script>addEventListener('load', () => { location.href = '/download/attachment'; });</script>",
            "The book itself is in the county archive.",
            ""
        ),
    ),
    html(
        "/stuck/loop",
        "an empty root and a script that runs forever",
        Fails(Fault::ScriptTimeout),
        shell!(
            "<div id=\"root\"></div><noscript>Please enable JavaScript.</noscript><script>for (let number = 0; ; number++) { Math.sqrt(number); }</script>"
        ),
    ),
    html(
        "/stuck/memory",
        "an empty root and a script that takes all memory",
        Fails(Fault::ScriptCrash),
        shell!(
            "<div id=\"root\"></div><noscript>Please enable JavaScript.</noscript><script>const kept = []; for (;;) { kept.push(new Array(1 << 20).fill(kept.length + 0.5)); }</script>"
        ),
    ),
];

const HERONS: &str = "{\"title\":\"Night herons\",\"paragraphs\":[\"Since the storm of last week the night herons have moved into the willows \
    behind the school, and the lessons in the upper floor begin with a count.\",\"The highest number so far was seventeen, on a \
    morning with fog. The children suspect that some birds were counted twice.\"]}";

const APP: &str = "document.getElementById('__app').innerHTML = '<main><h1>Reed</h1><p>According to the survey ' + \
    ['the reed beds', 'were cut too early', 'by a fortnight'].join(' ') + ', which cost the bitterns their cover. \
    Next year the mowers are to wait for a word from the tower.</p></main>';";

/// What the pages' scripts ask for.
pub(super) fn data(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let javascript = "Content-Type: text/javascript\r\n";
    match exchange.below("/data/") {
        "herons.json" => exchange.respond("200 OK", "Content-Type: application/json\r\n", HERONS.as_bytes()),
        "app.js" => exchange.respond("200 OK", javascript, APP.as_bytes()),
        "none.js" => exchange.respond("200 OK", javascript, b"// nothing to do"),
        "state.js" => {
            let state = format!("window.__STATE__ = \"{}\";", "tide ".repeat(100_000));
            exchange.respond("200 OK", javascript, state.as_bytes())
        }
        "pixel.gif" => exchange.respond("200 OK", "Content-Type: image/gif\r\n", super::documents::GIF),
        _ => exchange.respond("404 Not Found", "Content-Type: text/plain\r\n", b"no such file"),
    }
}
