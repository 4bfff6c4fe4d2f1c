"""Pictures of a built page, to be looked at: every explorable at both ends of its controls.

    python tests/site/look.py _build/html/book/similarity.html [folder for the pictures]

For each explorable one sheet: wide and light at the start, wide and dark with every control at its
high end, narrow and light at the low end, narrow and dark at the high end. Then the whole page in
slices, wide and narrow. Needs the packages of the tests, and Chromium.
"""

import io
import sys
from pathlib import Path

from on_screen import launch, served
from PIL import Image
from playwright.sync_api import sync_playwright

SHEET = [  # (width, theme, where every control stands)
    (1280, "light", "start"),
    (1280, "dark", "high"),
    (375, "light", "low"),
    (375, "dark", "high"),
]
SLICE = 1_800  # pixels of height

MOVE = """(figure, end) => {
  if (end === "start") return;
  const form = figure.querySelector("form");
  for (const input of form.elements) {
    if (input.type === "range") input.value = end === "low" ? input.min : input.max;
    else if (input.type === "checkbox") input.checked = end === "high";
    else if (input.tagName === "SELECT") input.selectedIndex = end === "low" ? 0 : input.length - 1;
    else if (input.type === "radio") {
      const all = [...form.querySelectorAll(`input[name="${input.name}"]`)];
      all[end === "low" ? 0 : all.length - 1].checked = true;
    }
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
}"""
# What sticks to the window's edge would lie over pictures taller than the window.
HIDE = ".pst-skip-link, .skip-link, #pst-skip-link, .bd-header-article { visibility: hidden; }"
AWAKE = (
    "f => f.querySelector('.main-svg') && (f.dataset.state || !f.querySelector('input, select'))"
)


def main(built, folder):
    built, folder = Path(built).resolve(), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    site = next(up for up in built.parents if (up / "_static").is_dir())
    with served(site) as address, sync_playwright() as playwright:
        browser = launch(playwright)
        views = []
        for width, theme, end in SHEET:
            context = browser.new_context(viewport={"width": width, "height": 900})
            context.add_init_script(f"localStorage.mode = localStorage.theme = '{theme}'")
            page = context.new_page()
            page.goto(f"{address}/{built.relative_to(site)}")
            page.add_style_tag(content=HIDE)
            views.append((page, end, page.locator("figure.explorable").all()))
        for figures in zip(*(figures for _, _, figures in views)):
            shots = []
            for (page, end, _), figure in zip(views, figures):
                figure.scroll_into_view_if_needed()
                page.wait_for_function(AWAKE, arg=figure.element_handle(), timeout=30_000)
                figure.evaluate(MOVE, end)
                page.wait_for_timeout(400)
                shots.append(Image.open(io.BytesIO(figure.screenshot())).convert("RGB"))
            name = folder / f"{figures[0].get_attribute('data-explorable')}.png"
            sheet(shots).save(name)
            print(name)
        for (page, _, _), (width, theme, _) in list(zip(views, SHEET))[:3:2]:
            shot = page.screenshot(full_page=True)
            whole = Image.open(io.BytesIO(shot)).convert("RGB")
            for at in range(0, whole.height, SLICE):
                name = folder / f"page-{width}-{theme}-{at // SLICE:02d}.png"
                whole.crop((0, at, width, min(at + SLICE, whole.height))).save(name)
                print(name)
        browser.close()


def sheet(shots, gap=12):
    """Two wide pictures in a column, the two narrow ones beside them."""
    left = max(shot.width for shot in shots[:2])
    right = [left + gap, left + 2 * gap + shots[2].width]
    height = max(shots[0].height + gap + shots[1].height, shots[2].height, shots[3].height)
    paper = Image.new("RGB", (right[1] + shots[3].width, height), "#888888")
    places = [(0, 0), (0, shots[0].height + gap), (right[0], 0), (right[1], 0)]
    for shot, place in zip(shots, places):
        paper.paste(shot, place)
    return paper


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else "_build/look")
