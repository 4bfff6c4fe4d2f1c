// Exercises that run and mark themselves inside the page, and the page of what is solved.
//
// The page carries, around the starter of each exercise, what this script needs to turn it into an
// editor (book/_ext/recsys_lab_book/exercises.py). Python comes when it is first asked for and not
// before. In the order of a reader's visit: what was kept from last time, the editor and its
// colours, the keyboard, the buttons, Python in its worker, the words that come back.
(() => {
  "use strict";

  const { src, dataset } = document.currentScript;
  const WORKER = new URL(dataset.worker, src).href;
  const LIMIT = 15_000; // ms that an answer may take; then its worker is ended
  const WORDS = {
    slow: `It was not done after ${LIMIT / 1000} seconds, and was ended.`,
    slowHint: "Look for a loop that never ends, or for one that an array operation can replace.",
    broken: "It ended Python itself.",
    brokenHint: "Leave out what ends or bypasses Python, such as exit calls and raw memory.",
    stopped: "Stopped. Your text is as it was.",
    about: "Run prints what your text does. Check marks it, and says what went wrong.",
    untouched: "Nothing to check yet: this is the starter as it was. Write your answer first.",
    silent: "It ran, and printed nothing. A last line such as a name or a call shows its value.",
  };

  // -------------------------------------------------------------------- what this browser keeps

  const PREFIX = "recsys-lab:exercise:";
  const unkept = {}; // where the browser keeps nothing, this visit at least is remembered

  function recall(id) {
    try {
      return { ...unkept[id], ...JSON.parse(localStorage.getItem(PREFIX + id)) };
    } catch {
      return { ...unkept[id] };
    }
  }

  function keep(id, changes) {
    unkept[id] = { ...recall(id), ...changes };
    try {
      localStorage.setItem(PREFIX + id, JSON.stringify(unkept[id]));
    } catch {} // full, or forbidden
  }

  function forget(id) {
    delete unkept[id];
    try {
      localStorage.removeItem(PREFIX + id);
    } catch {}
  }

  // ------------------------------------------------------------------------------- small helpers

  // element("p.note", { hidden: true }, "text", child)
  function element(what, properties = {}, ...children) {
    const [tag, ...classes] = what.split(".");
    const made = document.createElement(tag);
    if (classes.length) made.className = classes.join(" ");
    for (const [name, value] of Object.entries(properties)) {
      if (name in made) made[name] = value;
      else made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  // Words of the exercises, in which code stands between backticks.
  const prose = (text) =>
    text.split("`").map((part, i) => (i % 2 ? element("code", {}, part) : part));

  // ------------------------------------------------------------------ colours, as in other cells

  const words = (text) => new Set(text.split(" "));
  const KINDS = [ // names of Pygments, whose style sheet is there already
    ["kc", words("True False None")],
    ["ow", words("and or not in is")],
    ["kn", words("import from")],
    ["k", words(
      "as assert async await break class continue def del elif else except finally for global if " +
      "lambda nonlocal pass raise return try while with yield",
    )],
    ["nb", words(
      "abs all any bool dict divmod enumerate filter float int isinstance len list map max min " +
      "next pow print range reversed round set sorted str sum super tuple type zip",
    )],
  ];
  const TOKEN = new RegExp(
    [
      "(?<c1>#.*)",
      "(?<s2>\\b[rbfu]{0,2}(?:\"\"\"[^]*?(?:\"\"\"|$)|'''[^]*?(?:'''|$)" +
        "|\"(?:\\\\.|[^\"\\\\\\n])*\"?|'(?:\\\\.|[^'\\\\\\n])*'?))",
      "(?<mf>(?<![\\p{L}_\\d])(?:\\d[\\d_]*\\.?[\\d_]*|\\.\\d[\\d_]*)(?:e[-+]?\\d+)?j?)",
      "(?<name>[\\p{L}_][\\p{L}_\\d]*)",
      "(?<o>[-+*/%@&|^~<>=!]+|\\.\\.\\.)",
    ].join("|").replace("\\b[rbfu]", "(?<![\\p{L}_\\d])[rbfu]"),
    "giu",
  );

  function coloured(source) {
    const result = document.createDocumentFragment();
    let at = 0;
    let before = "";
    for (const found of source.matchAll(TOKEN)) {
      result.append(source.slice(at, found.index));
      at = found.index + found[0].length;
      let kind = Object.keys(found.groups).find((name) => found.groups[name] !== undefined);
      if (kind === "name") {
        kind = KINDS.find(([, names]) => names.has(found[0]))?.[0] ?? "n";
        if (before === "def") kind = "nf";
        if (before === "class") kind = "nc";
      }
      before = found[0];
      result.append(element(`span.${kind}`, {}, found[0]));
    }
    result.append(source.slice(at), "\n"); // a last empty line has a height too
    return result;
  }

  // ------------------------------------------------------------------------------ the editor

  // A plain text area, so that every keyboard, phone and screen reader knows it; its letters are
  // transparent, and the same text in colours lies behind them.
  class Editor {
    constructor(source, label, changed) {
      this.lines = element("pre.exercise-lines", { "aria-hidden": "true" });
      this.behind = element("pre.exercise-colours", { "aria-hidden": "true" });
      this.area = element("textarea.exercise-text", {
        value: source,
        spellcheck: false,
        autocapitalize: "off",
        autocomplete: "off",
        autocorrect: "off",
        wrap: "off",
        "aria-label": label,
        "aria-description": "Tab indents. Press Escape, then Tab, to leave the editor.",
      });
      this.box = element(
        "div.exercise-editor",
        {},
        this.lines,
        // No div: those get a button that copies, over the text.
        element("span.exercise-code.highlight", {}, element("span", {}, this.behind, this.area)),
      );
      this.leaving = false;
      this.area.addEventListener("input", () => {
        this.draw();
        changed(this.area.value);
      });
      this.area.addEventListener("keydown", (event) => this.press(event));
      this.area.addEventListener("blur", () => (this.leaving = false));
      this.draw();
    }

    get source() {
      return this.area.value;
    }

    set source(text) {
      this.area.value = text;
      this.draw();
    }

    draw() {
      const source = this.area.value;
      this.behind.replaceChildren(coloured(source));
      const count = source.split("\n").length;
      this.lines.textContent = Array.from({ length: count }, (_, i) => i + 1).join("\n");
    }

    // The browser's own way of typing: what is inserted can be undone with Ctrl+Z.
    insert(text) {
      const done = text
        ? document.execCommand("insertText", false, text)
        : document.execCommand("delete");
      if (done) return;
      this.area.setRangeText(text, this.area.selectionStart, this.area.selectionEnd, "end");
      this.area.dispatchEvent(new Event("input"));
    }

    press(event) {
      if (event.isComposing) return;
      const leaving = this.leaving;
      if (event.key !== "Shift") this.leaving = event.key === "Escape";
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Tab" && !leaving) this.tab(event.shiftKey);
      else if (event.key === "Enter" && !event.shiftKey) this.enter();
      else if (event.key === "Backspace" && this.atIndent()) this.backspace();
      else return;
      event.preventDefault();
    }

    lineStart(at) {
      return this.area.value.lastIndexOf("\n", at - 1) + 1;
    }

    atIndent() {
      const { selectionStart: at, selectionEnd: end, value } = this.area;
      const before = value.slice(this.lineStart(at), at);
      return at === end && before.length > 0 && /^ *$/.test(before);
    }

    backspace() {
      const at = this.area.selectionStart;
      const step = (at - this.lineStart(at)) % 4 || 4;
      this.area.setSelectionRange(at - step, at);
      this.insert("");
    }

    enter() {
      const { selectionStart: at, value } = this.area;
      const line = value.slice(this.lineStart(at), at);
      const deeper = /:\s*(#.*)?$/.test(line) ? "    " : "";
      this.insert(`\n${line.match(/^ */)[0]}${deeper}`);
    }

    tab(back) {
      const { selectionStart: from, selectionEnd: to, value } = this.area;
      const start = this.lineStart(from);
      if (from === to && !back) {
        this.insert(" ".repeat(4 - ((from - start) % 4)));
        return;
      }
      const old = value.slice(start, to);
      const moved = back ? old.replace(/^ {1,4}/gm, "") : old.replace(/^(?=.)/gm, "    ");
      if (moved === old) return;
      const first = old.split("\n")[0].length - moved.split("\n")[0].length;
      this.area.setSelectionRange(start, to);
      this.insert(moved);
      const end = start + moved.length;
      this.area.setSelectionRange(from === to ? end : Math.max(start, from - first), end);
    }
  }

  // ------------------------------------------------------------------------- Python in its worker

  // One worker for the page; requests stand in line, and the first is being worked on.
  const python = {
    worker: null,
    ready: false,
    line: [],
    used: false, // has this worker done anything yet?
    warmed: false,

    // Resolves with { reply }, { slow }, { broken }, { stopped } or { failed }, and never rejects.
    ask(request, hear) {
      return new Promise((resolve) => {
        this.line.push({ request, hear, resolve });
        this.wake();
        if (this.ready && this.line.length === 1) this.next();
      });
    },

    // Whoever writes will want to run it: Python may come meanwhile.
    warm() {
      if (!this.warmed) this.wake();
      this.warmed = true;
    },

    wake() {
      if (this.worker) return;
      this.ready = this.used = false;
      const worker = (this.worker = new Worker(WORKER));
      const hear = (data) => worker === this.worker && this.heard(data); // not after its end
      worker.onmessage = ({ data }) => hear(data);
      worker.onerror = (event) => hear({ failed: event.message ?? "" });
    },

    next() {
      clearTimeout(this.clock);
      if (this.line.length) this.worker.postMessage(this.line[0].request);
    },

    heard(data) {
      const job = this.line[0];
      if (data.ready) {
        this.ready = true;
        this.next();
      } else if (data.failed !== undefined) {
        this.end();
        for (const waiting of this.line.splice(0)) waiting.resolve({ failed: data.failed });
      } else if (data.total) {
        if (!this.ready) for (const waiting of this.line) waiting.hear(data);
      } else if (data.started) {
        this.clock = setTimeout(() => this.give({ slow: true }), LIMIT);
        job.hear(data);
      } else if (data.said !== undefined) {
        job.hear(data);
      } else {
        this.give(data);
      }
    },

    // The first in line has its answer; what may have been broken on the way is made anew.
    give(answer) {
      answer.fresh = !this.used; // then nothing that ran before can be blamed
      this.used = true;
      if (!answer.reply || answer.reply.stumbled) this.end();
      this.line.shift().resolve(answer);
      this.wake();
      if (this.ready) this.next();
    },

    stop() {
      this.end();
      for (const waiting of this.line.splice(0)) waiting.resolve({ stopped: true });
      this.wake();
    },

    end() {
      clearTimeout(this.clock);
      this.worker?.terminate();
      this.worker = null;
      this.ready = false;
    },
  };

  // ------------------------------------------------------------------------------ one exercise

  class Exercise {
    constructor(root) {
      this.root = root;
      const { exercise, title, starter, hints } = root.dataset;
      Object.assign(this, { id: exercise, starter, hints: JSON.parse(hints) });
      const known = recall(this.id);
      const number = this.id.split(".").pop();
      this.editor = new Editor(
        known.source ?? starter,
        `Your answer to exercise ${number}, ${title}`,
        (source) => {
          this.keepText(source);
          python.warm();
        },
      );
      const button = (name, act) =>
        element(`button.exercise-${name.toLowerCase()}`, { type: "button", onclick: act }, name);
      this.run = button("Run", () => (this.busy ? python.stop() : this.work("run")));
      this.check = button("Check", () => this.busy || this.work("check"));
      this.hint = button("Hint", () => this.showHint());
      this.reset = button("Reset", () => this.startAgain());
      this.solved = element("span.exercise-solved", {}, "✓ Solved");
      const keys = element("span.exercise-keys", {}, "Esc, then Tab: leave the editor");
      this.bar = element(
        "div.exercise-bar",
        { role: "group", "aria-label": `Exercise ${number}` },
        ...[this.run, this.check, this.hint, keys, this.solved, this.reset],
      );
      this.progress = element("progress.exercise-progress", {
        hidden: true, max: 1, value: 0, "aria-label": "Python is being fetched",
      });
      this.output = element("div.exercise-output", { role: "status", "aria-live": "polite" });
      this.ladder = element("ol.exercise-hints", { "aria-live": "polite" });
      this.editor.area.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || this.busy) return;
        if (event.ctrlKey || event.metaKey) this.work("check");
        else if (event.shiftKey) this.work("run");
        else return;
        event.preventDefault();
      });
      this.showSolved(known);
      const first = root === document.querySelector(".exercise[data-exercise]");
      const about = first ? [element("p.exercise-about", {}, WORDS.about)] : [];
      root.replaceChildren(this.editor.box, this.bar, ...about, this.progress, this.output, this.ladder);
      root.classList.add("live");
      root.dataset.state = "";
    }

    keepText(source) {
      keep(this.id, { source: source === this.starter ? undefined : source });
    }

    showSolved(known) {
      this.solved.hidden = !known.solved;
    }

    showHint() {
      const rung = Math.min((recall(this.id).rung ?? 0) + 1, this.hints.length);
      keep(this.id, { rung });
      this.showLadder(rung);
    }

    showLadder(rung) {
      for (let i = this.ladder.children.length; i < rung; i++) {
        const label = element("strong", {}, `Hint ${i + 1} of ${this.hints.length}: `);
        this.ladder.append(element("li", {}, label, ...prose(this.hints[i])));
      }
      this.hint.setAttribute("aria-disabled", rung >= this.hints.length);
    }

    startAgain() {
      const mine = this.editor.source;
      const put = (source) => {
        this.editor.source = source;
        this.keepText(source);
      };
      put(this.starter);
      keep(this.id, { rung: 0, told: [] });
      this.ladder.replaceChildren();
      this.hint.removeAttribute("aria-disabled");
      const back = element("button.exercise-back", { type: "button" }, "Bring my text back");
      back.onclick = () => {
        put(mine);
        this.say("", "Your text is back.");
        this.editor.area.focus();
      };
      this.say("", "This is the starter again. ", ...(mine === this.starter ? [] : [back]));
    }

    say(state, ...what) {
      this.root.dataset.state = state;
      this.output.replaceChildren(...(what.length ? [element("p", {}, ...what)] : []));
    }

    // What does not fit its box can be scrolled by keyboard too.
    letScroll() {
      for (const pre of this.output.querySelectorAll("pre")) {
        const fits = pre.scrollWidth <= pre.clientWidth && pre.scrollHeight <= pre.clientHeight;
        if (fits) continue;
        pre.tabIndex = 0;
        pre.setAttribute("role", "group");
        pre.setAttribute("aria-label", "Output");
      }
    }

    // On a phone the words come below the edge of the screen: bring them up.
    reveal() {
      if (this.output.getBoundingClientRect().bottom < innerHeight) return;
      const tall = this.output.offsetHeight > innerHeight / 2;
      if (tall) this.bar.scrollIntoView({ block: "start" });
      else this.output.scrollIntoView({ block: "nearest" });
    }

    setBusy(busy) {
      this.busy = busy;
      this.run.textContent = busy ? "Stop" : "Run";
      this.run.classList.toggle("exercise-stop", busy);
      this.check.setAttribute("aria-disabled", busy);
      this.reset.disabled = busy;
      this.progress.hidden = true;
    }

    async work(what) {
      if (what === "check" && this.editor.source === this.starter) {
        this.say("untouched", WORDS.untouched);
        this.reveal();
        return;
      }
      this.setBusy(true);
      this.say("busy", python.ready ? "Running …" : "Starting Python …");
      this.reveal();
      const { rung = 0, told = [], tries = 0 } = recall(this.id);
      const request = { do: what, id: this.id, source: this.editor.source, rung, told };
      const hear = (news) => this.hear(news);
      let answer = await python.ask(request, hear);
      if (answer.reply?.stumbled && !answer.reply.passed && !answer.fresh) {
        answer = await python.ask(request, hear); // once more, in a Python nobody has touched
      }
      this.setBusy(false);
      if (answer.stopped) this.say("stopped", WORDS.stopped);
      else if (answer.failed !== undefined) this.sayFailed(answer.failed);
      else if (what === "run") this.showRun(answer);
      else {
        keep(this.id, { tries: tries + 1 });
        this.showVerdict(answer);
      }
      this.letScroll();
      this.reveal();
    }

    hear({ loaded, total, started, said }) {
      if (total) {
        const words = loaded < total
          ? "Fetching Python: some 9 MB, which the browser keeps …"
          : "Starting Python …";
        if (this.output.textContent !== words) this.say("busy", words);
        this.progress.hidden = false;
        this.progress.value = loaded / total;
      } else if (started) {
        this.progress.hidden = true;
        this.say("busy", "Running …");
      } else if (said) {
        this.output.querySelector("pre") ?? this.output.append(element("pre"));
        this.output.querySelector("pre").append(said);
      }
    }

    sayFailed(reason) {
      const served = location.protocol.startsWith("http");
      const advice = served
        ? "Your text is kept. Check the connection, and try again."
        : "A page opened as a file cannot start it: serve the site, with `make serve` for example.";
      this.say("failed", ...prose(`Python could not be had. ${advice} `), element("small", {}, reason.slice(-300)));
    }

    showRun({ reply, slow }) {
      if (!reply) {
        const words = slow ? [WORDS.slow, WORDS.slowHint] : [WORDS.broken, WORDS.brokenHint];
        this.say("failed", words.join(" "));
        return;
      }
      const { printed, value, error } = reply;
      this.say(error ? "failed" : "ran");
      if (printed) this.output.append(element("pre", {}, printed));
      if (value) this.output.append(element("pre", {}, value));
      if (error) this.output.append(element("pre.exercise-error", {}, error));
      if (!printed && !value && !error) this.say("ran", WORDS.silent);
    }

    showVerdict({ reply, slow }) {
      const { passed = false, message, columns, hint, printed = "", rung, told } = reply ?? {
        message: slow ? WORDS.slow : WORDS.broken,
        hint: slow ? WORDS.slowHint : WORDS.brokenHint,
      };
      this.root.dataset.state = passed ? "passed" : "failed";
      const parts = [element("p.exercise-verdict", {}, passed ? "✓ Right." : "✗ Not right yet.")];
      if (passed) parts.push(element("p", {}, ...prose(message)));
      else parts.push(...report(message, columns));
      if (printed) parts.push(element("p", {}, "It printed:"), element("pre", {}, printed));
      // Rungs of the ladder stand below, in their own list.
      const own = (hint ?? "").split("\n").filter((line) => !/^Hint \d+ of \d+: /.test(line));
      if (own.join("")) parts.push(element("p.exercise-hint", {}, ...prose(own.join("\n"))));
      if (passed) {
        if (!recall(this.id).solved) keep(this.id, { solved: new Date().toISOString() });
        this.showSolved(recall(this.id));
        parts.push(this.tally());
      }
      this.output.replaceChildren(...parts);
      if (rung !== undefined) {
        keep(this.id, { rung, told });
        if (!passed) this.showLadder(rung);
      }
    }

    tally() {
      const all = [...document.querySelectorAll(".exercise[data-exercise]")];
      const solved = all.filter((one) => recall(one.dataset.exercise).solved).length;
      const words = `You have solved ${solved} of the ${all.length} exercises of this chapter. `;
      const { progress } = this.root.dataset;
      const link = progress ? [element("a", { href: progress }, "All you have solved")] : [];
      return element("p.exercise-tally", {}, words, ...link);
    }
  }

  // Sentences as text; what is set in, or stands in columns, as it is.
  function report(message, columns) {
    if (columns && message.includes("\n")) return [element("pre", {}, message)];
    const parts = [];
    for (const line of message.split("\n")) {
      const inset = line.startsWith("    ");
      const last = parts.at(-1);
      if (inset && last?.tagName === "PRE") last.append(`\n${line.slice(4)}`);
      else parts.push(inset ? element("pre", {}, line.slice(4)) : element("p", {}, line));
    }
    return parts;
  }

  // ---------------------------------------------------------------------- what is solved so far

  class Progress {
    constructor(root) {
      this.items = [...root.querySelectorAll("[data-exercise]")];
      this.chapters = root.querySelectorAll("section");
      this.count = root.querySelector(".exercise-count");
      this.name = root.querySelector("input");
      try {
        this.name.value = localStorage.getItem(`${PREFIX}name`) ?? "";
        this.name.oninput = () => localStorage.setItem(`${PREFIX}name`, this.name.value);
      } catch {}
      root.querySelector(".exercise-export").onclick = () => this.save();
      root.querySelector(".exercise-forget").onclick = () => {
        if (!confirm("Forget all your answers, in this browser, for good?")) return;
        for (const item of this.items) forget(item.dataset.exercise);
        this.show();
      };
      root.querySelector(".exercise-tools").hidden = false;
      this.show();
      addEventListener("pageshow", () => this.show()); // come back from a chapter
      addEventListener("storage", () => this.show()); // solved in another tab
    }

    show() {
      let solved = 0;
      for (const item of this.items) {
        const known = recall(item.dataset.exercise);
        const state = known.solved ? "solved" : known.source || known.tries ? "begun" : "";
        solved += state === "solved";
        item.dataset.state = state;
        item.querySelector(".exercise-state").textContent = { solved: "✓ solved", begun: "begun" }[state] ?? "";
      }
      for (const chapter of this.chapters) {
        const all = chapter.querySelectorAll("[data-exercise]").length;
        const done = chapter.querySelectorAll('[data-state="solved"]').length;
        chapter.querySelector(".exercise-share").textContent = `${done} of ${all}`;
        chapter.dataset.state = done === all ? "solved" : "";
      }
      this.count.textContent = `Solved in this browser: ${solved} of ${this.items.length}.`;
    }

    save() {
      const exercises = this.items.map((item) => {
        const { solved = null, tries = 0, rung = 0, source = null } = recall(item.dataset.exercise);
        const { exercise: id, title } = item.dataset;
        return { id, title, solved, checks: tries, hints: rung, answer: source };
      });
      const content = { book: "RecSys Lab", name: this.name.value, saved: new Date().toISOString(), exercises };
      const file = new Blob([JSON.stringify(content, null, 2)], { type: "application/json" });
      const link = element("a", { href: URL.createObjectURL(file), download: "recsys-lab-progress.json" });
      link.click();
      URL.revokeObjectURL(link.href);
    }
  }

  // On the map of the chapters: how many exercises of each are solved.
  function tick(link) {
    const ids = link.dataset.exercises.split(" ");
    const solved = ids.filter((id) => recall(id).solved).length;
    let mark = link.querySelector(".exercise-ticks");
    if (!mark && solved) link.append((mark = element("em.exercise-ticks")));
    if (mark) mark.textContent = solved ? `✓ ${solved} of ${ids.length} solved` : "";
  }

  // -------------------------------------------------------------------------------------- begin

  const able = typeof WebAssembly === "object" && typeof Worker === "function";
  for (const root of document.querySelectorAll(".exercise[data-exercise]")) {
    if (able) new Exercise(root);
    else root.append(element("p.exercise-output", {}, "This browser cannot run Python; the notebook of this chapter can be downloaded."));
  }
  for (const root of document.querySelectorAll(".exercise-list")) new Progress(root);
  const tickAll = () => document.querySelectorAll("[data-exercises]").forEach(tick);
  for (const event of ["pageshow", "storage"]) addEventListener(event, tickAll);
})();
