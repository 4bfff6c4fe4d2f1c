"""After the build: icons from a font of a few kilobytes instead of half a megabyte of script."""

import re
from pathlib import Path

import pydata_sphinx_theme
from fontTools import subset
from sphinx.errors import ExtensionError

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
FONTS = Path("vendor/fontawesome/webfonts")
SCRIPT = re.compile(r'<script[^>]*src="[^"]*scripts/fontawesome\.js[^"]*"[^>]*></script>\n?')
NAME = re.compile(r"\bfa-[a-z0-9-]+")
RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"\\([0-9a-f]+)"\}')


def setup(app):
    app.connect("build-finished", slim_icons)


def slim_icons(app, exception):
    """Drop the icon script from every page; keep of the icon font what the pages use.

    The theme ships both: a script that draws icons (0.5 MB gzipped) and the fonts it replaced.
    """
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    icons = THEME / FONTS / "fa-solid-900.woff2"  # the whole font: the built one may be cut already
    if not icons.exists():
        raise ExtensionError(f"the theme no longer ships {FONTS}; see book/_ext for what to mend")
    css = (out / "_static/styles/pydata-sphinx-theme.css").read_text()
    codes = {name: code for names, code in RULE.findall(css) for name in NAME.findall(names)}
    used = set()
    for page in out.rglob("*.html"):
        text = page.read_text()
        used |= set(NAME.findall(text))
        slim = SCRIPT.sub("", text)
        if slim != text:
            page.write_text(slim)
    for script in (out / "_static/scripts").glob("*.js"):  # the theme's scripts add icons too
        if script.name != "fontawesome.js":
            used |= set(NAME.findall(script.read_text()))
    keep = [f"--unicodes={','.join(codes[name] for name in sorted(used & codes.keys()))}"]
    subset.main(
        [
            str(icons),
            *keep,
            "--flavor=woff2",
            f"--output-file={out / '_static' / FONTS / icons.name}",
        ]
    )
    for unused in [*(out / "_static" / FONTS).glob("*.ttf"), *(out / "_static").rglob("*.map")]:
        unused.unlink()
    for unused in ("fontawesome.js", "fontawesome.js.LICENSE.txt"):
        (out / "_static/scripts" / unused).unlink(missing_ok=True)
