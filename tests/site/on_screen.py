"""A folder served on loopback, and Chromium to look at it: for the tests and for ``make look``."""

import functools
import http.server
import shutil
import threading
from contextlib import contextmanager

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@contextmanager
def served(folder, handler=Quiet):
    """The address of a folder, for the length of a ``with``."""
    handler = functools.partial(handler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def launch(playwright, *more_flags):
    """A browser; there must be a Chromium on this machine."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        raise RuntimeError(
            "no Chromium on this machine; tests/site/chromium.sh says how to get one"
        )
    return playwright.chromium.launch(executable_path=path, args=[*FLAGS, *more_flags])


def wait_for_notebook(page, timeout=90):
    """Until a notebook of the lab has cells, and a kernel: run before, a cell asks for one."""
    page.locator(".jp-CodeCell").first.wait_for(timeout=timeout * 1_000)
    page.wait_for_function(
        "() => /Python/.test(document.querySelector('.jp-KernelName, .jp-Toolbar-kernelName')"
        "?.innerText)",
        timeout=timeout * 1_000,
    )
