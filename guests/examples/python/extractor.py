"""An extractor for RipTide. The class `Extraction` is the interface of the contract, wit/extractor.wit.

An instance handles one page, so nothing here needs to be thrown away.
"""

import re
from html import escape
from html.parser import HTMLParser
from urllib.parse import quote, urljoin, urlsplit

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import extraction as wit

MAX_DEPTH = 100
VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
BLOCK = frozenset(
    "address article aside blockquote dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "header hr li main nav ol p pre section table ul".split()
)
INVISIBLE = frozenset(
    "button canvas dialog iframe input math noscript object script select style svg template title".split()
)
BOILERPLATE = frozenset("aside footer form nav".split())
BOILERPLATE_CLASS = re.compile(
    r"(^|[\s_-])(ads?|advertisement|breadcrumbs?|byline|comments?|newsletter|related|share|sidebar|tags)($|[\s_-])", re.I
)
# What an open element ends at, when its end tag is left out.
ENDED_BY = {
    "p": BLOCK,
    "li": {"li"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "tr": {"tr", "tbody", "tfoot"},
    "td": {"td", "th", "tr", "tbody", "tfoot"},
    "th": {"td", "th", "tr", "tbody", "tfoot"},
}


class Extraction(exports.Extraction):
    def extract(self, html, url, mode):
        if url and not urlsplit(url).scheme:
            raise Err(wit.ExtractionError_InvalidUrl(url))
        if isinstance(mode, wit.ExtractionMode_Custom):
            raise Err(wit.ExtractionError_Failed("this extractor has no engine for CSS selectors"))
        root = parse(html)
        base = root.find(lambda node: node.tag == "base")
        resolver = Resolver(urljoin(url, base.attributes.get("href", "")) if base else url)
        document = metadata(root, url, resolver)
        if not isinstance(mode, wit.ExtractionMode_Metadata):
            fill(document, root, resolver, getattr(mode, "value", None))
        return document

    def describe(self):
        return wit.ComponentInfo("python-example", "0.1.0", "A small extractor in Python")

    def check_health(self):
        page = "<title>Ebb</title><nav>Home</nav><main><h1>Ebb</h1><p>The <b>tide</b> <a href=/t>turns</a>.</main>"
        mode = wit.ExtractionMode_Article(wit.Focus.BALANCED)
        document = self.extract(page, "https://example.org/", mode)
        found = (document.title, document.markdown, document.text)
        known = ("Ebb", "# Ebb\n\nThe **tide** [turns](https://example.org/t).\n", "Ebb\n\nThe tide turns.\n")
        if found != known:
            raise Err(f"the answer is {found} where {known} is known to be right")


# From markup to a tree.


class Node:
    """An element; its children are elements and strings."""

    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent, self.children = tag, attributes, parent, []

    def elements(self):
        """All elements inside, in the order of the page."""
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child.elements()

    def find(self, test):
        return next(filter(test, self.elements()), None)

    def find_all(self, test):
        return list(filter(test, self.elements()))

    def text(self):
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)

    def holds_blocks(self):
        return any(isinstance(child, Node) and child.is_block() for child in self.children)

    def is_block(self):
        return self.tag in BLOCK or self.holds_blocks()


