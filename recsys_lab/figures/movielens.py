"""Pictures of the pages on real ratings: functions of the data, which may not be there."""

from functools import cache

import numpy as np

from recsys_lab.explore import Choice, Explorable, Slider, style
from recsys_lab.similarity import top_k


def matrix_picture(dataset):
    """The whole matrix in Matplotlib, one speck a rating, busiest viewers and films first."""
    import matplotlib.pyplot as plt

    interactions = dataset.interactions
    rank = [
        np.argsort(np.argsort(-np.bincount(ids, minlength=size), kind="stable"))
        for ids, size in (
            (interactions.users, interactions.n_users),
            (interactions.items, interactions.n_items),
        )
    ]
    with plt.rc_context(style.matplotlib_rc()):
        figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
        axes.plot(
            rank[1][interactions.items],
            rank[0][interactions.users],
            ",",
            color=style.LIGHT["user"],
            alpha=0.5,
        )
        axes.set(
            xlim=(0, interactions.n_items),
            ylim=(interactions.n_users, 0),
            xlabel="films, most rated first",
            ylabel="viewers, busiest first",
        )
        plt.close(figure)
    return figure


def long_tail(dataset):
    """Slide along the films, most rated first: what share of all ratings do they hold?"""
    counts = np.bincount(dataset.interactions.items, minlength=dataset.interactions.n_items)
    counts = np.sort(counts)[::-1]
    share = 100 * np.cumsum(counts) / counts.sum()
    n = len(counts)
    at = np.unique(np.geomspace(1, n, 150).astype(int)) - 1  # dense where the curve is steep
    percents = 100 * (at + 1) / n

    def kept(percent):
        return max(1, round(n * percent / 100))

    def draw(percent):
        inside = np.where(at < kept(percent), share[at], np.nan)
        return style.figure(
            [
                style.line(percents, share[at], color=style.QUIET, width=2),
                style.line(
                    percents,
                    inside,
                    color=style.ITEM,
                    width=3,
                    fill="tozeroy",
                    fillcolor=style.ITEM_SOFT,
                ),
                style.line([0, 100], [50, 50], dash="dot"),
                style.dots([percent], [share[kept(percent) - 1]], size=12),
                style.words(
                    [99], [46], ["half of all ratings"], color=style.QUIET, at="middle left"
                ),
            ],
            height=340,
            xaxis=style.axis("% of the films, most rated first", (0, 101)),
            yaxis=style.axis("% of all ratings", (0, 103)),
        )

    def describe(percent):
        return (
            f"The most rated {percent:g} % of the films ({kept(percent):,} of {n:,}) hold "
            f"{share[kept(percent) - 1]:.0f} % of the ratings."
        )

    def table(percent):
        marks = sorted({1, 5, 10, 20, 50, percent})
        rows = [[f"{p} %", f"{share[kept(p) - 1]:.1f} %"] for p in marks]
        return ["most rated films", "share of ratings"], rows

    steps = [1, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 30, 50, 75, 100]
    return Explorable(
        draw,
        {"percent": Slider("Films kept, most rated first (%)", steps, start=3)},
        "How few films make up half of all ratings?",
        describe,
        "movielens.long-tail",
        table=table,
    )


def means(dataset):
    """Histogram of mean ratings, per viewer or film, for those with at least so many ratings."""
    interactions = dataset.interactions
    sides = {
        "film": (interactions.items, interactions.n_items),
        "viewer": (interactions.users, interactions.n_users),
    }
    edges = np.arange(0.375, 5.2, 0.25)
    centres = (edges[:-1] + edges[1:]) / 2

    # The last bar is the one the question is about.
    colours = {"film": (style.ITEM_SOFT, style.ITEM), "viewer": (style.USER_SOFT, style.USER)}

    @cache
    def averages(side, least):
        ids, size = sides[side]
        count = np.bincount(ids, minlength=size)
        total = np.bincount(ids, weights=interactions.values, minlength=size)
        return total[count >= least] / count[count >= least]

    def draw(side, least):
        share = np.histogram(averages(side, least), edges)[0] / len(averages(side, least))
        return style.figure(
            [
                style.bars(
                    centres,
                    100 * share,
                    marker={"color": [colours[side][int(c > 4.9)] for c in centres]},
                )
            ],
            height=320,
            bargap=0.08,
            xaxis=style.axis("mean rating (stars)", (0.2, 5.2)),
            yaxis=style.axis(f"% of {side}s", (0, 45)),
        )

    def describe(side, least):
        values = averages(side, least)
        return (
            f"{len(values):,} {side}s have at least {least} rating{'s' * (least > 1)}; their "
            f"means are {values.mean():.2f} on average and spread by {values.std():.2f} stars."
        )

    def table(side, least):
        share = np.histogram(averages(side, least), edges)[0]
        return ["mean (stars)", f"{side}s"], [[f"{c:.2f}", int(n)] for c, n in zip(centres, share)]

    return Explorable(
        draw,
        {
            "side": Choice("Means of each", {"film": "film", "viewer": "viewer"}),
            "least": Slider("With at least this many ratings", [1, 2, 5, 10, 20, 50, 100], start=1),
        },
        "Are there really films worth exactly five stars?",
        describe,
        "movielens.means",
        table=table,
    )


