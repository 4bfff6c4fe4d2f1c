"""Every page, both themes, two widths: nothing from outside, nothing broken, nothing sideways."""

import gzip
import re
from pathlib import Path

import pytest

SITE = Path(__file__).resolve().parents[2] / "_build" / "html"
PAGES = sorted(str(p.relative_to(SITE)) for p in (SITE / "book").glob("*.html"))
FIRST_PAGE = "book/similarity.html"
NEXT_PAGE = "book/movielens_first_look.html"


def wake_all(page):
    """Bring every explorable near the screen and wait until each is drawn."""
    for figure in page.locator("figure.explorable").all():
        figure.scroll_into_view_if_needed()
        page.wait_for_function(
            "f => f.dataset.state !== '' || f.dataset.error || !f.querySelector('input, select') "
            "&& f.querySelector('.main-svg')",
            arg=figure.element_handle(),
            timeout=20_000,
        )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole(open_page, name, width, theme):
    page = open_page(name, width, theme)
    wake_all(page)
    assert page.problems == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, "sideways"
    missing = page.evaluate(
        "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
    )
    assert missing == []
    for figure in page.locator("figure.explorable").all():
        name = figure.get_attribute("data-explorable")
        marks = figure.locator(".explorable-plot .main-svg").evaluate_all(
            "svgs => svgs.reduce((n, s) => n + s.querySelectorAll('path, text, image').length, 0)"
        )
        assert marks > 5, f"{name} is drawn without marks"
        box = figure.locator(".explorable-plot").bounding_box()
        assert box["width"] <= width
    assert page.locator("html").get_attribute("data-theme") == theme


@pytest.mark.parametrize("name", PAGES)
def test_without_scripts_question_sentence_and_table_are_there(open_page, name):
    page = open_page(name, scripts=False)
    for figure in page.locator("figure.explorable").all():
        assert figure.locator(".explorable-question").inner_text()
        assert figure.locator(".explorable-says").inner_text()
        assert figure.locator(".explorable-numbers td").count() > 0


def test_nothing_is_drawn_before_it_comes_near_and_the_page_does_not_jump(open_page):
    page = open_page(FIRST_PAGE)
    last = page.locator("figure.explorable").last
    page.wait_for_timeout(500)
    assert last.get_attribute("data-state") == ""
    before = page.evaluate("document.documentElement.scrollHeight")
    wake_all(page)
    assert abs(page.evaluate("document.documentElement.scrollHeight") - before) <= 2


def test_an_entry_of_the_glossary_leads_to_the_first_use_and_that_leads_back(open_page):
    page = open_page("book/glossary.html")
    for link in page.locator("a.first-use").all():
        name, _, anchor = link.get_attribute("href").partition("#")
        chapter = (SITE / "book" / name).read_text()
        assert re.search(rf'id="{re.escape(anchor)}"', chapter), (name, anchor)
    assert page.locator("a.first-use").count() > 50
    first = page.locator(".glossary-letters a").nth(2)
    first.click()
    letter = page.locator(first.get_attribute("href"))
    assert letter.inner_text().upper().startswith(first.inner_text())


def bytes_of(page, site, names):
    """Gzipped bytes of everything a reader loads on a visit to these pages in turn."""
    asked, sums = set(), []
    page.on("request", lambda request: asked.add(request.url.split("?")[0]))
    for name in names:
        before = set(asked)
        page.goto(f"{site}/{name}")
        wake_all(page)
        page.wait_for_load_state("networkidle")
        files = [SITE / url.removeprefix(f"{site}/") for url in asked - before if site in url]
        sums.append(sum(len(gzip.compress(file.read_bytes(), 6)) for file in files))
    return sums


def test_the_first_chapter_costs_at_most_1200_kb_and_the_next_page_300(open_page, site, capsys):
    page = open_page("_static/favicon.svg")  # an address of the site that loads nothing else
    first, following = bytes_of(page, site, [FIRST_PAGE, NEXT_PAGE])
    with capsys.disabled():
        print(f"\n{FIRST_PAGE}: {first / 1e3:.0f} kB gzipped")
        print(f"then {NEXT_PAGE}: {following / 1e3:.0f} kB more")
    assert first <= 1_200_000
    assert following <= 300_000


def test_no_page_names_another_host_in_a_script_style_or_image():
    wanted = re.compile(
        r'<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)="(?:https?:)?//([^"/]+)', re.I
    )
    allowed = {"github.com"}
    found = {
        (page, host)
        for page in PAGES
        for host in wanted.findall((SITE / page).read_text())
        if host not in allowed
    }
    assert found == set()
