"""The book for a class: without solutions, in one zip that a laptop serves to a room.

    python lite/classroom.py             # after `make book`; `make classroom` does both

A copy of the sources, without the folder ``recsys_lab/exercises/solutions``, without solutions in
the notebooks and without the pages for teachers, is built in ``_build/classroom``. Nothing is run
again: what the cells show is taken from the book that was built. Then everything that would be
shipped is searched for lines of the solutions, archives within archives included, and only if none
is found the zip is written, with a script of its own that serves it (``lite/room/start.py``).
"""

import gzip
import html
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from base64 import b64decode
from pathlib import Path

import nbformat
import yaml

from recsys_lab import exercises
from recsys_lab.exercises import sync

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "_build" / "classroom"
ZIP = ROOT / "_build" / "recsys-lab-classroom.zip"
BOOK = ROOT / "_build" / "html"
RUN = ROOT / "_build" / "jupyter_execute" / "book"
COPIED = (
    "LICENSE",
    "LICENSE-CC-BY-4.0.md",
    "README.md",
    "pyproject.toml",
    "benchmarks",
    "book",
    "lite",
)
FETCHED = ("book/vendor/node_modules", "lite/node_modules", "lite/wheels")
LEFT_OUT = shutil.ignore_patterns("node_modules", "wheels", "teaching", "__pycache__", ".*")


def build(folder=FOLDER, target=ZIP, book=BOOK, run=RUN):
    """Build the site for a class and pack it. Returns the path of the site."""
    folder, target = Path(folder), Path(target)
    if not (book / "lite" / "static" / "lab.json").exists() or not run.exists():
        raise SystemExit("there is no whole book yet: run make book first")
    sources = folder / "source"
    shutil.rmtree(folder, ignore_errors=True)
    copy_sources(sources)
    environment = {
        **os.environ,
        "PYTHONPATH": str(sources),  # before the package that is installed: that has the solutions
        "RECSYS_LAB_CLASSROOM": str(run),
    }
    site = folder / "_build" / "html"
    _call(
        *(Path(sys.executable).with_name("jupyter-book"), "build", sources),
        *("--path-output", folder),
        *("-n", "-W", "--keep-going", "-q"),
        environment=environment,
    )
    lab = site / "lite"
    shutil.copytree(book / "lite", lab, dirs_exist_ok=True)
    shutil.rmtree(lab / "files")  # the notebooks, which come again without solutions
    _call(sys.executable, sources / "lite" / "lab.py", site, environment=environment)
    found = leaks(shipped(site), needles())
    if found:
        raise SystemExit("a solution would be shipped:\n" + "\n".join(map(str, found[:20])))
    pack(site, target)
    return site


def copy_sources(sources):
    """Everything the build reads, less what the class must not see."""
    sources.mkdir(parents=True)
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, sources / name, ignore=LEFT_OUT)
        else:
            shutil.copy2(ROOT / name, sources / name)
    ignore = shutil.ignore_patterns("solutions", "__pycache__", ".*")
    shutil.copytree(ROOT / "recsys_lab", sources / "recsys_lab", ignore=ignore)
    for name in FETCHED:
        (sources / name).symlink_to(ROOT / name)
    chapters = {exercise.id.rpartition(".")[0] for exercise in exercises.list_exercises()}
    for path in sources.glob("book/*.ipynb"):
        if path.stem in chapters:
            sync.sync(path, solutions=False)
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.metadata.get("recsys_lab", {}).get("role") == "solution":
                raise SystemExit(f"{path.name}: the solution {cell.id} would stay")
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    for part in contents["parts"]:
        part["chapters"] = [c for c in part["chapters"] if "/teaching/" not in c["file"]]
    contents["parts"] = [part for part in contents["parts"] if part["chapters"]]
    _write(sources / "_toc.yml", yaml.safe_dump(contents, sort_keys=False))
    settings = (ROOT / "_config.yml").read_text(encoding="utf-8")
    settings, changed = re.subn(r"(?m)^(  execute_notebooks:).*$", r'\1 "off"', settings)
    assert changed == 1
    _write(sources / "_config.yml", settings)


def _write(path, text):
    path.write_text(text, encoding="utf-8")


def _call(*command, environment):
    done = subprocess.run(
        [str(word) for word in command], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"the classroom could not be built:\n{done.stdout}\n{done.stderr}")


