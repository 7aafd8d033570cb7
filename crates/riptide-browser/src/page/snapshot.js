(() => {
    // A shadow tree stands in place of what it covers, and in its slots what they show. The copy is in a document
    // that loads nothing and runs nothing.
    const flat = (root) => {
        const inert = document.implementation.createHTMLDocument("");
        const top = inert.createElement("div");
        const rest = [[root, top]];
        while (rest.length > 0) {
            const [node, parent] = rest.pop();
            const copy = parent.appendChild(inert.importNode(node, node.localName === "template"));
            if (node.localName === "template") continue;
            const slotted = node.localName === "slot" ? node.assignedNodes() : [];
            const children = slotted.length > 0 ? slotted : (node.shadowRoot ?? node).childNodes;
            for (let i = children.length - 1; i >= 0; i--) rest.push([children[i], copy]);
        }
        return top.innerHTML;
    };
    const { doctype, documentElement: root } = document;
    const hasShadow = [...document.querySelectorAll("*")].some((element) => element.shadowRoot);
    const written = root ? (hasShadow ? flat(root) : root.outerHTML) : "";
    const html = (doctype ? new XMLSerializer().serializeToString(doctype) + "\n" : "") + written;
    return { url: location.href, size: html.length, html: html.length > LIMIT ? null : html };
})()
