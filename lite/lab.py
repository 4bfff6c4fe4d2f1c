"""Jupyter in the reader's browser: every chapter as a notebook, with nothing to install.

    python lite/lab.py _build/html       # after the book itself; `make book` does both

Puts JupyterLite into ``<site>/lite``. Python itself is the one that the exercises on the pages use
(``<site>/_static/pyodide``, see ``runtime.py``); the lab adds the wheels of ``wheels.txt`` and a
lock file of its own, and loads nothing from elsewhere. All parts are pinned with their checksums:
JupyterLite in ``requirements.txt`` (installed into ``.venv-lite``), wheels in ``wheels.txt``. What
is there is not fetched again, and JupyterLite is built again only where one of its parts changed.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))
from lite import absent, notebooks, runtime  # noqa: E402

LITE = ROOT / "lite"
TOOLS = ROOT / ".venv-lite" / ("Scripts" if os.name == "nt" else "bin")
WHEELS = LITE / "wheels"
APPS = ("notebooks", "lab", "tree")
# Wheels whose other half runs in JupyterLab; jupyterlab_widgets has only that half.
EXTENSIONS = ("anywidget", "jupyterlab_widgets", "plotly")
PARTS = ("lab.py", "absent.py", "runtime.py", "requirements.txt", "wheels.txt")

# What of the wheels nobody calls in a browser.
NOT_CALLED = re.compile(
    r"/tests?/|\.data/|/labextension/|/nbextension/|/plotly\.min\.js$|/package_data/datasets/"
    r"|\.pyi$|\.dist-info/(RECORD|WHEEL|entry_points\.txt)$"
)
BUNDLE = "plotly/package_data/widgetbundle.js"
STARTED = "pyodide_kernel/__init__.py"
# Of JupyterLite: fonts that browsers took before 2016, and its icon in three sizes.
OUTDATED = ("*.eot", "*.ttf", "fa-*.svg", "fa-*.woff", "favicon.ico", "*.map")

# Plotly sends its whole script (5 MB) along with each figure. This takes its place, and fetches
# the script once, from the lab.
LOADER = """\
const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
const { default: widget } = await import(
  new URL(`${config.baseUrl}static/plotly-widget.js`, location.origin).href
);
export default widget;
"""

# The kernel asks for modules that Pyodide's npm package leaves out. History is not kept, nothing
# is encrypted, and completion asks the living objects.
SQLITE = """\
class Error(Exception): ...
class DatabaseError(Error): ...
class OperationalError(DatabaseError): ...
class ProgrammingError(DatabaseError): ...
class IntegrityError(DatabaseError): ...
class Connection: ...

PARSE_DECLTYPES, PARSE_COLNAMES = 1, 2

def connect(*args, **kwargs):
    raise OperationalError("there is no SQLite in the browser")

