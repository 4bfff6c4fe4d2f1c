"""Serve the book from this folder: to this computer alone, or to everyone in the room.

    python start.py            asks which
    python start.py --here     this computer alone
    python start.py --room     everyone in the room: all networks this computer is in
    python start.py --room --port 9000

Python 3.8 or newer is all it needs; nothing is installed and no internet is asked. Ctrl-C ends it.
"""

import argparse
import gzip
import os
import socket
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

BOOK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "book")
# Said outright: some systems call a script plain text, and then browsers refuse to run it.
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ipynb": "application/json",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".whl": "application/zip",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
    "": "application/octet-stream",
}
SHORTER = (".css", ".html", ".ipynb", ".js", ".json", ".mjs", ".svg", ".wasm")

ASK = """\
Who shall read the book?

  1  this computer alone
  2  everyone in the room (whoever shares a network with this computer can open it)
"""
ROOM = """\
On the other computers all of the book works: pages, figures, exercises, Jupyter. Browsers make one
exception, where an address begins with http:// and is not the computer's own: in Jupyter, input()
does not ask, and Python does not see the files beside a notebook.
"""

ONE_AT_A_TIME = threading.Lock()
SHORT = {}  # path -> (time of change, shortened content)


class Book(SimpleHTTPRequestHandler):
    """Files of the folder "book", shortened on the way where that helps a slow network."""

    protocol_version = "HTTP/1.1"
    extensions_map = TYPES

    def __init__(self, *args):
        super().__init__(*args, directory=BOOK)

    def send_head(self):
        path = self.translate_path(self.path)
        if "gzip" in self.headers.get("Accept-Encoding", "") and path.endswith(SHORTER):
            try:
                return self.send_short(path)
            except OSError:
                pass  # not there: the usual way says so
        return super().send_head()

    def send_short(self, path):
        changed = os.stat(path).st_mtime
        tag = f'"{int(changed * 1000):x}-gz"'
        if self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            self.end_headers()
            return None
        with ONE_AT_A_TIME:
            if SHORT.get(path, (None,))[0] != changed:
                with open(path, "rb") as file:
                    SHORT[path] = changed, gzip.compress(file.read(), 6)
            content = SHORT[path][1]
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", tag)
        self.end_headers()
        if self.command != "HEAD":
            try:
                self.wfile.write(content)
            except OSError:
                self.close_connection = True  # the reader has turned the page
        return None

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")  # keep it, but ask whether it is still right
        super().end_headers()

    def list_directory(self, path):
        self.send_error(404)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # a class opens the first page at the same moment

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):  # a reader who went away is no error
            super().handle_error(request, client_address)


def addresses():
    """This computer's addresses in its networks. Nothing is sent to find out."""
    found = []
    for far in ("192.168.255.254", "10.255.255.254", "172.31.255.254", "169.254.255.254"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((far, 9))
                found.append(probe.getsockname()[0])
            except OSError:
                pass
    try:
        found += socket.gethostbyname_ex(socket.gethostname())[2]
    except OSError:
        pass
    return [a for a in dict.fromkeys(found) if not a.startswith(("127.", "0."))]


def main():
    parser = argparse.ArgumentParser(description="Serve the book. Ctrl-C ends it.")
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--here", action="store_true", help="to this computer alone")
    who.add_argument("--room", action="store_true", help="to everyone in the room")
    parser.add_argument("--port", type=int, default=8000, help="8000, unless that is taken")
    asked = parser.parse_args()
    if not os.path.exists(os.path.join(BOOK, "index.html")):
        sys.exit(
            'The folder "book" is not beside start.py. Unpack the whole zip, then start again.'
        )
    room = asked.room
    if not (asked.room or asked.here):
        print(ASK)
        try:
            room = input("1 or 2? ").strip() == "2"
        except EOFError:
            room = False
    for port in range(asked.port, asked.port + 20):
        try:
            server = Server(("0.0.0.0" if room else "127.0.0.1", port), Book)
            break
        except OSError:
            continue
    else:
        sys.exit(f"All ports from {asked.port} on are taken. Try another: --port 9000")
    print(f"\nThe book is open on this computer:  http://127.0.0.1:{port}")
    print(f"Slides for a projector:              http://127.0.0.1:{port}/slides/")
    if room:
        print("\nEveryone in the room (this computer listens on all its networks, 0.0.0.0) types")
        for address in addresses():
            print(f"\n    http://{address}:{port}")
        if not addresses():
            print("\n    (no network found: join one, or open a hotspot, and start again)")
        print("\nIf nothing comes up there, ask this computer's firewall.\n")
        print(ROOM)
    print("\nKeep this window open. Ctrl-C ends it.", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("\nClosed.")


if __name__ == "__main__":
    main()
