"""Changes to the markup of a page that a reader would not notice: what an extractor must be robust against."""

import random
import re

TAG = re.compile(
    r"<!--.*?-->|<(?:script|style|textarea)\b.*?</(?:script|style|textarea)\s*>"
    r"""|<(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*)(?P<rest>(?:=\s*(?:"[^"]*"|'[^']*')|[^>])*+)>""",
    re.DOTALL | re.IGNORECASE,
)
ATTRIBUTE = re.compile(r"""[^\s=/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"']+))?""")
SELF_CLOSING = re.compile(r"""["'\s]/\s*$""")
LANDMARKS = {"header", "footer", "nav", "aside", "main", "article", "section"}
# HTML lets these be left open (HTML Standard 13.1.2.4).
OPTIONAL_END = {"p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot", "option", "optgroup", "body", "html"}


def map_tags(html, change):
    """Replaces every tag by what `change(end, name, rest)` makes of it; None leaves it as it is."""

    def replace(match):
        if match["name"] is None:
            return match[0]
        changed = change(match["end"], match["name"], match["rest"])
        return match[0] if changed is None else changed

    return TAG.sub(replace, html)


def map_attributes(html, change):
    """Replaces the list of attributes of every tag."""

    def tag(end, name, rest):
        # Of attributes with one name the first counts.
        attributes = list({name_of(one): one for one in reversed(ATTRIBUTE.findall(rest))}.values())[::-1]
        if end or not attributes:
            return None
        # Elements of SVG that close themselves would hold the rest of the page otherwise.
        slash = " /" if SELF_CLOSING.search(rest) else ""
        return f"<{name} {' '.join(change(attributes))}{slash}>"

    return map_tags(html, tag)


def name_of(attribute):
    return attribute.split("=")[0].strip().lower()


def unclosed_tags(html, _):
    return map_tags(html, lambda end, name, rest: "" if end and name.lower() in OPTIONAL_END else None)


def no_classes(html, _):
    return map_attributes(html, lambda all: [one for one in all if name_of(one) not in ("class", "id")])


def renamed_ids(html, chance):
    def rename(attributes):
        return [f'id="x{chance.randrange(10**6)}"' if name_of(one) == "id" else one for one in attributes]

    return map_attributes(html, rename)


def shuffled_attributes(html, chance):
    return map_attributes(html, lambda all: chance.sample(all, len(all)))


def collapsed_white_space(html, _):
    return re.sub(r"\s+", " ", html)


def landmarks_as_div(html, _):
    return map_tags(html, lambda end, name, rest: f"<{end}div{rest}>" if name.lower() in LANDMARKS else None)


def added_comments(html, chance):
    note = lambda end, name, rest: f"<{end}{name}{rest}>" + ("<!-- note -->" if chance.random() < 0.2 else "")
    return map_tags(html, note)


def no_head(html, _):
    return re.sub(r"<head\b.*?</head\s*>", "", html, count=1, flags=re.DOTALL | re.IGNORECASE)


CORRUPTIONS = {
    change.__name__.replace("_", "-"): change
    for change in (
        unclosed_tags,
        no_classes,
        renamed_ids,
        shuffled_attributes,
        collapsed_white_space,
        landmarks_as_div,
        added_comments,
        no_head,
    )
}


def corrupt(html, name, seed):
    return CORRUPTIONS[name](html, random.Random(seed))
