"""The built site, served on loopback, and a real Chromium."""

import functools
import http.server
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class Quiet(http.server.SimpleHTTPRequestHandler):
    refused = None  # how the names of files end that this server does not have for now

    def send_head(self):
        if self.refused and self.path.endswith(self.refused):
            return self.send_error(404)
        return super().send_head()

    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def site():
    """Address of the built site."""
    if not (SITE / "index.html").exists():
        pytest.fail("there is no built site; run make book first")
    handler = functools.partial(Quiet, directory=str(SITE))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def refuse(monkeypatch):
    """``refuse(".whl")``: from now on the site lacks these files; ``refuse(None)``: no longer."""
    return lambda ending: monkeypatch.setattr(Quiet, "refused", ending)


@pytest.fixture(scope="session")
def browser():
    path = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if path is None:
        pytest.fail("no Chromium on this machine; tests/site/chromium.sh says how to get one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, site):
    with visiting(browser, site) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def chapter(request, browser, site):
    """A page of the book, opened once for all tests that ask for it in a row."""
    with visiting(browser, site) as open_page:
        yield open_page(request.param)


@contextmanager
def visiting(browser, site):
    """``open_page(name, width=1280, theme="light", scripts=True)`` gives a page.

    The page carries ``problems``: requests to other hosts, failed requests, console errors.
    """
    contexts = []

    def open_page(name, width=1280, theme="light", scripts=True):
        context = browser.new_context(
            viewport={"width": width, "height": 812}, java_script_enabled=scripts
        )
        contexts.append(context)
        context.add_init_script(
            f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')"
        )
        page = context.new_page()
        page.problems = []
        page.on(
            "request",
            lambda r: (
                None
                if r.url.startswith((site, "data:", "blob:"))
                else page.problems.append(f"asked another host: {r.url}")
            ),
        )
        page.on(
            "response",
            lambda r: page.problems.append(f"{r.status}: {r.url}") if r.status >= 400 else None,
        )
        page.on(
            "console",
            lambda m: page.problems.append(f"console: {m.text}") if m.type == "error" else None,
        )
        page.on("pageerror", lambda e: page.problems.append(f"script error: {e}"))
        page.goto(name if name == "about:blank" else f"{site}/{name}")
        return page

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()
