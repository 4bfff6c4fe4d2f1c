"""Link the first use of each term of the glossary, on every page, to its entry; and back.

Writers write plain words. A term is linked once a page, where running text first uses it: not in
headings, code, mathematics, links, or the list that opens a chapter. On the page of the glossary
each entry leads to the chapter that uses it first, and a row of letters to the entries.
"""

import re

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.util.nodes import make_refnode

from recsys_lab_book.chapter_map import MAP

NOT_IN = (nodes.title, nodes.literal, nodes.literal_block, nodes.math, nodes.reference, nodes.raw)
NOT_IN += (nodes.math_block, pending_xref)
TITLES = [(name, title) for _, chapters in MAP for name, title, _ in chapters]


def setup(app):
    app.connect("doctree-resolved", link_terms)


def link_terms(app, doctree, docname):
    """Wrap the first use of each term in a reference to the glossary."""
    terms = terms_of(app.env)
    if docname in {home for home, _ in terms.values()}:
        add_letters(doctree)
        add_first_uses(app, doctree, docname, terms)
    elif terms and "teaching/" not in docname:
        for text, hits in first_uses(doctree, terms):
            wrap(app, docname, text, hits, terms)


def terms_of(env):
    """Each term with the document and the anchor of its entry."""
    return {
        name: place
        for (kind, name), place in env.domaindata["std"]["objects"].items()
        if kind == "term"
    }


def first_uses(doctree, terms):
    """The text nodes that use a term for the first time, and where: ``(start, end, term)``."""
    left = set(terms)
    for text in list(running_text(doctree)):
        hits = find(text.astext(), left) if left else []
        left -= {name for *_, name in hits}
        if hits:
            yield text, hits


def add_letters(doctree):
    """A row of letters over the entries, each leading to its first one."""
    for glossary in doctree.findall(nodes.definition_list):
        row = nodes.paragraph(classes=["glossary-letters"])
        seen = set()
        for term in glossary.findall(nodes.term):
            letter = term.astext()[0].upper()
            if letter not in seen and term["ids"]:
                row += nodes.reference("", letter, refid=term["ids"][0], internal=True)
                seen.add(letter)
        glossary.parent.parent.insert(glossary.parent.parent.index(glossary.parent), row)
        return


def add_first_uses(app, doctree, docname, terms):
    """After each entry, the chapter that uses its term first, in the order of the journey."""
    folder = docname.rpartition("/")[0]
    where = {}
    for name, title in TITLES:
        chapter = f"{folder}/{name}"
        if chapter in app.env.found_docs:
            for _, hits in first_uses(app.env.get_doctree(chapter), terms):
                for *_, term in hits:
                    where.setdefault(terms[term][1], (chapter, title))
    for entry in doctree.findall(nodes.definition_list_item):
        ids = [id for term in entry.findall(nodes.term) for id in term["ids"] if id in where]
        last = list(entry.findall(nodes.paragraph))[-1:]
        if ids and last:
            chapter, title = where[ids[0]]
            words = nodes.Text(f"→ {title}")
            link = make_refnode(app.builder, docname, chapter, f"use-{ids[0]}", words)
            link["classes"].append("first-use")
            last[0] += [nodes.Text(" "), link]


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


def find(words, names):
    """Where a text uses some of these terms: ``(start, end, term)``, none within another."""
    hits = []
    for name in sorted(names, key=len, reverse=True):  # "false negative" before "negative"
        case = 0 if name.isupper() else re.IGNORECASE  # a map is no MAP
        found = re.search(rf"(?<![\w-]){re.escape(name)}(?:s|es)?(?![\w-])", words, case)
        if found and not any(found.start() < b and a < found.end() for a, b, _ in hits):
            hits.append((*found.span(), name))
    return sorted(hits)


def wrap(app, docname, text, hits, terms):
    """Replace one text node by text and references to the entries."""
    words, pieces, at = text.astext(), [], 0
    for start, end, name in hits:
        home, anchor = terms[name]
        link = make_refnode(app.builder, docname, home, anchor, nodes.Text(words[start:end]))
        link["classes"].append("term")
        link["ids"].append(f"use-{anchor}")  # here the entry leads back to
        pieces += [nodes.Text(words[at:start]), link]
        at = end
    pieces.append(nodes.Text(words[at:]))
    text.parent.replace(text, [piece for piece in pieces if piece.astext()])