def over_time(dataset):
    """Ratings year by year: how many, and how high."""
    interactions = dataset.interactions
    year = (
        interactions.timestamps.astype("datetime64[s]").astype("datetime64[Y]").astype(int) + 1970
    )
    years = np.arange(year.min(), year.max() + 1)
    count = np.array([(year == y).sum() for y in years])
    mean = np.array(
        [interactions.values[year == y].mean() if c else np.nan for y, c in zip(years, count)]
    )
    people = np.array([len(np.unique(interactions.users[year == y])) for y in years])
    ways = {
        "count": ("ratings", count, (0, count.max() * 1.08)),
        "people": ("people who rated", people, (0, people.max() * 1.08)),
        "mean": ("mean rating (stars)", mean, (0, 5)),
    }

    def draw(show):
        title, values, limits = ways[show]
        return style.figure(
            [style.bars(years, values, color=style.USER)],
            height=300,
            bargap=0.15,
            xaxis=style.axis("year"),
            yaxis=style.axis(title, limits),
        )

    def describe(show):
        title, values, _ = ways[show]
        top, low = np.nanargmax(values), np.nanargmin(values)
        word = "{:.2f}" if show == "mean" else "{:,.0f}"
        high, bottom = word.format(values[top]), word.format(values[low])
        return f"By {title}: highest in {years[top]} ({high}), lowest in {years[low]} ({bottom})."

    def table(show):
        return ["year", ways[show][0]], [[str(y), float(v)] for y, v in zip(years, ways[show][1])]

    return Explorable(
        draw,
        {"show": Choice("Show, by year", {name: way[0] for name, way in ways.items()})},
        "Did these ratings arrive evenly over the years?",
        describe,
        "movielens.over-time",
        table=table,
    )


SHRINK = [0, 5, 25, 100]


def film_similarities(dataset, films, shrinkage=25):
    """Similarity of each of q films to all n films by three measures.

    dot: ⟨a, b⟩ of the films' star vectors, blanks 0. cosine: of stars minus the viewer's mean,
    over the viewers who rated both. shrunk: that cosine times c / (c + shrinkage), c the number
    of viewers who rated both. The film itself, and films that share no viewer with it, get -inf.

    Returns
    -------
    (scores, both) : dict of measure → array (q, n), and the shared viewers, array (q, n).
    Dense by nature: O(q·m·n) time, O(m·n) memory.
    """
    stars = dataset.interactions.to_dense()
    seen = (stars > 0).astype(float)
    mean = stars.sum(axis=1) / seen.sum(axis=1)
    centred = np.where(seen > 0, stars - mean[:, None], 0.0)
    both = seen[:, films].T @ seen
    products = centred[:, films].T @ centred
    own = (centred[:, films] ** 2).T @ seen  # squared length over the shared viewers
    other = seen[:, films].T @ centred**2
    # Lengths may be zero up to rounding: a viewer whose stars are all alike.
    length = np.sqrt(np.maximum(own * other, 0))
    alike = np.divide(products, length, out=np.zeros_like(products), where=length > 1e-9)
    alike = np.clip(alike.round(12), -1, 1)  # a thousand perfect ones tie, and should say so
    scores = {
        "dot": stars[:, films].T @ stars,
        "cosine": alike,
        "shrunk": alike * both / np.maximum(both + shrinkage, 1),
    }
    for values in scores.values():
        values[both == 0] = -np.inf
        values[np.arange(len(films)), films] = -np.inf
    return scores, both


