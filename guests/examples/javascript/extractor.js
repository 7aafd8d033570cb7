// An extractor for RipTide. The functions that `extraction` holds are the interface of the contract, wit/extractor.wit.
// An instance handles one page, so nothing here needs to be thrown away.

const MAX_DEPTH = 128;
const VOID = words('area base br col embed hr img input link meta param source track wbr');
const RAW = words('script style textarea title');
const BLOCK = words(
  'address article aside blockquote dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 ' +
    'header hr li main nav ol p pre section table ul',
);
const INVISIBLE = words('button canvas dialog iframe input math noscript object script select style svg template title');
const BOILERPLATE = words('aside footer form nav');
const BOILERPLATE_CLASS = /(^|[\s_-])(ad|ads|advertisement|breadcrumbs?|byline|comments?|newsletter|related|share|sidebar|tags)($|[\s_-])/i;
/** What an open element ends at, when its end tag is left out. */
const ENDED_BY = { p: BLOCK, li: words('li'), dt: words('dt dd'), dd: words('dt dd'), tr: words('tr tbody tfoot'), td: words('td th tr tbody tfoot'), th: words('td th tr tbody tfoot') };
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', copy: '©', reg: '®', hellip: '…', mdash: '—', ndash: '–', lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”', laquo: '«', raquo: '»', rsaquo: '›', times: '×', middot: '·', eacute: 'é', euro: '€' };

export const extraction = {
  extract(html, url, mode) {
    try {
      return documentOf(html, url, mode);
    } catch (error) {
      // Only a value of the contract's type can cross: what else is thrown ends the instance without a word.
      throw error.tag ? error : { tag: 'failed', val: String(error) };
    }
  },

  describe() {
    return { name: 'javascript-example', version: '0.1.0', description: 'A small extractor in JavaScript' };
  },

  checkHealth() {
    const page = '<title>Ebb - Site</title><nav>Home</nav><main><h1>Ebb</h1><p>The <b>tide</b> <a href=/t>turns</a>.</main>';
    const { title, markdown, text } = extraction.extract(page, 'https://example.org/', { tag: 'article', val: 'balanced' });
    const found = JSON.stringify([title, markdown, text]);
    const known = JSON.stringify(['Ebb', '# Ebb\n\nThe **tide** [turns](https://example.org/t).\n', 'Ebb\n\nThe tide turns.\n']);
    if (found !== known) throw `the answer is ${found} where ${known} is known to be right`;
  },
};

function documentOf(html, url, mode) {
  if (url !== '' && !absolute(url)) throw { tag: 'invalid-url', val: url };
  if (mode.tag === 'custom') throw { tag: 'failed', val: 'this extractor has no engine for CSS selectors' };
  const root = parse(html);
  const base = resolver(url, find(root, (node) => node.tag === 'base')?.attributes.href);
  const document = { ...metadata(root, base), url };
  if (mode.tag !== 'metadata') Object.assign(document, content(root, base, mode));
  return document;
}

// From markup to a tree.

