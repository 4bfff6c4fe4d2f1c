// Turns the explorables of a chapter into screens for a projector (book/_ext/recsys_lab_book/slides.py).
//
// Arrow keys, space and a presenter's Page keys turn the screens; while a control has the focus the
// arrows belong to it, until Escape or a click beside it. F is full screen, D is dark and light.
(() => {
  "use strict";

  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  root.dataset.theme = recalled() ?? (system.matches ? "dark" : "light");

  function recalled() {
    try {
      const theme = localStorage.getItem("theme"); // where the pages of the book keep it
      return theme === "dark" || theme === "light" ? theme : null;
    } catch {
      return null;
    }
  }

  function turnDark() {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
      localStorage.setItem("mode", root.dataset.theme);
    } catch {}
  }

  function start() {
    const slides = [...document.querySelectorAll(".slide")];
    if (!slides.length) return; // the list of chapters
    const stage = document.querySelector("main");
    const [back, forth] = document.querySelectorAll("footer button");
    const count = document.querySelector("footer .count");
    let at = 0;
    let tightest = 1; // a longer sentence makes a figure smaller, a shorter one not larger again

    const figureOf = (slide) => slide.querySelector("figure.explorable");
    for (const slide of slides) {
      const controls = slide.querySelectorAll(".explorable-control").length;
      if (controls > 4) figureOf(slide).classList.add("many");
    }

    function fit(anew) {
      const figure = figureOf(slides[at]);
      const [width, height] = [stage.clientWidth, stage.clientHeight];
      const [edge, top] = [width * 0.03, height * 0.035];
      const possible = Math.min(
        (width - 2 * edge) / figure.offsetWidth,
        (height - top) / figure.offsetHeight,
      );
      tightest = anew ? possible : Math.min(possible, tightest);
      const left = (width - figure.offsetWidth * tightest) / 2;
      figure.style.transform = `translate(${left}px, ${top}px) scale(${tightest})`;
    }

    function show(index) {
      at = Math.max(0, Math.min(slides.length - 1, index));
      if (slides.some((slide) => slide.contains(document.activeElement))) document.activeElement.blur();
      slides.forEach((slide, i) => (slide.hidden = i !== at));
      back.disabled = at === 0;
      forth.disabled = at === slides.length - 1;
      count.textContent = `${at + 1} of ${slides.length}`;
      history.replaceState(null, "", `#${at + 1}`);
      fit(true);
    }

    const sizes = new ResizeObserver(() => fit(false));
    slides.forEach((slide) => sizes.observe(figureOf(slide)));
    addEventListener("resize", () => fit(true));
    addEventListener("hashchange", () => show(Number(location.hash.slice(1)) - 1 || 0));
    back.addEventListener("click", () => show(at - 1));
    forth.addEventListener("click", () => show(at + 1));

    const STEPS = { ArrowRight: 1, ArrowDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1 };
    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { key, target } = event;
      const inControl = target.matches("input, select, button, summary, a");
      if (key === "PageDown") show(at + 1);
      else if (key === "PageUp") show(at - 1);
      else if (key === "Escape" && inControl) return target.blur();
      else if (key.toLowerCase() === "f" && !target.matches("select")) fullScreen();
      else if (key.toLowerCase() === "d" && !target.matches("select")) turnDark();
      else if (inControl) return;
      else if (key in STEPS) show(at + STEPS[key]);
      else if (key === "Home") show(0);
      else if (key === "End") show(slides.length - 1);
      else return;
      event.preventDefault();
    });

    function fullScreen() {
      if (document.fullscreenElement) document.exitFullscreen();
      else root.requestFullscreen?.().catch(() => {});
    }

    show(Number(location.hash.slice(1)) - 1 || 0);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
