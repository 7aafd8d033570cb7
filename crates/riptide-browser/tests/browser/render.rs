//! What comes out of a page.

use crate::setting::Setting;

#[tokio::test]
async fn a_page_that_a_script_builds_is_written_down_as_it_is_then() {
    let Some(setting) = Setting::start().await else { return };
    setting.site.html(
        "/app",
        "<!doctype html><title>App</title><div id=root></div><script>
            setTimeout(() => { root.innerHTML = '<h1>Harbour news</h1>'; }, 100);
        </script>",
    );
    let page = setting.pool.render(setting.request("/app")).await.unwrap();
    assert!(page.html.starts_with("<!DOCTYPE html>\n<html>"), "{}", page.html);
    assert!(page.html.contains("<div id=\"root\"><h1>Harbour news</h1></div>"), "{}", page.html);
    assert_eq!((page.status, page.url.path()), (200, "/app"));
    assert_eq!((page.redirects, page.refused, page.warnings), (vec![], vec![], vec![]));
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert!(page.transferred > 100);
    setting.end().await;
}