def register_adapter(*args): ...
def register_converter(*args): ...
"""
STAND_INS = {"sqlite3": {"sqlite3.py": SQLITE}, "ssl": {"ssl.py": ""}, "jedi": {}}

# Loaded with the kernel. What is imported later loads itself.
AT_ONCE = [
    *("micropip", "piplite", "ssl", "sqlite3", "ipykernel", "comm", "pyodide_kernel", "jedi"),
    *("ipython", "numpy", "recsys-lab", "plotly", "anywidget", "ipywidgets", "not-in-the-browser"),
]

SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    # All cells are drawn at once and stay: a figure that scrolls away is not thrown away.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}
SILENT = [
    "@jupyter-notebook/notebook-extension:tab-icon",  # asks for icons that only a server has
    "@jupyter-notebook/notebook-extension:trusted",
    "@jupyterlab/apputils-extension:announcements",
    "@jupyterlab/extensionmanager-extension:plugin",
]
CONFIG = {
    "appName": "RecSys Lab",
    "defaultKernelName": "python",
    "disabledExtensions": SILENT,
    "exposeAppInBrowser": False,
    "faviconUrl": "./favicon.svg",
    "litePluginSettings": {
        "@jupyterlite/pyodide-kernel-extension:kernel": {
            "pyodideUrl": "./../_static/pyodide/pyodide.js",
            "disablePyPIFallback": True,
            "loadPyodideOptions": {"packages": AT_ONCE, "lockFileURL": "./static/lock.json"},
        }
    },
    "settingsOverrides": SETTINGS,
}
DATE = "2026-01-01T00:00:00Z"


def build(site, solutions=True):
    """Put the lab into a built site."""
    site = Path(site).resolve()
    lab = site / "lite"
    python = site / "_static" / "pyodide"
    if not (python / "pyodide-lock.json").exists():
        runtime.assemble(python, solutions=solutions)
    if _stamp(lab) != _digest():
        print("building JupyterLite ...", flush=True)
        fetch_wheels()
        shutil.rmtree(lab, ignore_errors=True)
        build_app(lab)
        wheels = write_wheels(lab / "wheels")
        (lab / "static" / "lab.json").write_text(
            json.dumps({"digest": _digest(), "packages": lab_entries(wheels)}, indent=1)
        )
    write_lock(lab, python)
    write_notebooks(lab)


def _digest():
    digest = hashlib.sha256()
    for name in PARTS:
        digest.update((LITE / name).read_bytes())
    return digest.hexdigest()


def _stamp(lab):
    try:
        return json.loads((lab / "static" / "lab.json").read_text())["digest"]
    except (OSError, ValueError, KeyError):
        return ""


# ------------------------------------------------------------------------------------------- parts


def fetch_wheels():
    """Fetch the wheels of ``wheels.txt`` unless they are there already."""
    wanted = re.findall(r"^([\w.-]+)==(\S+).*sha256:(\w+)", _read("wheels.txt"), re.MULTILINE)
    sums = {hashlib.sha256(path.read_bytes()).hexdigest() for path in WHEELS.glob("*.whl")}
    if {digest for _, _, digest in wanted} <= sums:
        return
    print("fetching the wheels of the lab ...", flush=True)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", WHEELS),
            *("--python-version", "3.12", "--implementation", "py", "--platform", "any"),
            *("--requirement", LITE / "wheels.txt"),
        ],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(
            "could not fetch the wheels of the lab from PyPI, which the first build needs once; "
            f"check the network and build again.\n{done.stderr.strip()}"
        )


def fetched(name):
    """The wheel of one package."""
    version = re.search(
        rf"^{runtime.normal(name)}==(\S+)", _read("wheels.txt"), re.MULTILINE | re.IGNORECASE
    )[1]
    return next(WHEELS.glob(f"{name.replace('-', '_')}-{version}-*.whl"))


def _read(name):
    return (LITE / name).read_text(encoding="utf-8")


def build_app(lab):
    """JupyterLite itself, as its own command builds it, less what no browser asks for."""
    sources = lab.parent.parent / "lite"
    shutil.rmtree(sources, ignore_errors=True)
    sources.mkdir(parents=True)
    config = {"jupyter-lite-schema-version": 0, "jupyter-config-data": CONFIG}
    (sources / "jupyter-lite.json").write_text(json.dumps(config))
    extensions = {"federated_extensions": [str(fetched(name)) for name in EXTENSIONS]}
    (sources / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": extensions}))
    done = subprocess.run(
        [
            *(TOOLS / "jupyter-lite", "build", "--lite-dir", sources, "--output-dir", lab),
            *(word for app in APPS for word in ("--apps", app)),
            "--no-sourcemaps",
        ],
        cwd=sources,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"JupyterLite could not be built:\n{done.stdout}\n{done.stderr}")
    for pattern in OUTDATED:
        for path in lab.rglob(pattern):
            path.unlink()
    shutil.copy(ROOT / "book" / "assets" / "favicon.svg", lab)
    for config in lab.glob("*/jupyter-lite.json"):  # each app names an icon of its own
        config.write_text(config.read_text().replace("./favicon.ico", "./../favicon.svg"))
    (lab / "static").mkdir()
    with zipfile.ZipFile(fetched("plotly")) as plotly:
        (lab / "static" / "plotly-widget.js").write_bytes(plotly.read(BUNDLE))


def write_wheels(folder):
    """The wheels as the browser gets them: without what nobody calls there. Their paths."""
    folder.mkdir(parents=True)
    kernel = folder.parent / "extensions/@jupyterlite/pyodide-kernel-extension/static/pypi"
    wheels = [trimmed(path, folder) for path in _plain_wheels()]
    for name in ("piplite", "pyodide_kernel", "ipykernel"):
        wheels.append(trimmed(next(kernel.glob(f"{name}-*.whl")), folder))
    stand_ins = STAND_INS | {"not-in-the-browser": absent.modules()}
    for name, files in stand_ins.items():
        wheels.append(runtime.write_wheel(folder, files, {"Name": name, "Version": "0"}))
    return wheels


def _plain_wheels():
    names = re.findall(r"^([\w.-]+)==", _read("wheels.txt"), re.MULTILINE)
    return [fetched(name) for name in names if name != "jupyterlab-widgets"]


def trimmed(path, folder):
    """A wheel again, without what nobody calls in a browser."""
    with zipfile.ZipFile(path) as wheel:
        files = {
            name: wheel.read(name)
            for name in wheel.namelist()
            if not name.endswith("/") and not NOT_CALLED.search(name)
        }
    if BUNDLE in files:
        files[BUNDLE] = LOADER
    if STARTED in files:
        files[STARTED] += b"\nimport not_in_the_browser\n\nnot_in_the_browser.load(ipython_shell)\n"
    name, version = path.name.split("-")[:2]
    return runtime.write_wheel(folder, files, {"Name": name, "Version": version})


def lab_entries(wheels):
    """The lab's part of the lock; addresses are relative to Pyodide's folder."""
    entries = runtime.lock_entries(wheels)
    for entry in entries.values():
        entry["file_name"] = f"../../lite/wheels/{entry['file_name']}"
    return entries


def write_lock(lab, python):
    """One lock file out of the page's and the lab's."""
    lock = json.loads((python / "pyodide-lock.json").read_text())
    lock["packages"] |= json.loads((lab / "static" / "lab.json").read_text())["packages"]
    (lab / "static" / "lock.json").write_text(json.dumps(lock, indent=1))


# --------------------------------------------------------------------------------------- notebooks


def write_notebooks(lab):
    """The chapters, and the list of them that a server would give."""
    folder = lab / "files"
    notebooks.write(folder, lab=True)
    files = [_listed(path) for path in sorted(folder.glob("*.ipynb"))]
    listing = _item("", "", "directory", "json", None) | {"content": files}
    (lab / "api" / "contents").mkdir(parents=True, exist_ok=True)
    (lab / "api" / "contents" / "all.json").write_text(json.dumps(listing))


def _listed(path):
    return _item(path.name, path.name, "notebook", "json", path.stat().st_size)


def _item(name, path, kind, form, size):
    return {
        "name": name,
        "path": path,
        "type": kind,
        "format": form,
        "mimetype": None,
        "content": None,
        "size": size,
        "writable": True,
        "created": DATE,
        "last_modified": DATE,
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    build(sys.argv[1])
