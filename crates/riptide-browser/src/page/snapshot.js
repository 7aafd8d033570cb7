(() => {
    const doctype = document.doctype;
    const root = document.documentElement;
    const html = (doctype ? new XMLSerializer().serializeToString(doctype) + "\n" : "") + (root ? root.outerHTML : "");
    return { url: location.href, size: html.length, html: html.length > LIMIT ? null : html };
})()