/** A tree of `{ tag, attributes, children, parent }` and strings. No nesting goes deeper than MAX_DEPTH. */
function parse(html) {
  const root = { tag: '', attributes: {}, children: [], parent: null };
  let open = root;
  let depth = 0;
  const tags = /<!--[^]*?(?:-->|$)|<[!?][^>]*>|<(\/?)([a-z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
  let end = 0;
  for (let match; (match = tags.exec(html)); end = tags.lastIndex) {
    if (match.index > end) open.children.push(decode(html.slice(end, match.index)));
    const [, slash, name, attributes] = match;
    const tag = name?.toLowerCase();
    if (slash) {
      let closed = open;
      while (closed !== root && closed.tag !== tag) closed = closed.parent;
      if (closed !== root) while (open !== closed.parent) (open = open.parent), depth--;
    } else if (tag) {
      while (ENDED_BY[open.tag]?.has(tag)) (open = open.parent), depth--;
      const node = { tag, attributes: parseAttributes(attributes), children: [], parent: open };
      open.children.push(node);
      if (RAW.has(tag)) {
        const close = new RegExp(`</${tag}`, 'gi');
        close.lastIndex = tags.lastIndex;
        const until = close.exec(html)?.index ?? html.length;
        node.children.push(tag === 'title' ? decode(html.slice(tags.lastIndex, until)) : html.slice(tags.lastIndex, until));
        tags.lastIndex = until;
      } else if (!VOID.has(tag) && depth < MAX_DEPTH) {
        open = node;
        depth++;
      }
    }
  }
  if (end < html.length) open.children.push(decode(html.slice(end)));
  return root;
}

function parseAttributes(text) {
  const attributes = {};
  for (const [, name, double, single, bare] of text.matchAll(/([^\s"'=/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+)))?/g)) {
    attributes[name.toLowerCase()] ??= decode(double ?? single ?? bare ?? '');
  }
  return attributes;
}

function decode(text) {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));?/gi, (whole, decimal, hex, name) => {
    if (name) return ENTITIES[name] ?? whole;
    const code = decimal ? Number(decimal) : parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : '\ufffd';
  });
}

// What the page says about itself.

function metadata(root, base) {
  const facts = {};
  const openGraph = [];
  const tags = [];
  for (const { attributes } of findAll(root, (node) => node.tag === 'meta')) {
    const name = (attributes.property ?? attributes.name ?? '').toLowerCase();
    const value = fold(attributes.content ?? '');
    if (!name || !value) continue;
    facts[name] ??= value;
    if (/^(og|article):/.test(name)) openGraph.push({ name, content: attributes.content });
    if (name === 'article:tag') tags.push(value);
  }
  const link = (rel) => base(find(root, (node) => node.tag === 'link' && node.attributes.rel === rel)?.attributes.href);
  const heading = find(root, (node) => node.tag === 'h1');
  const title = find(root, (node) => node.tag === 'title');
  return {
    canonicalUrl: link('canonical'),
    title: facts['og:title'] ?? (heading && fold(textOf(heading))) ?? (title && fold(textOf(title))),
    byline: facts.author,
    authors: facts.author ? [facts.author] : [],
    published: facts['article:published_time'],
    modified: facts['article:modified_time'],
    siteName: facts['og:site_name'],
    language: find(root, (node) => node.tag === 'html')?.attributes.lang,
    description: facts.description ?? facts['og:description'],
    image: base(facts['og:image']),
    pageType: facts['og:type'] === 'article' ? 'article' : 'unknown',
    markdown: '',
    text: '',
    html: '',
    links: [],
    media: [],
    tables: [],
    comments: [],
    entries: [],
    pageCount: undefined,
    tags: tags.length > 0 ? tags : (facts.keywords?.split(/\s*,\s*/) ?? []),
    categories: facts['article:section'] ? [facts['article:section']] : [],
    breadcrumbs: [],
    jsonLd: findAll(root, (node) => node.tag === 'script' && node.attributes.type === 'application/ld+json').map(textOf),
    openGraph,
    wordCount: 0,
    readingTime: 0,
    qualityScore: 0,
    refresh: undefined,
    scriptBuilt: false,
    warnings: [],
  };
}

// What the page is about.

function content(root, base, mode) {
  const focus = mode.tag === 'full' ? 'full' : mode.val;
  const body = find(root, (node) => node.tag === 'body') ?? root;
  const named = (test) => longest(findAll(body, test));
  const main =
    focus === 'full'
      ? body
      : (named((node) => node.tag === 'article') ??
        named((node) => node.tag === 'main' || node.attributes.role === 'main') ??
        body);
  const writer = new Writer(base, focus);
  writer.blocks(main);
  const text = writer.written.map((block) => block.text).filter(Boolean).join('\n\n');
  const wordCount = text.split(/\s+/).filter(Boolean).length;
  return {
    markdown: ended(writer.written.map((block) => block.markdown).join('\n\n')),
    text: ended(text),
    html: ended(writer.written.map((block) => block.html).join('\n')),
    links: writer.links,
    media: writer.media,
    tables: writer.tables,
    wordCount,
    readingTime: Math.ceil((wordCount * 60) / 238),
    // Sure of itself when the page names its content and there is some length to it.
    qualityScore: Math.min(main === body ? 40 : 90, wordCount),
  };
}

class Writer {
  written = [];
  links = [];
  media = [];
  tables = [];

  constructor(base, focus) {
    this.base = base;
    this.focus = focus;
  }

  isLeftOut(node) {
    const { tag, attributes } = node;
    if (INVISIBLE.has(tag) || 'hidden' in attributes || attributes['aria-hidden'] === 'true') return true;
    if (this.focus === 'full' || this.focus === 'recall') return false;
    if (BOILERPLATE.has(tag) || BOILERPLATE_CLASS.test(attributes.class ?? '')) return true;
    return this.focus === 'precision' && (tag === 'ul' || tag === 'ol') && linkShare(node) > 0.5;
  }

  /** Writes what is inside of an element: runs of inline content become paragraphs. */
  blocks(node) {
    let run = [];
    const flush = () => {
      this.block('p', this.inline(run));
      run = [];
    };
    for (const child of node.children) {
      if (!isBlock(child)) run.push(child);
      else if (!this.isLeftOut(child)) {
        flush();
        this.element(child);
      }
    }
    flush();
  }

  element(node) {
    const { tag } = node;
    if (/^h[1-6]$/.test(tag)) this.block(tag, this.inline(node.children), '#'.repeat(Number(tag[1])) + ' ');
    else if (tag === 'p') this.block(tag, this.inline(node.children));
    else if (tag === 'pre') this.code(textOf(node).replace(/^\n|\s+$/g, ''));
    else if (tag === 'ul' || tag === 'ol') this.list(node);
    else if (tag === 'blockquote') this.nested('blockquote', '> ', '> ', node);
    else if (tag === 'table') this.table(node);
    else if (tag === 'hr') this.written.push({ markdown: '---', text: '', html: '<hr>' });
    else this.blocks(node);
  }

  block(tag, { markdown, text, html }, mark = '') {
    if (markdown) this.written.push({ markdown: mark + markdown, text, html: `<${tag}>${html}</${tag}>` });
  }

  code(text) {
    const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
    if (text) this.written.push({ markdown: `${fence}\n${text}\n${fence}`, text, html: `<pre>${escapeHtml(text)}</pre>` });
  }

  /** Writes an element's blocks as one block, its lines marked. */
  nested(tag, first, others, node) {
    const outer = this.written;
    this.written = [];
    this.blocks(node);
    const inner = this.written;
    this.written = outer;
    if (inner.length === 0) return;
    const lines = inner.map((block) => block.markdown).join('\n\n').split('\n');
    const markdown = lines.map((line, index) => ((index === 0 ? first : others) + line).trimEnd()).join('\n');
    const html = inner.map((block) => block.html).join('');
    this.written.push({ markdown, text: inner.map((block) => block.text).filter(Boolean).join('\n\n'), html: `<${tag}>${html}</${tag}>` });
  }

  list(node) {
    const outer = this.written;
    this.written = [];
    let number = 1;
    for (const item of node.children) {
      if (typeof item === 'string' || this.isLeftOut(item)) continue;
      const mark = node.tag === 'ol' ? `${number++}. ` : '- ';
      this.nested('li', mark, ' '.repeat(mark.length), item);
    }
    const items = this.written;
    this.written = outer;
    if (items.length === 0) return;
    const joined = (part, between) => items.map((item) => item[part]).join(between);
    this.written.push({ markdown: joined('markdown', '\n'), text: joined('text', '\n'), html: `<${node.tag}>${joined('html', '')}</${node.tag}>` });
  }

  table(node) {
    const isCell = (cell) => cell.tag === 'td' || cell.tag === 'th';
    const rows = findAll(node, (row) => row.tag === 'tr').map((row) => row.children.filter(isCell));
    const filled = rows.filter((row) => row.length > 0);
    // A table with other blocks in its cells is there for the layout.
    if (filled.length === 0 || filled.some((row) => row.some((cell) => cell.children.some(isBlock)))) return this.blocks(node);
    const caption = find(node, (child) => child.tag === 'caption');
    const cells = filled.map((row) => row.map((cell) => this.inline(cell.children)));
    const texts = cells.map((row) => row.map((cell) => cell.text));
    const hasHeader = filled[0].every((cell) => cell.tag === 'th');
    this.tables.push({ caption: caption ? fold(textOf(caption)) : '', header: hasHeader ? texts[0] : [], rows: hasHeader ? texts.slice(1) : texts });
    const line = (row) => `| ${row.map((cell) => cell.markdown.replaceAll('|', '\\|')).join(' | ')} |`;
    const head = hasHeader ? cells[0] : cells[0].map(() => ({ markdown: '' }));
    const markdown = [line(head), `|${' --- |'.repeat(head.length)}`, ...cells.slice(hasHeader ? 1 : 0).map(line)].join('\n');
    const html = cells.map((row) => `<tr>${row.map((cell) => `<td>${cell.html}</td>`).join('')}</tr>`).join('');
    this.written.push({ markdown, text: texts.map((row) => row.join('\t')).join('\n'), html: `<table>${html}</table>` });
  }

  /** A run of inline content, its white space folded. */
  inline(nodes) {
    const run = { markdown: '', text: '', html: '' };
    for (const node of nodes) this.inlineNode(node, run);
    return { markdown: fold(run.markdown), text: fold(run.text), html: fold(run.html) };
  }

  inlineNode(node, run) {
    const add = (markdown, text, html) => ((run.markdown += markdown), (run.text += text), (run.html += html));
    if (typeof node === 'string') return add(escapeMarkdown(node), node, escapeHtml(node));
    if (this.isLeftOut(node)) return;
    if (node.tag === 'img') {
      const [url, alt] = [this.base(node.attributes.src), fold(node.attributes.alt ?? '')];
      if (!url) return;
      this.media.push({ url, kind: 'image', alt });
      return add(`![${escapeMarkdown(alt)}](${target(url)})`, '', `<img src="${escapeHtml(url)}" alt="${escapeHtml(alt)}">`);
    }
    if (node.tag === 'br') return add(' ', ' ', '<br>');
    const inner = this.inline(node.children);
    // White space at the edge of an element stays outside of its marks.
    const [before, after] = [/^\s/.test(textOf(node)) ? ' ' : '', /\s$/.test(textOf(node)) ? ' ' : ''];
    const around = (mark, open, close) => add(before + mark + inner.markdown + mark + after, before + inner.text + after, before + open + inner.html + close + after);
    const url = node.tag === 'a' ? this.base(node.attributes.href) : undefined;
    if (!inner.markdown) return add(before, before, before);
    if (url) {
      this.links.push({ url, text: inner.text, rel: fold(node.attributes.rel ?? '') });
      return add(`${before}[${inner.markdown}](${target(url)})${after}`, before + inner.text + after, `${before}<a href="${escapeHtml(url)}">${inner.html}</a>${after}`);
    }
    if (node.tag === 'b' || node.tag === 'strong') return around('**', '<strong>', '</strong>');
    if (node.tag === 'i' || node.tag === 'em') return around('*', '<em>', '</em>');
    if (node.tag === 'code') return add(`${before}\`${inner.text.replaceAll('`', "'")}\`${after}`, before + inner.text + after, `${before}<code>${inner.html}</code>${after}`);
    return around('', '', '');
  }
}

// Smaller things.

function words(text) {
  return new Set(text.split(' '));
}

function isBlock(node) {
  return typeof node !== 'string' && (BLOCK.has(node.tag) || node.children.some(isBlock));
}

function findAll(node, test, found = []) {
  for (const child of node.children) {
    if (typeof child === 'string') continue;
    if (test(child)) found.push(child);
    findAll(child, test, found);
  }
  return found;
}

function find(node, test) {
  for (const child of node.children) {
    if (typeof child === 'string') continue;
    const found = test(child) ? child : find(child, test);
    if (found) return found;
  }
}

function textOf(node) {
  return typeof node === 'string' ? node : node.children.map(textOf).join('');
}

function longest(nodes) {
  const lengths = nodes.map((node) => fold(textOf(node)).length);
  return nodes[lengths.indexOf(Math.max(...lengths))];
}

function linkShare(node) {
  const inLinks = findAll(node, (child) => child.tag === 'a').map(textOf).join('');
  return fold(inLinks).length / Math.max(1, fold(textOf(node)).length);
}

/** A function that makes references absolute; `undefined` where that is impossible, or nothing to link to. */
function resolver(url, base) {
  const root = absolute(base, url) ?? url;
  return (reference) => {
    const found = reference?.trim().startsWith('#') ? undefined : absolute(reference, root);
    return /^(https?|mailto):/.test(found) ? found : undefined;
  };
}

function absolute(reference, base) {
  if (reference === undefined) return undefined;
  try {
    return new URL(reference, base || undefined).href;
  } catch {
    return undefined;
  }
}

function fold(text) {
  return text.replace(/\s+/g, ' ').trim();
}

function ended(text) {
  return text && `${text}\n`;
}

function target(url) {
  return url.replace(/[()<>\s\\]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function escapeMarkdown(text) {
  return text.replace(/[\\`*_[\]<]/g, '\\$&');
}

function escapeHtml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
