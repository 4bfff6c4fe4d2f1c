"""Notebooks on real ratings: where these cannot be had, the page says so and the book builds."""

import json

NEEDS = "needs"  # notebook metadata: {"recsys_lab": {"needs": "movielens"}}

NOTICE = """\
:::{{admonition}} The ratings are not here
:class: important
This page computes everything from the MovieLens data set (610 people, 100,836 ratings), whose
licence does not allow this book to carry it. To see the page, fetch the data once and build
again:

```
make data
make book
```

Without a network: unpack `ml-latest-small.zip` from GroupLens somewhere, and set
`RECSYS_LAB_DATA` to the folder that holds `ml-latest-small/`.

What happened here: {reason}
:::
"""


def setup(app):
    app.connect("source-read", replace_without_ratings)


def available():
    """None where the ratings can be loaded, else the reason why not."""
    from recsys_lab.data import load_movielens

    try:
        load_movielens(download=False)
    except (OSError, ValueError) as reason:
        return str(reason)
    return None


def replace_without_ratings(app, docname, source):
    """Keep the title of a notebook that needs ratings, and put a notice in place of the rest."""
    if not app.env.doc2path(docname).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    if notebook["metadata"].get("recsys_lab", {}).get(NEEDS) != "movielens":
        return
    reason = available()
    if reason is None:
        return
    title = "".join(notebook["cells"][0]["source"]).splitlines()[0]
    notice = {"cell_type": "markdown", "metadata": {}, "id": "no-ratings"}
    notebook["cells"] = [notice | {"source": f"{title}\n\n{NOTICE.format(reason=reason)}"}]
    source[0] = json.dumps(notebook)
