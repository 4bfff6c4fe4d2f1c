"""The built site, served on loopback, and a real Chromium."""

from contextlib import contextmanager
from pathlib import Path

import pytest
from on_screen import launch, served
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def site():
    """Address of the built site."""
    if not (SITE / "index.html").exists():
        pytest.fail("there is no built site; run make book first")
    with served(SITE) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, site):
    with visiting(browser, site) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def page(request, browser, site):
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
        page.goto(f"{site}/{name}")
        return page

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()
