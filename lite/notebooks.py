"""The chapters as notebooks that any Jupyter can show: MyST's own marks become plain Markdown.

    python lite/notebooks.py FOLDER      # writes them all, and what Binder needs, into FOLDER

Citations become words and a list of sources, equations get their numbers, boxes become quotations,
terms and labels lose their marks. Code that the book hides is folded; it is there to be opened.
Two kinds are made: for the lab in the browser, where some packages cannot be had (cells that need
them say so and do not stop the others), and for everywhere else, with a first cell that installs
what is missing.
"""

import ast
import json
import re
import symtable
import sys
from pathlib import Path

import nbformat
from pybtex.backends.markdown import Backend
from pybtex.database import parse_file
from pybtex.richtext import Text
from pybtex.style.formatting.plain import Style

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))
from lite.absent import ABSENT  # noqa: E402

BOOK = ROOT / "book"
REPOSITORY = re.search(r"url: (https://\S+)", (ROOT / "_config.yml").read_text())[1]
HERE = """\
> **Everything here runs, in your own browser.** Click into a cell and press Shift+Enter; the double
> arrow above runs them all. Python starts with the first cell, which takes some ten seconds, once.
> A folded cell (three dots) holds a figure: run it, and the figure moves. Nothing leaves your
> machine; what you change is kept in this browser.
"""
UPLOAD = """\
> **This page needs real ratings**, whose licence does not let us bring them along. Fetch
> `ml-latest-small.zip` (1 MB) from [GroupLens](https://grouplens.org/datasets/movielens/latest/),
> choose *View → Open JupyterLab* in the menu, drop the file into the list of files on the left,
> come back here and run the next cell.
"""
UNPACK = """\
import os
import zipfile

with zipfile.ZipFile("ml-latest-small.zip") as ratings:
    ratings.extractall("/tmp")
os.environ["RECSYS_LAB_DATA"] = "/tmp\""""
INSTALL = f"""\
# Installs the book's package where it is missing, on Colab for instance. Once is enough.
try:
    import recsys_lab
except ModuleNotFoundError:
    %pip install -q "recsys-lab[book] @ git+{REPOSITORY}"
"""
# What Binder reads. JupyterLab is there already.
REQUIREMENTS = f"recsys-lab[book] @ git+{REPOSITORY}\nscipy\nscikit-learn\n"


