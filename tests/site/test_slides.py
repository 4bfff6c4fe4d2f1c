"""The slides: every explorable of a chapter on a screen of its own, moved by mouse and keyboard."""

import re
from pathlib import Path

import pytest

SITE = Path(__file__).resolve().parents[2] / "_build" / "html"
PAGES = sorted(p.stem for p in (SITE / "slides").glob("*.html") if p.stem != "index")
NAME = re.compile(r'<figure class="explorable"[^>]* data-explorable="([^"]+)"')
CHAPTER = "similarity"  # its first explorable has a point to drag


def projector(open_page, name, width=1280, height=720):
    page = open_page(f"slides/{name}.html", width)
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("document.querySelector('.slide:not([hidden])')")
    return page


def drawn(page):
    """The figure that is shown, once it is drawn."""
    figure = page.locator(".slide:not([hidden]) figure.explorable")
    page.wait_for_function(
        "f => f.querySelector('.main-svg') "
        "&& (f.dataset.state || !f.querySelector('input, select'))",
        arg=figure.element_handle(),
        timeout=20_000,
    )
    return figure


def count(page):
    return page.locator("footer .count").inner_text()


def test_every_chapter_with_explorables_has_its_slides_and_all_of_them():
    for page in (SITE / "book").glob("*.html"):
        names = NAME.findall(page.read_text(encoding="utf-8"))
        slides = SITE / "slides" / page.name
        if names and page.stem != "index":
            assert NAME.findall(slides.read_text(encoding="utf-8")) == names
    listed = (SITE / "slides" / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<a href="(\w+)\.html">', listed) and PAGES
    assert sorted(re.findall(r'<a href="(\w+)\.html">', listed)) == PAGES


@pytest.mark.parametrize("name", PAGES)
def test_every_screen_is_filled_and_nothing_is_cut_off(open_page, name):
    page = projector(open_page, name)
    screens = page.locator(".slide").count()
    for at in range(1, screens + 1):
        figure = drawn(page)
        assert count(page) == f"{at} of {screens}"
        assert page.locator("figure.explorable:visible").count() == 1
        box, stage = figure.bounding_box(), page.locator("main").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= stage["width"]
        assert box["y"] + box["height"] <= stage["height"] + 1
        assert box["width"] > 0.7 * stage["width"], figure.get_attribute("data-explorable")
        question = figure.locator(".explorable-question")
        assert question.bounding_box()["y"] < 0.1 * stage["height"]
        page.keyboard.press("ArrowRight")
    assert page.problems == []


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080), (1024, 768)])
def test_a_point_is_dragged_where_the_finger_is(open_page, width, height):
    page = projector(open_page, CHAPTER, width, height)
    figure = drawn(page)
    handle = figure.locator(".explorable-handle")
    before = figure.get_attribute("data-state")
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    to = (x + 0.1 * width, y + 0.08 * height)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(*to, steps=4)
    page.mouse.up()
    page.wait_for_function(
        "([f, old]) => f.dataset.state !== old", arg=[figure.element_handle(), before]
    )
    box = handle.bounding_box()
    grid = 0.012 * width  # the point stands on a grid
    assert abs(box["x"] + box["width"] / 2 - to[0]) < grid
    assert abs(box["y"] + box["height"] / 2 - to[1]) < grid
    assert page.problems == []


def test_keys_turn_the_screens_and_belong_to_a_control_while_it_is_used(open_page):
    page = projector(open_page, CHAPTER)
    screens = page.locator(".slide").count()
    drawn(page)
    keys = page.keyboard
    for key, at in (
        ("ArrowRight", 2),
        ("PageDown", 3),
        ("End", screens),
        ("ArrowLeft", screens - 1),
    ):
        keys.press(key)
        assert count(page) == f"{at} of {screens}"
    keys.press("Home")
    assert page.url.endswith("#1")
    figure = drawn(page)
    slider = figure.locator("input[type=range]").first
    slider.focus()
    before = figure.get_attribute("data-state")
    keys.press("ArrowRight")
    page.wait_for_function(
        "([f, old]) => f.dataset.state !== old", arg=[figure.element_handle(), before]
    )
    assert count(page) == f"1 of {screens}"
    keys.press("Escape")
    keys.press("ArrowRight")
    assert count(page) == f"2 of {screens}"
    keys.press("PageUp")
    slider.focus()
    keys.press("PageDown")  # a presenter's key turns the screen, whatever has the focus
    assert count(page) == f"2 of {screens}"
    page.get_by_role("button", name="Back").click()
    assert count(page) == f"1 of {screens}"
    keys.press("d")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    keys.press("f")
    page.wait_for_function("document.fullscreenElement")
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "light"  # as the test set it
    assert page.problems == []


def test_no_slide_has_a_script_of_its_own_or_asks_another_host():
    for name in PAGES:
        text = (SITE / "slides" / f"{name}.html").read_text(encoding="utf-8")
        for tag in re.findall(r"<script\b[^>]*>", text):
            assert 'type="application/octet-stream"' in tag or re.search(r'src="\.\./_static/', tag)
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