def pack(site, target):
    """One zip: the site, and what serves it."""
    top = target.stem
    room = ROOT / "lite" / "room"
    files = {f"{top}/{path.name}": path for path in sorted(room.iterdir()) if path.is_file()}
    for path in sorted(site.rglob("*")):
        if path.is_file() and path.name != ".buildinfo":
            files[f"{top}/book/{path.relative_to(site).as_posix()}"] = path
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for name, path in files.items():
            entry = zipfile.ZipInfo(name, time.localtime(path.stat().st_mtime)[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            runs = path.suffix in (".py", ".command") and path.parent == room
            entry.external_attr = (0o100755 if runs else 0o100644) << 16
            packed.writestr(entry, path.read_bytes())


# --------------------------------------------------------------------------- the search for answers


def needles():
    """``{exercise: lines by which its solution would be known}``.

    Lines that stand in the package or in the running text of a chapter anyhow, such as
    ``scores = X @ q``, and heads of loops tell nothing. Where no line is left, the whole is one.
    """
    from recsys_lab.exercises.solutions import solution

    public = public_text()
    wanted = {}
    for exercise in exercises.list_exercises():
        source = str(solution(exercise.id))
        lines = {line.strip() for line in source.splitlines()}
        lines |= {line.split("  #")[0].strip() for line in source.splitlines()}
        own = {line for line in lines if _tells(line) and _bare(line) not in public}
        wanted[exercise.id] = sorted(own) or [source]
    return wanted


def _tells(line):
    return len(_bare(line)) >= 12 and not re.match(r"(for|while|import|from|def)\b.*", line)


def public_text():
    """What a class may read: the package, starters included, and the chapters' own cells."""
    texts = [
        path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "recsys_lab").rglob("*.py"))
        if "solutions" not in path.parts
    ]
    texts += [exercise.cell() for exercise in exercises.list_exercises()]
    for path in sorted((ROOT / "book").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.metadata.get("recsys_lab", {}).get("role") != "solution":
                texts.append(cell.source)
    return _bare("\n".join(texts))


def shipped(place):
    """Pairs (name, bytes) of all files below a folder or in an archive, archives unpacked."""
    place = Path(place)
    if place.is_file():
        yield from _unpacked(place.name, place.read_bytes())
        return
    for path in sorted(place.rglob("*")):
        if path.is_file():
            yield from _unpacked(path.relative_to(place).as_posix(), path.read_bytes())


def _unpacked(name, data):
    yield name, data
    inside = io.BytesIO(data)
    if data[:4] == b"PK\3\4":
        with zipfile.ZipFile(inside) as archive:
            for member in archive.namelist():
                yield from _unpacked(f"{name} > {member}", archive.read(member))
    elif data[:2] == b"\x1f\x8b" and name.endswith((".tar.gz", ".tgz")):
        with tarfile.open(fileobj=inside) as archive:
            for member in filter(tarfile.TarInfo.isfile, archive):
                yield from _unpacked(f"{name} > {member.name}", archive.extractfile(member).read())
    elif data[:2] == b"\x1f\x8b":
        yield f"{name} > content", gzip.decompress(data)
    for at, states in enumerate(re.findall(rb'class="explorable-data">([\w+/=\s]+)<', data)):
        yield f"{name} > states {at}", gzip.decompress(b64decode(states))


def leaks(files, wanted):
    """Triples (file, exercise, line) of all lines of solutions that are found in the files."""
    words = {
        (id, line): set(re.findall(rb"\w+", line.encode("ascii", "replace")))
        for id, lines in wanted.items()
        for line in lines
    }
    every = set().union(*words.values())
    found, seen = [], set()
    for name, data in files:
        if re.search(r"exercises/solutions\b", name):
            found.append((name, "", "a file of the folder solutions"))
        if hash(data) in seen:
            continue
        seen.add(hash(data))
        # Most files have not even the words; only the others are looked at closely.
        there = every.intersection(re.findall(rb"\w+", re.sub(rb"\\[ntr]", b" ", data)))
        maybe = [known for known, needed in words.items() if needed <= there]
        if not maybe:
            continue
        views = list(map(_bare, _views(name, data.decode("utf-8", "ignore"))))
        found += [(name, *known) for known in maybe if any(_bare(known[1]) in v for v in views)]
    return found


def _views(name, text):
    """A text as it is, as a page shows it, and as a script or a notebook means it."""
    if name.endswith((".html", ".svg", ".xml")):
        yield html.unescape(text)  # attributes, too
        yield _shown(text)
        return
    yield text
    if "\\" in text:
        escapes = {"n": "\n", "t": "\t", "r": "\n"}
        text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
        text = re.sub(r"\\([ntr\"'\\/])", lambda m: escapes.get(m[1], m[1]), text)
        yield text
    if "</" in text:
        yield _shown(text)


def _shown(text):
    return html.unescape(re.sub(r"</?[a-zA-Z][^<>]*>", "", text))


def _bare(text):
    return re.sub(r"\s+", "", text)


def main():
    if importlib.util.find_spec("recsys_lab.exercises.solutions") is None:
        raise SystemExit("this is a copy without solutions already")
    site = build()
    pages = len(list(site.glob("book/*.html")))
    count = json.dumps(len(needles()))
    print(f"{ZIP.relative_to(ROOT)}: {ZIP.stat().st_size / 1e6:.0f} MB, {pages} pages, ", end="")
    print(f"none of {count} solutions. Unpack it and run start.py.")


if __name__ == "__main__":
    main()