class Book:
    """What the notebooks know of each other: labels, equations, sources."""

    def __init__(self, folder=BOOK):
        self.sources = parse_file(str(folder / "references.bib"))
        self.bibliography = {
            entry.key: entry
            for entry in Style().format_entries(
                sorted(self.sources.entries.values(), key=lambda entry: _sort(entry))
            )
        }
        self.notebooks = {}
        for path in sorted(folder.glob("*.ipynb")):
            try:
                self.notebooks[path.stem] = nbformat.read(path, as_version=4)
            except ValueError as reason:  # half written, perhaps; the book's build tells too
                print(f"{path.name} cannot be read: {reason}"[:200], file=sys.stderr)
        self.labels, self.equations = {}, {}
        for name, notebook in self.notebooks.items():
            text = "\n\n".join(
                cell.source for cell in notebook.cells if cell.cell_type == "markdown"
            )
            for label in re.findall(r"^\(([\w-]+)\)=\s*$", text, re.MULTILINE):
                self.labels[label] = name
            for number, label in enumerate(re.findall(r"\$\$ *\(([\w-]+)\)", text), 1):
                self.equations[label] = number

    def notebook(self, name, lab):
        """One chapter, for the lab or for elsewhere, as a string."""
        source = self.notebooks[name]
        ours = source.metadata.get("recsys_lab", {})
        cited, cells = [], []
        needs = needed(source) if lab else {}
        for at, cell in enumerate(source.cells):
            tags = cell.metadata.get("tags", [])
            if "remove-cell" in tags:
                continue
            new = {"cell_type": cell.cell_type, "id": cell.id, "metadata": {}}
            if cell.cell_type == "markdown":
                cells.append(new | {"source": plain(cell.source, self, name, cited)})
                continue
            if cell.cell_type != "code":
                continue
            text = cell.source
            if {"remove-input", "hide-input"} & set(tags):
                new["metadata"]["jupyter"] = {"source_hidden": True}
            if at in needs:
                module, follows = needs[at]
                if follows:
                    text = f"import {module}  # goes on from a cell that needs it\n\n{text}"
            cells.append(new | {"source": text, "execution_count": None, "outputs": cell.outputs})
        extra = []
        if lab:
            extra += [_markdown("here", HERE)]
            if ours.get("needs") == "movielens":
                extra += [_markdown("upload", UPLOAD), _code("unpack", UNPACK)]
        else:
            extra += [_code("install", INSTALL)]
        cells[1:1] = extra
        if cited:
            cells.append(_markdown("sources", self.list_of(cited)))
        return nbformat.writes(
            nbformat.from_dict(
                {
                    "cells": cells,
                    "metadata": {
                        "kernelspec": {
                            "display_name": "Python 3",
                            "language": "python",
                            "name": "python" if lab else "python3",
                        },
                        "language_info": {"name": "python"},
                    },
                    "nbformat": 4,
                    "nbformat_minor": 5,
                }
            ),
            split_lines=False,
        )

    def cite(self, key, cited, brackets):
        """ "Ada and Bo (2020)", or without brackets "Ada and Bo, 2020"."""
        if key not in self.sources.entries:  # Sphinx says so, loudly enough
            return key
        entry = self.sources.entries[key]
        if entry.key not in cited:
            cited.append(entry.key)
        year = entry.fields.get("year", "n.d.")
        return f"{_who(entry)} ({year})" if brackets else f"{_who(entry)}, {year}"

    def list_of(self, cited):
        """The sources of a chapter as a list."""
        lines = [
            "- " + " ".join(self.bibliography[key].text.render(Backend()).split())
            for key in self.bibliography
            if key in cited
        ]
        return "## Sources\n\n" + "\n".join(lines)

    def link(self, target, here):
        """Where a link of the book leads among the notebooks; "" if nowhere."""
        if re.match(r"[a-z]+:", target):
            return target
        name, _, label = target.partition("#")
        name = re.sub(r"\.(ipynb|md|html)$", "", name)
        if name in self.notebooks:
            return f"{name}.ipynb"
        name = self.labels.get(label or name, "")
        return f"{name}.ipynb" if name and name != here else ""


def _markdown(id, text):
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": text.strip()}


def _code(id, text):
    return {
        "cell_type": "code",
        "id": id,
        "metadata": {},
        "source": text.strip(),
        "execution_count": None,
        "outputs": [],
    }


# ---------------------------------------------------------------------------------- MyST to plain


def plain(text, book, here, cited):
    """Markdown without MyST's marks."""
    lines, out = text.split("\n"), []
    at = 0
    while at < len(lines):
        line = lines[at]
        fence = re.match(r"^( *)(:{3,}|`{3,}|~{3,})(?:\{([\w:-]+)\}|(\w*)) *(.*)$", line)
        if fence and (fence[3] or fence[2][0] != ":"):
            stop = at + 1
            while stop < len(lines) and lines[stop].strip() != fence[2]:
                stop += 1
            inside = lines[at + 1 : stop]
            if fence[3]:
                out += _directive(fence[3], fence[5], inside, book, here, cited)
            else:
                out += lines[at : stop + 1]
            at = stop + 1
            continue
        if not re.match(r"^\([\w-]+\)=\s*$", line):
            out.append(line)
        at += 1
    blocks = re.split(r"(^ *```.*?^ *```$)", "\n".join(out), flags=re.MULTILINE | re.DOTALL)
    return "".join(
        block if at % 2 else _inline(block, book, here, cited) for at, block in enumerate(blocks)
    ).strip()


def _directive(name, argument, inside, book, here, cited):
    options = {}
    while inside and (option := re.match(r"^:([\w-]+): *(.*)$", inside[0])):
        options[option[1]] = option[2]
        inside = inside[1:]
    body = plain("\n".join(inside), book, here, cited)
    if name == "chapter-map":
        return [f"- [{_title(book, n)}]({n}.ipynb)" for n in _in_order(book) if n != here]
    if name in ("code", "code-block", "python"):
        return [f"```{argument or 'python'}", *inside, "```"]
    if name == "math":
        return ["$$", *inside, "$$"]
    if name in ("image", "figure"):
        return [f"![{options.get('alt', '')}]({argument})", "", body]
    if name in ("bibliography", "exercise-list", "contents", "toctree"):
        return []
    if name == "dropdown":
        return ["<details>", f"<summary>{argument}</summary>", "", body, "", "</details>"]
    title = plain(argument, book, here, cited) or name.capitalize()
    # A formula must stay in one line: the marks of the quotation would become part of it.
    body = re.sub(r"\$\$(.+?)\$\$", lambda m: f"$${' '.join(m[1].split())}$$", body, flags=re.S)
    quoted = [f"> {line}".rstrip() for line in body.split("\n")]
    return [f"> **{title}**", ">", *quoted, ""]


