// A Python of its own for the exercises of a page, in a thread that the page can end at any time.
//
// In:  one request at a time, as recsys_lab/exercises/_page.py describes it.
// Out: { loaded, total } while Python is fetched, { ready } once; for each request { started },
//      { said } with what is printed meanwhile, and { reply } or { broken };
//      { failed } where Python cannot be had at all.
"use strict";

const HOME = new URL("pyodide/", self.location.href).href;
const FULL = 700e6; // bytes of memory beyond which this Python is worn out: it never gives any back

// ------------------------------------------------------------------ fetching, with progress shown

const plainFetch = self.fetch.bind(self);
let loaded = 0;
let total = 0;

// One file that cannot be had is enough. Pyodide would say so too, but waits for ever if it happens
// before it expects it.
let giveUp;
const lost = new Promise((_, reject) => (giveUp = reject));

// The copy is read to be counted. The browser keeps what it made of the original for the next visit.
async function countingFetch(...request) {
  try {
    const response = await plainFetch(...request);
    if (!response.ok) throw new Error(`${response.url.split("/").pop()}: ${response.status}`);
    if (response.body) count(response.clone().body.getReader());
    return response;
  } catch (error) {
    giveUp(error);
    throw error;
  }
}

async function count(reader) {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    loaded += value.byteLength;
    self.postMessage({ loaded: Math.min(loaded, total), total });
  }
}

async function load() {
  // Asked anew each time, so that nobody is served yesterday's lock with today's wheels.
  const lock = await (await plainFetch(`${HOME}pyodide-lock.json`, { cache: "no-cache" })).json();
  const needed = ["recsys-lab", ...lock.packages["recsys-lab"].depends];
  total = needed.reduce((sum, name) => sum + lock.packages[name].bytes, lock.info.bytes);
  self.fetch = countingFetch;
  importScripts(`${HOME}pyodide.js`);
  const silence = () => {};
  const pyodide = await loadPyodide({
    indexURL: HOME,
    packages: ["recsys-lab"],
    stdout: silence,
    stderr: silence,
    stdin: () => null,
  });
  self.fetch = plainFetch;
  return [pyodide, pyodide.pyimport("recsys_lab.exercises._page")];
}

const python = Promise.race([load(), lost]);
python.then(
  () => self.postMessage({ ready: true }),
  (error) => self.postMessage({ failed: String(error.message ?? error) }),
);

// ------------------------------------------------------------------------- one request at a time

self.onmessage = async ({ data: request }) => {
  const [pyodide, page] = await python;
  self.postMessage({ started: true });
  try {
    const said = (text) => self.postMessage({ said: text });
    const reply = JSON.parse(page.reply(JSON.stringify(request), said));
    reply.stumbled ||= pyodide._module.HEAP8.length > FULL;
    self.postMessage({ reply });
  } catch (error) {
    self.postMessage({ broken: String(error) }); // Python has left, or WebAssembly gave up
  }
};