def neighbours(dataset, n_films=120, shown=10):
    """Pick a film by name: its ten neighbours by dot product, cosine and shrunk cosine."""
    counts = np.bincount(dataset.interactions.items, minlength=dataset.interactions.n_items)
    offered = top_k(counts, n_films)
    title = {int(j): f"{dataset.items['title'][j]} ({dataset.items['year'][j]})" for j in offered}
    offered = sorted(title, key=title.get)
    heads = {
        "dot": "dot product of stars",
        "cosine": "cosine over shared viewers",
        "shrunk": "the same, shrunk",
    }

    best = {}
    for shrinkage in SHRINK:
        scores, both = film_similarities(dataset, offered, shrinkage)
        for name, values in scores.items():
            for film, row, top, shared in zip(offered, values, top_k(values, shown), both):
                best[film, shrinkage, name] = [(int(j), row[j], int(shared[j])) for j in top]

    def ten(film, shrinkage):
        return {name: best[film, shrinkage, name] for name in heads}

    def short(j, limit=24):
        name = str(dataset.items["title"][j])
        return name if len(name) <= limit else name[: limit - 1].rstrip() + "…"

    def draw(film, shrinkage):
        columns = ten(film, shrinkage)
        traces, rank = [], np.arange(1, shown + 1)
        for at, films in enumerate(columns.values(), start=1):
            axes = {"xaxis": f"x{at}", "yaxis": f"y{at}"} if at > 1 else {}
            shares = [np.sqrt(counts[j] / counts.max()) for j, _, _ in films]
            traces += [
                style.bars(shares, rank, horizontal=True, color=style.ITEM_SOFT, **axes),
                style.words(
                    np.full(shown, 0.02),
                    rank,
                    [f"<b>{counts[j]}</b>  {short(j)}" for j, _, _ in films],
                    at="middle right",
                    size=12,
                    **axes,
                ),
            ]
        layout, narrow = {}, {"height": 980}
        for at, name in enumerate(columns, start=1):
            suffix = "" if at == 1 else str(at)
            left = (at - 1) * 0.345
            layout |= {
                f"xaxis{suffix}": style.bare_axis(
                    (0, 1.05), domain=[left, left + 0.31], anchor=f"y{suffix}"
                )
                | {
                    "side": "top",
                    "title": {"text": heads[name], "font": {"size": 12, "color": style.INK}},
                },
                f"yaxis{suffix}": style.bare_axis(
                    (shown + 0.6, 0.4), anchor=f"x{suffix}", domain=[0, 1]
                ),
            }
            bottom = 1 - at / 3 + 0.02
            narrow |= {
                f"xaxis{suffix}.domain": [0, 1],
                f"yaxis{suffix}.domain": [bottom, bottom + 0.27],
            }
        return style.figure(
            traces,
            height=400,
            narrow=narrow,
            margin={"l": 4, "r": 4, "t": 34, "b": 8},
            bargap=0.12,
            uniformtext={"mode": False},
            **layout,
        )

    def describe(film, shrinkage):
        columns = ten(film, shrinkage)
        typical = {
            name: int(np.median([counts[j] for j, _, _ in films]))
            for name, films in columns.items()
        }
        shared = int(np.median([n for _, _, n in columns["cosine"]]))
        return (
            f"{title[film]}, median ratings of the ten neighbours: dot product {typical['dot']}, "
            f"cosine {typical['cosine']} (on {shared} shared viewer{'s' * (shared != 1)}), "
            f"shrunk {typical['shrunk']}."
        )

    def table(film, shrinkage):
        rows = [
            [heads[name], short(j, 60), float(score), n, int(counts[j])]
            for name, films in ten(film, shrinkage).items()
            for j, score, n in films
        ]
        return ["by", "film", "score", "shared viewers", "ratings"], rows

    start = next((j for j in offered if title[j].startswith("Aliens")), offered[0])
    return Explorable(
        draw,
        {
            "film": Choice("A film you know", {j: title[j] for j in offered}, start=start),
            "shrinkage": Slider(
                "Shrink by β: n shared viewers count n / (n + β)", SHRINK, start=25
            ),
        },
        "Which of the three lists would you trust?",
        describe,
        "movielens.neighbours",
        table=table,
    )


FROM_DATA = (long_tail, means, over_time, neighbours)
