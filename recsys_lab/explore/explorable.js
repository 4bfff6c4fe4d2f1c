// Brings the explorables of a page to life: native controls, states from inside the page, Plotly.
//
// Python drew every state at build time (recsys_lab/explore/page.py); this script only chooses
// among them. In the order of a reader's visit: wait until a figure comes near, unpack its
// states, listen to its controls, draw the state they ask for, follow the theme and the width.
(() => {
  "use strict";

  const PLOTLY = new URL("plotly.min.js", document.currentScript.src).href;
  const NEAR = "600px"; // a figure wakes up this far below or above the screen
  const CONFIG = { displayModeBar: false, scrollZoom: false, doubleClick: false, showTips: false };
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  // ---------------------------------------------------------------- what arrives with the page

  async function unpack(base64) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  }

  let plotly = null;
  function loadPlotly() {
    plotly ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = PLOTLY;
      script.onload = () => resolve(window.Plotly);
      script.onerror = () => reject(new Error(`could not load ${PLOTLY}`));
      document.head.append(script);
    });
    return plotly;
  }

  // ------------------------------------------------------------------ one state out of the pack

  // A column holds one changing place of the documents; `axes` are the controls it depends on.
  function columnValue(pack, [, axes, indices], position) {
    let at = 0;
    for (const axis of axes) at = at * pack.shape[axis] + position[axis];
    return pack.pool[indices[at]];
  }

  function copy(value) {
    if (Array.isArray(value)) return value.map(copy);
    if (value === null || typeof value !== "object") return value;
    const twin = {};
    for (const name in value) twin[name] = copy(value[name]);
    return twin;
  }

  function put(target, path, value) {
    for (let i = 0; i < path.length - 1; i++) target = target[path[i]] ??= {};
    target[path[path.length - 1]] = value;
  }

  function documentAt(pack, position) {
    const result = copy(pack.base);
    for (const column of pack.columns) put(result, column[0], columnValue(pack, column, position));
    return result;
  }

  // Colours are written once, for the light page; the dark page exchanges each for its partner.
  function recolour(value, partner) {
    if (typeof value === "string") {
      const inWords = value.includes("color:#");
      return inWords ? value.replace(/#[0-9a-f]{6}/g, (c) => partner[c] ?? c) : (partner[value] ?? value);
    }
    if (Array.isArray(value)) {
      if (typeof value[0] === "number" && typeof value[value.length - 1] === "number") return value;
      return value.map((part) => recolour(part, partner));
    }
    if (value !== null && typeof value === "object") {
      for (const name in value) value[name] = recolour(value[name], partner);
    }
    return value;
  }

  const dark = () => {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };

  // ----------------------------------------------------------------------------- one explorable

  async function wake(root) {
    const data = root.querySelector(".explorable-data").textContent;
    const [pack, Plotly] = await Promise.all([unpack(data), loadPlotly()]);
    const form = root.querySelector(".explorable-controls");
    const plot = root.querySelector(".explorable-plot");
    const says = root.querySelector(".explorable-says");
    const body = root.querySelector(".explorable-numbers tbody");
    const controls = pack.controls;
    let position = controls.map((control) => control.start);
    let wanted = 0; // counts requests; the latest one wins, older ones are never drawn
    let drawn = 0;
    let busy = false;

    const stateKey = () =>
      controls.map((control, i) => `${control.name}=${control.keys[position[i]]}`).join(";");

    async function draw() {
      const state = documentAt(pack, position);
      const { data, layout } = state.figure;
      const width = plot.clientWidth;
      if (width < pack.narrowBelow) {
        for (const path in layout.meta?.narrow) put(layout, path.split("."), layout.meta.narrow[path]);
      }
      layout.width = width;
      if (dark()) recolour(state.figure, pack.dark);
      const name = stateKey();
      await Plotly.react(plot, data, layout, CONFIG);
      says.textContent = state.says;
      fillTable(body, state.table.rows);
      handles.forEach((handle) => handle.place());
      root.dataset.state = name;
    }

    // Draw at once when idle. While a drawing is under way only remember that one more is wanted.
    async function ask() {
      wanted += 1;
      if (busy) return;
      busy = true;
      try {
        while (drawn !== wanted) {
          drawn = wanted;
          await draw();
        }
      } finally {
        busy = false;
      }
    }

    function move(axis, index) {
      if (position[axis] === index) return;
      position[axis] = index;
      showControl(axis);
      ask();
    }

    // ------------------------------------------------------------------------------- controls

    const input = (name) => form.elements.namedItem(name);

    function showControl(axis) {
      const control = controls[axis];
      const index = position[axis];
      if (control.kind === "toggle") input(control.name).checked = index === 1;
      else if (control.kind === "choice") input(control.name).value = String(index);
      else if (control.kind === "slider") showRange(input(control.name), index, control.labels[index]);
      else {
        const [ix, iy] = [Math.floor(index / control.y.length), index % control.y.length];
        showRange(input(`${control.name}.x`), ix, short(control.x[ix]));
        showRange(input(`${control.name}.y`), iy, short(control.y[iy]));
      }
    }

    function showRange(range, index, words) {
      range.value = index;
      range.setAttribute("aria-valuetext", words);
      range.closest("label").querySelector("output").textContent = words;
    }

    function readControl(axis) {
      const control = controls[axis];
      if (control.kind === "toggle") return Number(input(control.name).checked);
      if (control.kind === "pad") {
        const [ix, iy] = ["x", "y"].map((side) => Number(input(`${control.name}.${side}`).value));
        return ix * control.y.length + iy;
      }
      return Number(input(control.name).value);
    }

    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => {
      stopPlaying();
      controls.forEach((_, axis) => move(axis, readControl(axis)));
    });
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      stopPlaying();
      controls.forEach((control, axis) => move(axis, control.start));
    });

    // ----------------------------------------------------------------- a film of one slider

    let timer = null;
    let playing = null;
    function stopPlaying() {
      clearInterval(timer);
      timer = null;
      if (playing) playing.textContent = "▶";
      playing = null;
    }
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-play]");
      if (!button) return;
      const again = playing === button;
      stopPlaying();
      if (again) return;
      const axis = controls.findIndex((control) => control.name === button.dataset.play);
      const last = pack.shape[axis] - 1;
      if (position[axis] === last) move(axis, 0);
      if (calm.matches) return move(axis, last); // no film for those who asked for stillness
      playing = button;
      button.textContent = "❚❚";
      timer = setInterval(() => {
        move(axis, Math.min(position[axis] + 1, last));
        if (position[axis] === last) stopPlaying();
      }, Math.max(60, Math.min(400, 6000 / last)));
    });

    // -------------------------------------------------------------- a point dragged by hand

    function nearest(grid, value) {
      let best = 0;
      for (let i = 1; i < grid.length; i++) {
        if (Math.abs(grid[i] - value) < Math.abs(grid[best] - value)) best = i;
      }
      return best;
    }

    function makeHandle(control, axis) {
      const ring = document.createElement("div");
      ring.className = "explorable-handle untouched";
      ring.setAttribute("aria-hidden", "true"); // the two range inputs serve the keyboard
      plot.append(ring);
      const scales = () =>
        control.axes.map((name) => plot._fullLayout[name.replace(/^([xy])/, "$1axis")]);

      // Where an event lies on this handle's axes, in pixels.
      function onAxes(event) {
        const box = plot.getBoundingClientRect();
        const larger = box.width / plot.offsetWidth; // above 1 on a slide
        const [sx, sy] = scales();
        return [
          (event.clientX - box.left) / larger - sx._offset,
          (event.clientY - box.top) / larger - sy._offset,
        ];
      }

      function here() {
        const [sx, sy] = scales();
        const index = position[axis];
        const x = control.x[Math.floor(index / control.y.length)];
        const y = control.y[index % control.y.length];
        return [sx.l2p(x), sy.l2p(y)];
      }

      return {
        ring,
        place() {
          const [sx, sy] = scales();
          const [x, y] = here();
          ring.style.transform = `translate(${sx._offset + x}px, ${sy._offset + y}px)`;
        },
        follow(event) {
          const [sx, sy] = scales();
          const [x, y] = onAxes(event);
          const [ix, iy] = [nearest(control.x, sx.p2l(x)), nearest(control.y, sy.p2l(y))];
          ring.classList.remove("untouched");
          move(axis, ix * control.y.length + iy);
        },
        // How far an event is from the point, in pixels; infinitely far outside its axes.
        distance(event) {
          const [sx, sy] = scales();
          const [x, y] = onAxes(event);
          if (x < 0 || y < 0 || x > sx._length || y > sy._length) return Infinity;
          return Math.hypot(x - here()[0], y - here()[1]);
        },
      };
    }

    // A ring takes what begins on it; elsewhere the nearest point comes.
    function wantedBy(event) {
      const far = handles.map((handle) =>
        event.target === handle.ring ? -1 : handle.distance(event),
      );
      const least = Math.min(...far);
      return least < Infinity ? handles[far.indexOf(least)] : null;
    }

    function listenForHands() {
      let held = null;
      plot.addEventListener("pointerdown", (event) => {
        // A finger on the plane may be scrolling the page: only a ring takes it at once.
        const onRing = handles.some(({ ring }) => ring === event.target);
        if (event.button !== 0 || (event.pointerType === "touch" && !onRing)) return;
        held = wantedBy(event);
        if (!held) return;
        plot.setPointerCapture(event.pointerId);
        stopPlaying();
        event.preventDefault();
        held.follow(event);
      });
      plot.addEventListener("pointermove", (event) => held?.follow(event));
      for (const end of ["pointerup", "pointercancel"]) plot.addEventListener(end, () => (held = null));
      plot.addEventListener("click", (event) => {
        if (event.pointerType === "touch") wantedBy(event)?.follow(event); // a tap moves a point
      });
    }

    // ------------------------------------------------------------------ first drawing, and after

    const handles = [];
    await draw();
    controls.forEach((control, axis) => {
      if (control.kind === "pad") handles.push(makeHandle(control, axis));
      // A browser that restores a page restores its inputs too: take their word for it.
      position[axis] = readControl(axis);
      showControl(axis);
    });
    handles.forEach((handle) => handle.place());
    if (handles.length) listenForHands();
    await ask();

    let width = plot.clientWidth;
    new ResizeObserver(() => {
      if (plot.clientWidth === width || plot.clientWidth === 0) return;
      width = plot.clientWidth;
      ask();
    }).observe(plot);
    new MutationObserver(ask).observe(document.documentElement, {
      attributes: true,
      attributeFilter: ["data-theme"],
    });
  }

  function fillTable(body, rows) {
    // Rows and cells mostly stay: write only what differs.
    while (body.rows.length > rows.length) body.deleteRow(-1);
    rows.forEach((cells, r) => {
      const row = body.rows[r] ?? body.insertRow();
      while (row.cells.length > cells.length) row.deleteCell(-1);
      cells.forEach((text, c) => {
        const cell = row.cells[c] ?? row.insertCell();
        if (cell.textContent !== text) cell.textContent = text;
      });
    });
  }

  const short = (value) => String(Number(value.toPrecision(6))).replace("-", "−");

  // ------------------------------------------------------------------------------- the page

  function start() {
    const near = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (!isIntersecting) continue;
          near.unobserve(target);
          wake(target).catch((error) => {
            target.dataset.error = error.message;
            console.error(target.dataset.explorable, error);
          });
        }
      },
      { rootMargin: NEAR },
    );
    document.querySelectorAll("figure.explorable").forEach((root) => near.observe(root));
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