class TreeBuilder(HTMLParser):
    """Builds a tree; no nesting goes deeper than MAX_DEPTH."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = self.open = Node("", {}, None)
        self.depth = 0

    def leave(self):
        self.open, self.depth = self.open.parent, self.depth - 1

    def handle_starttag(self, tag, attributes):
        while tag in ENDED_BY.get(self.open.tag, ()):
            self.leave()
        node = Node(tag, {}, self.open)
        for name, value in attributes:
            node.attributes.setdefault(name, value or "")
        self.open.children.append(node)
        if tag not in VOID and self.depth < MAX_DEPTH:
            self.open, self.depth = node, self.depth + 1

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag):
        node = self.open
        while node is not self.root and node.tag != tag:
            node = node.parent
        if node is not self.root:
            while self.open is not node.parent:
                self.leave()

    def handle_data(self, data):
        self.open.children.append(data)


def parse(html):
    builder = TreeBuilder()
    builder.feed(html)
    builder.close()
    return builder.root


# What the page says about itself.


def metadata(root, url, resolver):
    facts, open_graph, tags = {}, [], []
    for node in root.find_all(lambda node: node.tag == "meta"):
        name = (node.attributes.get("property") or node.attributes.get("name") or "").lower()
        value = fold(node.attributes.get("content", ""))
        if not name or not value:
            continue
        facts.setdefault(name, value)
        if name.startswith(("og:", "article:")):
            open_graph.append(wit.Property(name, node.attributes["content"]))
        if name == "article:tag":
            tags.append(value)
    canonical = root.find(lambda node: node.tag == "link" and node.attributes.get("rel") == "canonical")
    headings = [root.find(lambda node: node.tag == tag) for tag in ("h1", "title")]
    titles = [facts.get("og:title"), *(fold(node.text()) for node in headings if node)]
    language = root.find(lambda node: node.tag == "html")
    scripts = root.find_all(
        lambda node: node.tag == "script" and node.attributes.get("type") == "application/ld+json"
    )
    return wit.ExtractedContent(
        url=url,
        canonical_url=canonical and resolver.resolve(canonical.attributes.get("href")),
        title=next(filter(None, titles), None),
        byline=facts.get("author"),
        authors=[facts["author"]] if "author" in facts else [],
        published=facts.get("article:published_time"),
        modified=facts.get("article:modified_time"),
        site_name=facts.get("og:site_name"),
        language=language and language.attributes.get("lang"),
        description=facts.get("description") or facts.get("og:description"),
        image=resolver.resolve(facts.get("og:image")),
        page_type=wit.PageType.ARTICLE if facts.get("og:type") == "article" else wit.PageType.UNKNOWN,
        markdown="",
        text="",
        html="",
        links=[],
        media=[],
        tables=[],
        comments=[],
        entries=[],
        page_count=None,
        tags=tags or [word.strip() for word in facts.get("keywords", "").split(",") if word.strip()],
        categories=[facts["article:section"]] if "article:section" in facts else [],
        breadcrumbs=[],
        product=None,
        thread=None,
        json_ld=[script.text() for script in scripts],
        open_graph=open_graph,
        word_count=0,
        reading_time=0,
        quality_score=0,
        refresh=None,
        script_built=False,
        warnings=[],
    )


# What the page is about.


def fill(document, root, resolver, focus):
    """Writes the content into the document. Without a focus all that is visible is content."""
    body = root.find(lambda node: node.tag == "body") or root
    articles = body.find_all(lambda node: node.tag == "article")
    mains = body.find_all(lambda node: node.tag == "main" or node.attributes.get("role") == "main")
    named = max(articles or mains, key=lambda node: len(fold(node.text())), default=None)
    main = named if focus and named else body
    writer = Writer(document, resolver, focus)
    writer.blocks(main)
    blocks = writer.written
    document.markdown = ended("\n\n".join(block.markdown for block in blocks))
    document.text = ended("\n\n".join(block.text for block in blocks if block.text))
    document.html = ended("\n".join(block.html for block in blocks))
    document.word_count = len(document.text.split())
    document.reading_time = -(-document.word_count * 60 // 238)
    # Sure of itself when the page names its content and there is some length to it.
    document.quality_score = min(40 if main is body else 90, document.word_count)


class Written:
    """The same content in three forms."""

    def __init__(self, markdown="", text="", html=""):
        self.markdown, self.text, self.html = markdown, text, html

    def add(self, markdown, text, html):
        self.markdown += markdown
        self.text += text
        self.html += html


class Writer:
    def __init__(self, document, resolver, focus):
        self.document, self.resolver, self.focus, self.written = document, resolver, focus, []

    def is_left_out(self, node):
        attributes = node.attributes
        if node.tag in INVISIBLE or "hidden" in attributes or attributes.get("aria-hidden") == "true":
            return True
        if self.focus in (None, wit.Focus.RECALL):
            return False
        if node.tag in BOILERPLATE or BOILERPLATE_CLASS.search(attributes.get("class", "")):
            return True
        return self.focus == wit.Focus.PRECISION and node.tag in ("ul", "ol") and link_share(node) > 0.5

    def blocks(self, node):
        """Writes what is inside of an element: runs of inline content become paragraphs."""
        run = []
        for child in node.children:
            if isinstance(child, str) or not child.is_block():
                run.append(child)
            elif not self.is_left_out(child):
                self.block("p", run)
                run = []
                self.element(child)
        self.block("p", run)

    def element(self, node):
        tag = node.tag
        if re.fullmatch("h[1-6]", tag):
            self.block(tag, node.children, "#" * int(tag[1]) + " ")
        elif tag == "p":
            self.block(tag, node.children)
        elif tag == "pre":
            self.code(node.text().strip("\n").rstrip())
        elif tag in ("ul", "ol"):
            self.list(node)
        elif tag == "blockquote":
            self.nested(tag, "> ", "> ", node)
        elif tag == "table":
            self.table(node)
        elif tag == "hr":
            self.written.append(Written("---", "", "<hr>"))
        else:
            self.blocks(node)

    def block(self, tag, nodes, mark=""):
        run = self.inline(nodes)
        if run.markdown:
            self.written.append(Written(mark + run.markdown, run.text, f"<{tag}>{run.html}</{tag}>"))

    def code(self, text):
        fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
        if text:
            self.written.append(Written(f"{fence}\n{text}\n{fence}", text, f"<pre>{escape(text)}</pre>"))

    def inside(self, write, *arguments):
        """What a method writes, taken out of the order of blocks."""
        outer, self.written = self.written, []
        write(*arguments)
        outer, self.written = self.written, outer
        return outer

    def nested(self, tag, first, others, node):
        """Writes an element's blocks as one block, its lines marked."""
        inner = self.inside(self.blocks, node)
        if not inner:
            return
        lines = "\n\n".join(block.markdown for block in inner).split("\n")
        markdown = "\n".join((others if at else first) + line for at, line in enumerate(lines))
        text = "\n\n".join(block.text for block in inner if block.text)
        html = "".join(block.html for block in inner)
        self.written.append(Written(re.sub(" +$", "", markdown, flags=re.M), text, f"<{tag}>{html}</{tag}>"))

    def list(self, node):
        items = [item for item in node.children if isinstance(item, Node) and not self.is_left_out(item)]
        marks = [f"{number}. " if node.tag == "ol" else "- " for number in range(1, len(items) + 1)]
        pairs = zip(marks, items)
        written = [
            block for mark, item in pairs for block in self.inside(self.nested, "li", mark, " " * len(mark), item)
        ]
        if written:
            markdown, text = ("\n".join(getattr(item, form) for item in written) for form in ("markdown", "text"))
            html = "".join(item.html for item in written)
            self.written.append(Written(markdown, text, f"<{node.tag}>{html}</{node.tag}>"))

    def table(self, node):
        rows = node.find_all(lambda row: row.tag == "tr")
        rows = [[cell for cell in row.children if isinstance(cell, Node)] for row in rows]
        rows = [row for row in rows if row]
        # A table with other blocks in its cells is there for the layout.
        if not rows or any(cell.holds_blocks() for row in rows for cell in row):
            return self.blocks(node)
        has_header = all(cell.tag == "th" for cell in rows[0])
        cells = [[self.inline(cell.children) for cell in row] for row in rows]
        caption = node.find(lambda child: child.tag == "caption")
        texts = [[cell.text for cell in row] for row in cells]
        header, others = (texts[0], texts[1:]) if has_header else ([], texts)
        self.document.tables.append(wit.Table(fold(caption.text()) if caption else "", header, others))
        lines = [[cell.markdown.replace("|", "\\|") for cell in row] for row in cells]
        head, others = (lines[0], lines[1:]) if has_header else ([""] * len(lines[0]), lines)
        markdown = "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *others])
        text = "\n".join("\t".join(row) for row in texts)
        html = "".join("<tr>" + "".join(f"<td>{cell.html}</td>" for cell in row) + "</tr>" for row in cells)
        self.written.append(Written(markdown, text, f"<table>{html}</table>"))

    def inline(self, nodes):
        """A run of inline content, its white space folded."""
        run = Written()
        for node in nodes:
            self.inline_node(node, run)
        return Written(fold(run.markdown), fold(run.text), fold(run.html))

    def inline_node(self, node, run):
        if isinstance(node, str):
            return run.add(escape_markdown(node), node, escape(node))
        if self.is_left_out(node):
            return
        if node.tag == "img":
            return self.image(node, run)
        if node.tag == "br":
            return run.add(" ", " ", "<br>")
        inner, text = self.inline(node.children), node.text()
        # White space at the edge of an element stays outside of its marks.
        before, after = " " * text[:1].isspace(), " " * text[-1:].isspace()
        markdown, html = inner.markdown, inner.html
        url = self.resolver.resolve(node.attributes.get("href")) if node.tag == "a" else None
        if not markdown:
            return run.add(before, before, before)
        if url:
            self.document.links.append(wit.Link(url, inner.text, fold(node.attributes.get("rel", ""))))
            markdown, html = f"[{markdown}]({target(url)})", f'<a href="{escape(url)}">{html}</a>'
        elif node.tag in ("b", "strong"):
            markdown, html = f"**{markdown}**", f"<strong>{html}</strong>"
        elif node.tag in ("i", "em"):
            markdown, html = f"*{markdown}*", f"<em>{html}</em>"
        elif node.tag == "code":
            markdown, html = f"`{inner.text.replace('`', chr(39))}`", f"<code>{html}</code>"
        run.add(before + markdown + after, before + inner.text + after, before + html + after)

    def image(self, node, run):
        url, alt = self.resolver.resolve(node.attributes.get("src")), fold(node.attributes.get("alt", ""))
        if url:
            self.document.media.append(wit.MediaItem(url, wit.MediaKind.IMAGE, alt))
            run.add(f"![{escape_markdown(alt)}]({target(url)})", "", f'<img src="{escape(url)}" alt="{escape(alt)}">')


# Smaller things.


class Resolver:
    def __init__(self, base):
        self.base = base

    def resolve(self, reference):
        """The absolute URL that a reference means; None when there is none, or nothing to link to."""
        if reference is None or reference.strip().startswith("#"):
            return None
        try:
            url = urljoin(self.base, reference.strip())
            return url if urlsplit(url).scheme in ("http", "https", "mailto") else None
        except ValueError:
            return None


def link_share(node):
    in_links = "".join(link.text() for link in node.find_all(lambda child: child.tag == "a"))
    return len(fold(in_links)) / max(1, len(fold(node.text())))


def fold(text):
    return " ".join(text.split())


def ended(text):
    return text and text + "\n"


def target(url):
    return quote(url, safe="!#$%&'*+,-./:;=?@[]_~")


def escape_markdown(text):
    return re.sub(r"[\\`*_\[\]<]", r"\\\g<0>", text)
