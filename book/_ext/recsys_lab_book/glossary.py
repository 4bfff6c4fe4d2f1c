"""Link the first use of each term of the glossary, on every page, to its entry.

Writers write plain words. A term is linked once a page, where running text first uses it: not in
headings, code, mathematics, links, or the list that opens a chapter.
"""

import re

from docutils import nodes
from sphinx.util.nodes import make_refnode

NOT_IN = (nodes.title, nodes.literal, nodes.literal_block, nodes.math, nodes.reference, nodes.raw)


def setup(app):
    app.connect("doctree-resolved", link_terms)


def link_terms(app, doctree, docname):
    """Wrap the first use of each term in a reference to the glossary."""
    terms = {
        name: place
        for (kind, name), place in app.env.domaindata["std"]["objects"].items()
        if kind == "term"
    }
    if not terms or docname in {home for home, _ in terms.values()} or "teaching/" in docname:
        return
    left = dict(terms)
    for text in list(running_text(doctree)):
        if left:
            wrap(app, docname, text, left)


def running_text(doctree):
    """The text nodes in which a term may be linked, in reading order."""
    opening = next(iter(doctree.findall(nodes.bullet_list)), None)
    for text in doctree.findall(nodes.Text):
        parents = list(ancestors(text))
        if opening in parents or any(isinstance(parent, NOT_IN) for parent in parents):
            continue
        if any(isinstance(parent, nodes.TextElement) for parent in parents):
            yield text


def ancestors(node):
    while node.parent is not None:
        node = node.parent
        yield node


def wrap(app, docname, text, left):
    """Replace one text node by text and references; terms that were linked leave ``left``."""
    words = text.astext()
    hits = []
    for name in sorted(left, key=len, reverse=True):  # "false negative" before "negative"
        case = 0 if name.isupper() else re.IGNORECASE  # a map is no MAP
        found = re.search(rf"(?<![\w-]){re.escape(name)}(?:s|es)?(?![\w-])", words, case)
        if found and not any(found.start() < b and a < found.end() for a, b, _ in hits):
            hits.append((*found.span(), name))
    if not hits:
        return
    pieces, at = [], 0
    for start, end, name in sorted(hits):
        home, anchor = left.pop(name)
        link = make_refnode(app.builder, docname, home, anchor, nodes.Text(words[start:end]))
        link["classes"].append("term")
        pieces += [nodes.Text(words[at:start]), link]
        at = end
    pieces.append(nodes.Text(words[at:]))
    text.parent.replace(text, [piece for piece in pieces if piece.astext()])