def _inline(text, book, here, cited):
    def role(match):
        name, inside = match[1], match[2]
        if name.startswith("cite"):
            keys = [key.strip() for key in inside.split(",")]
            words = [book.cite(key, cited, name == "cite:t") for key in keys]
            return " and ".join(words) if name == "cite:t" else f"({'; '.join(words)})"
        if name == "eq":
            return f"({book.equations.get(inside, '?')})"
        if name == "math":
            return f"${inside}$"
        named = re.match(r"^(.*?)\s*<(.*)>$", inside)
        words, target = (named[1], named[2]) if named else (inside, inside)
        if name in ("doc", "ref", "numref") and (there := book.link(target.strip("/"), here)):
            return f"[{words}]({there})"
        return words

    def link(match):
        there = book.link(match[2], here)
        return f"[{match[1]}]({there})" if there else match[1]

    text = re.sub(r"\{([a-z]+(?::[a-z]+)?)\}`([^`]+)`", role, text)
    text = re.sub(
        r"\$\$(?P<tex>[^$]*)\$\$ *\((?P<label>[\w-]+)\)",
        lambda m: f"$${m['tex'].rstrip()} \\tag{{{book.equations[m['label']]}}}\n$$",
        text,
    )
    return re.sub(r"(?<!!)\[([^\]\[]+)\]\(([^)\s]+)\)", link, text)


def _title(book, name):
    return book.notebooks[name].cells[0].source.split("\n")[0].lstrip("# ")


def _in_order(book):
    toc = re.findall(r"book/(\w+)", (ROOT / "_toc.yml").read_text())
    return [name for name in toc if name in book.notebooks]


def _who(entry):
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [str(Text.from_latex(" ".join(p.prelast_names + p.last_names))) for p in people]
    if not names:
        return entry.fields.get("organization") or entry.fields.get("title", entry.key)
    if len(names) == 1:
        return names[0]
    if len(names) == 2 and names[1] != "others":
        return " and ".join(names)
    return f"{names[0]} et al."


def _sort(entry):
    return _who(entry).lower(), entry.fields.get("year", "")


# --------------------------------------------------------------------- what the browser has not got


def needed(notebook):
    """``{place of a cell: (module it lacks, whether it only follows another)}``."""
    needs, lost = {}, {}
    for at, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or "exercise" in cell.metadata.get("tags", []):
            continue
        try:
            tree = ast.parse(cell.source)
        except SyntaxError:  # a magic: nothing of ours
            continue
        imported = {
            name.split(".")[0]
            for node in ast.walk(tree)
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        used, defined = _names(cell.source)
        module = next((name for name in sorted(imported) if name in ABSENT), None)
        follows = module is None
        if follows:
            module = next((lost[name] for name in sorted(used - defined) if name in lost), None)
        if module:
            needs[at] = module, follows
            lost |= dict.fromkeys(defined, module)
        else:
            for name in defined:
                lost.pop(name, None)
    return needs


def _names(source):
    """Names that a cell takes from the notebook, and those it leaves in it."""
    table = symtable.symtable(source, "cell", "exec")
    symbols = table.get_symbols()
    used = {symbol.get_name() for symbol in symbols if symbol.is_referenced()}
    defined = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
    inner = list(table.get_children())
    while inner:
        table = inner.pop()
        inner += table.get_children()
        used |= {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
    return used, defined


def write(folder, lab):
    """All notebooks into a folder; those that are no longer there go. Returns their names."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    book = Book()
    for old in folder.glob("*.ipynb"):
        if old.stem not in book.notebooks:
            old.unlink()
    for name in book.notebooks:
        (folder / f"{name}.ipynb").write_text(book.notebook(name, lab) + "\n", encoding="utf-8")
    return list(book.notebooks)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    names = write(sys.argv[1], lab=False)
    (Path(sys.argv[1]) / "requirements.txt").write_text(REQUIREMENTS)
    (Path(sys.argv[1]) / "runtime.txt").write_text("python-3.12\n")
    print(json.dumps(names))
