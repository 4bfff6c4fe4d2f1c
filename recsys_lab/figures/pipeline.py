"""Pictures of the chapter "Three stages", and the three stages of the Harbour Cinema they show."""

from functools import lru_cache

import numpy as np

from recsys_lab.data import harbour_tiny, load_harbour
from recsys_lab.explore import Choice, Explorable, Slider, style
from recsys_lab.fm import FactorizationMachine, FeatureEncoder
from recsys_lab.pipeline import Pipeline, funnel, latency_ledger, recall_ceiling
from recsys_lab.similarity import cosine, top_k

BUDGET = 100  # milliseconds

# ------------------------------------------------------------- a careful look at everything

CATALOGUES = {200: "200", 10_000: "10,000", 1_000_000: "a million", 1_000_000_000: "a billion"}
GLANCE, CAREFUL, COMPARE = 0.01, 100.0, 100.0  # microseconds an item
CANDIDATES, BEST_SCORED, SHOWN = 500, 50, 10


def one_look(n_items):
    """Milliseconds to look carefully at each of n_items."""
    return latency_ledger({"score": n_items}, {"score": CAREFUL})["total"]


def three_looks(n_items):
    """Milliseconds of retrieve, score and re-rank; an index glances at a million at most."""
    entering = {
        "retrieve": min(n_items, 1_000_000),
        "score": min(n_items, CANDIDATES),
        "re-rank": BEST_SCORED,
    }
    return latency_ledger(entering, {"retrieve": GLANCE, "score": CAREFUL, "re-rank": COMPARE})


def in_words(milliseconds):
    """A time in the unit that suits it: 4 ms, 1.5 seconds, 27.8 hours."""
    for size, unit in ((3_600_000, "hours"), (1_000, "seconds")):
        if milliseconds >= size:
            amount = f"{milliseconds / size:.1f}".removesuffix(".0")
            return f"{amount} {unit[:-1] if amount == '1' else unit}"
    return f"{milliseconds:.3g} ms"


def _times(ratio):
    return f"{ratio / 1e6:.1f} million" if ratio >= 1e6 else f"{ratio:,.0f}"


# Where the crowd stands in the funnel: four rows, dots drawn once and for all.
_WAITING = np.random.default_rng(2).uniform(-1, 1, (2, 260))


def _crowd(row, half_width, n):
    x, y = _WAITING[:, :n]
    return half_width * x, row + 0.17 * y


def _draw_looks(n_items):
    first, second, size = style.side_by_side(
        left=0.58, gap=0.12, height=430, narrow_height=700, split=0.62, narrow_gap=0.08
    )
    size["narrow"]["xaxis2.domain"] = [0.16, 1]
    ledger = three_looks(n_items)
    counts = [n_items, min(n_items, CANDIDATES), BEST_SCORED, SHOWN]
    half = 0.09 * np.log10(counts) + 0.14  # of a row: one step wider for each nought
    walls_x, walls_y = [], []
    for side in (-1, 1):
        for row in range(3):
            walls_x += [side * half[row], side * half[row + 1], None]
            walls_y += [3 - row - 0.28, 3 - row - 0.72, None]
    rim = {"line": {"width": 0.8, "color": style.ITEM}}
    traces = [style.line(walls_x, walls_y, color=style.ITEM_SOFT, width=2)]
    for row, n in enumerate([200, 70, 28]):
        x, y = _crowd(3 - row, half[row], n)
        traces.append(style.dots(x, y, size=5, color=style.ITEM_SOFT, marker=rim))
    ten = half[3] * np.linspace(-1, 1, SHOWN)
    traces.append(style.dots(ten, np.zeros(SHOWN), size=7, marker={"line": {"width": 0}}))
    amounts = [CATALOGUES[n_items], *(str(n) for n in counts[1:])]
    names = ["in the catalogue", "candidates", "best scored", "on the page"]
    stages = list(ledger)[:3]
    traces += [
        style.words(
            np.full(4, 1.06),
            [3, 2, 1, 0],
            [f"<b>{amount}</b><br>{name}" for amount, name in zip(amounts, names)],
            at="middle right",
        ),
        style.words(
            np.full(3, 1.06),
            [2.5, 1.5, 0.5],
            [f"▼ <b>{stage}</b><br>\u2003 {in_words(ledger[stage])}" for stage in stages],
            at="middle right",
            color=style.USER,
        ),
    ]
    alone = one_look(n_items)
    traces += [
        style.dots(  # on a logarithmic axis the length of a bar would say nothing
            [0, 1],
            [alone, ledger["total"]],
            size=20,
            marker={"color": [style.FOURTH, style.USER]},
            xaxis="x2",
            yaxis="y2",
        ),
        style.line(
            [-0.5, 1.5],
            [BUDGET, BUDGET],
            color=style.INK,
            dash="dash",
            width=1.5,
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    times = {
        1: "1 ms",
        BUDGET: "budget",
        1e3: "1 s",
        6e4: "1 min",
        3.6e6: "1 hour",
        8.64e7: "1 day",
    }
    return style.figure(
        traces,
        **size,
        margin={"l": 6, "r": 6, "t": 30, "b": 66},
        xaxis=style.bare_axis((-1.0, 2.12), **first[0]),
        yaxis=style.bare_axis((-0.35, 3.35), **first[1]),
        xaxis2=style.axis(range=(-0.5, 1.5), **second[0])
        | {
            "showgrid": False,
            "tickvals": [0, 1],
            "ticktext": [
                f"a careful look<br>at everything<br><b>{in_words(alone)}</b>",
                f"three<br>stages<br><b>{in_words(ledger['total'])}</b>",
            ],
            "tickfont": {"size": 12, "color": style.INK},
        },
        yaxis2=style.axis(range=(0, 8.9), **second[1])
        | {"type": "log", "tickvals": list(times), "ticktext": list(times.values())},
        annotations=[
            style.note("time for one page", 0.5, 1.0, xref="x2 domain", yref="y2 domain")
            | {"yanchor": "bottom"},
        ],
    )


def _say_looks(n_items):
    alone, ledger = one_look(n_items), three_looks(n_items)
    if alone <= BUDGET:
        verdict = "look carefully at them all, and do without a first stage"
    else:
        verdict = (
            f"three stages look carefully at {CANDIDATES} and need {in_words(ledger['total'])}, "
            f"{_times(alone / ledger['total'])} times less"
        )
    return (
        f"A careful look at {CATALOGUES[n_items]} items, {CAREFUL:g} µs each, takes "
        f"{in_words(alone)}: {verdict}."
    )


def _table_looks(n_items):
    ledger = three_looks(n_items)
    rows = [
        ["retrieve", min(n_items, 1_000_000), GLANCE, float(ledger["retrieve"])],
        ["score", min(n_items, CANDIDATES), CAREFUL, float(ledger["score"])],
        ["re-rank", BEST_SCORED, COMPARE, float(ledger["re-rank"])],
        ["a careful look at everything", n_items, CAREFUL, float(one_look(n_items))],
    ]
    return ["stage", "items looked at", "µs an item", "milliseconds"], rows


careful_look = Explorable(
    _draw_looks,
    {
        "n_items": Slider(
            "How many items are there?", list(CATALOGUES), 10_000, labels=list(CATALOGUES.values())
        )
    },
    "A tenth of a second for a page. For how many items is that time enough to look at each one?",
    _say_looks,
    "pipeline.careful-look",
    table=_table_looks,
)

# ---------------------------------------------------------------------- the first net, by hand

TINY = harbour_tiny()
MEMBERS = [str(name) for name in TINY.users["name"]]
FILMS = [str(title) for title in TINY.items["title"]]
STARS = TINY.interactions.to_dense(fill=np.nan)  # (6, 6)


def first_net(member):
    """All six films, best first, by the mean stars of the *other* members; and those means."""
    others = np.nanmean(np.delete(STARS, MEMBERS.index(member), axis=0), axis=0)
    return top_k(others, len(FILMS)), others


def likes(member):
    """The films to which a member gave four stars or five."""
    return np.flatnonzero(STARS[MEMBERS.index(member)] >= 4)


def net_numbers(member, k):
    """Recall, precision, and the film a perfect second stage would show."""
    order, _ = first_net(member)
    caught, liked = order[:k], likes(member)
    own = np.nan_to_num(STARS[MEMBERS.index(member)][caught])
    hits = len(set(caught) & set(liked))
    return hits / len(liked), hits / k, int(caught[own.argmax()]), hits


def _draw_net(member, k):
    first, second, size = style.side_by_side(
        left=0.6, gap=0.13, height=330, narrow_height=500, split=0.64, narrow_gap=0.12
    )
    first[0]["domain"] = [0.2, 0.62]
    size["narrow"] |= {"xaxis.domain": [0.42, 1], "xaxis2.domain": [0.1, 0.9]}
    order, means = first_net(member)
    own = STARS[MEMBERS.index(member)][order]
    recall, precision, *_ = net_numbers(member, k)
    places = np.arange(len(FILMS))
    inside = places < k
    liked = np.isin(order, likes(member))
    marks = [
        f"{stars:.0f} ★" + ("  ♥" if heart else "") if stars > 0 else "–"
        for stars, heart in zip(own, liked)
    ]
    traces = [
        style.bars(
            means[order],
            places,
            horizontal=True,
            color=[style.USER if caught else style.USER_SOFT for caught in inside],
            labels=[f"{mean:.2f}" for mean in means[order]],
            textposition="inside",
            insidetextanchor="start",
            textfont={
                "size": 12,
                "color": [style.PAPER if caught else style.INK for caught in inside],
            },
        ),
        style.words(
            np.full(len(FILMS), 5.2),
            places,
            marks,
            at="middle right",
            size=14,
            textfont={"color": [style.ITEM if heart else style.QUIET for heart in liked]},
        ),
        style.line([-3.2, 7.6], [k - 0.5] * 2, color=style.INK, width=2, cliponaxis=False),
        style.bars(
            ["recall", "precision"],
            [recall, precision],
            color=style.ITEM,
            labels=[f"{recall:.2f}", f"{precision:.2f}"],
            textposition="outside",
            textfont={"size": 15, "color": style.INK},
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 8, "r": 8, "t": 40, "b": 30},
        xaxis=style.bare_axis((0, 7.6), **first[0]),
        yaxis=style.axis(range=(5.6, -0.6), **first[1])
        | {
            "showgrid": False,
            "tickvals": list(range(6)),
            "ticktext": [f"{FILMS[j]}\u2002" for j in order],
            "tickfont": {"size": 13, "color": style.INK},
        },
        xaxis2=style.axis(range=(-0.6, 1.6), **second[0])
        | {"showgrid": False, "type": "category", "tickfont": {"size": 14, "color": style.INK}},
        yaxis2=style.axis(range=(0, 1.16), **second[1]) | {"tickvals": [0, 0.5, 1]},
        bargap=0.35,
        annotations=[
            style.note("others' mean", 0, 1, xref="x domain", yref="y domain", yanchor="bottom")
            | {"xanchor": "left"},
            style.note(member, 5.2, 1, xref="x", yref="y domain", yanchor="bottom", xanchor="left")
            | {"font": {"size": 14, "color": style.ITEM}},
        ],
    )


def _say_net(member, k):
    recall, precision, best, hits = net_numbers(member, k)
    n_liked = len(likes(member))
    own = STARS[MEMBERS.index(member)][best]
    films = "film" if k == 1 else "films"
    if hits:
        then = f"a perfect second stage can now show {FILMS[best]}"
    elif own > 0:
        then = (
            f"the best that any second stage can show is {FILMS[best]}, which {member} gave "
            f"{own:.0f} {'star' if own == 1 else 'stars'}"
        )
    else:
        then = "and no second stage can show any of them"
    return (
        f"The net takes {k} {films} for {member} and catches {hits} of {n_liked} liked: "
        f"recall {recall:.2f}, precision {precision:.2f}; {then}."
    )


def _table_net(member, k):
    order, means = first_net(member)
    own = STARS[MEMBERS.index(member)]
    rows = [
        [
            FILMS[j],
            float(means[j]),
            "in the net" if place < k else "lost",
            float(own[j]) if own[j] > 0 else None,
            "yes" if own[j] >= 4 else "no" if own[j] > 0 else "unknown",
        ]
        for place, j in enumerate(order)
    ]
    return ["film", "mean of the others", "first stage", f"{member}'s stars", "liked"], rows


first_net_by_hand = Explorable(
    _draw_net,
    {
        "member": Choice("For whom?", MEMBERS, start="Dee"),
        "k": Slider("How many films does the net take?", [1, 2, 3, 4, 5, 6], start=3),
    },
    "The net takes what the others rate best. How far must it reach to hold what the member likes?",
    _say_net,
    "pipeline.first-net",
    table=_table_net,
)

# ------------------------------------------------------------- three stages of a picture house


@lru_cache
def house():
    """The Harbour Cinema, what was seen there, and its careful model, fitted once."""
    harbour = load_harbour()
    seen = harbour.visits.to_dense() > 0  # (800, 200)
    encoder = FeatureEncoder()
    ratings = harbour.interactions
    rows = encoder.fit_transform(_what_is_known(harbour, ratings.users, ratings.items))
    model = FactorizationMachine(n_factors=4, reg=10, random_state=0).fit(rows, ratings.values)
    return harbour, seen, encoder, model


def _what_is_known(harbour, users, items):
    """A table for the careful model: one row a pair of member and film."""
    tags = harbour.items["tags"][items].astype(int)
    return {
        "member": users,
        "film": items,
        "own language": harbour.users["language"][users] == harbour.items["language"][items],
        "director": harbour.items["director"][items],
        "age": harbour.users["age"][users],
    } | {name: tags[:, at] for at, name in enumerate(harbour.tag_names)}


@lru_cache
def _seen_together():
    """How many members saw both films, shape (n, n); nothing for a film with itself."""
    seen = house()[1].astype(float)
    together = seen.T @ seen
    np.fill_diagonal(together, 0)
    return together


@lru_cache
def _alike():
    """Cosine of the tags of two films, shape (n, n)."""
    tags = house()[0].items["tags"]
    return cosine(tags, tags)


def most_visited(user):
    """A number for every film: how many members saw it."""
    return house()[1].sum(axis=0)


def own_language(user):
    """A number for every film: how many members who share this one's language saw it."""
    language = house()[0].users["language"]
    return house()[1][language == language[user]].sum(axis=0)


def also_seen(user):
    """A number for every film: how often it was seen by those who saw my films."""
    together, mine = _seen_together(), house()[1][user]
    return together[mine].sum(axis=0)  # row j, column k: members who saw both


def same_tags(user):
    """A number for every film: how much its tags resemble those of films with 4 stars or more."""
    liked = house()[0].interactions.to_dense()[user] >= 4
    return _alike()[liked].sum(axis=0)


def net(counts, k):
    """A retriever: the k unseen films with the largest numbers."""

    def retrieve(user):
        unseen = np.flatnonzero(~house()[1][user])
        return unseen[top_k(counts(user)[unseen], k)]

    return retrieve


def stars(user, films):
    """The scorer: stars by a model that reads member, film, director, language, age and tags."""
    harbour, _, encoder, model = house()
    users = np.full(len(films), user)
    return model.predict(encoder.transform(_what_is_known(harbour, users, films)))


def two_a_director(user, films, scores):
    """A rule of the page: no more than two films by one director."""
    director = house()[0].items["director"][films]
    earlier = [np.sum(director[:place] == name) for place, name in enumerate(director)]
    keep = np.array(earlier, dtype=int) < 2
    return films[keep], scores[keep]


def one_recent(user, films, scores):
    """A rule of the page: a film from 2015 or later stands among the first three."""
    recent = np.flatnonzero(house()[0].items["year"][films] >= 2015)
    if len(recent) and recent[0] > 2:
        order = np.insert(np.delete(np.arange(len(films)), recent[0]), 2, recent[0])
        films, scores = films[order], scores[order]
    return films, scores


NETS = {
    "most visited": (most_visited,),
    "own language": (own_language,),
    "also seen": (also_seen,),
    "same tags": (same_tags,),
    "also seen + same tags": (also_seen, same_tags),
}
PROPOSERS = [name for name in NETS if name != "own language"]  # those in the picture
PROPOSALS = [10, 20, 40, 60, 80, 120]
PAGE = 10


def build(nets, k):
    """The pipeline of the house: k proposals, shared out among the nets."""
    shares = [k // len(NETS[nets])] * len(NETS[nets])
    retrievers = {f.__name__: net(f, share) for f, share in zip(NETS[nets], shares)}
    return Pipeline(retrievers, stars, [two_a_director, one_recent])


@lru_cache
def true_order(user):
    """The films a member has not seen, best first by the truth; then those seen."""
    harbour, seen, *_ = house()
    truth = harbour.truth["ratings"][user]
    return np.lexsort((-truth, seen[user])), int((~seen[user]).sum())


@lru_cache(maxsize=1024)
def run(user, nets, k):
    """One page in the making: films after each stage, and what the page rules did."""
    steps = {step.name: step for step in build(nets, k).explain(user, PAGE)}
    scored, shown = steps["score"], steps["cut"]
    return {
        "retrieved": scored.items,
        "scored": scored.items[:PAGE],
        "shown": shown.items,
        "refused": steps["two_a_director"].dropped,
        "raised": [film for film, places in steps["one_recent"].moved.items() if places > 1],
    }


def whole_house(nets, k):
    """Means over members: size and recall of the pool, true stars before and after the rules."""
    users = range(len(house()[1]))
    kept, before, after, caught = [], [], [], []
    pipeline = build(nets, k)
    for user in users:
        steps = {step.name: step for step in pipeline.explain(user, PAGE)}
        pool = steps["score"].items
        kept.append(len(pool))
        caught.append(recall_ceiling(pool, _best(user)))
        before.append(_mean_truth(user, pool[:PAGE]))
        after.append(_mean_truth(user, steps["cut"].items))
    return tuple(float(np.mean(values)) for values in (kept, caught, before, after))


def best_of_the_house():
    """Mean true stars of the ten best unseen films, over all members."""
    return float(np.mean([_mean_truth(user, _best(user)) for user in range(len(house()[1]))]))


def _best(user):
    return true_order(user)[0][:PAGE]


def _mean_truth(user, films):
    return float(house()[0].truth["ratings"][user, films].mean())


def _fitted(title):
    """A title as long as the list is wide."""
    return str(title) if len(title) <= 34 else f"{title[:32].rstrip()}…"


_PANELS = ["unseen", "retrieved", "scored", "shown"]
_STEP = 11.6  # from one panel to the next, in dots


def _draw_funnel(member, nets, k):
    user = MEMBERS.index(member)
    order, n_unseen = true_order(user)
    place = np.argsort(order)  # of each film: 0 for the truly best
    stages = run(user, nets, k) | {"unseen": order[:n_unseen]}
    column, row = np.arange(200) % 10, np.arange(200) // 10
    traces, best = [], np.arange(PAGE)
    before = np.ones(PAGE, dtype=bool)
    notes = []
    for at, name in enumerate(_PANELS):
        x = column + at * _STEP
        alive = np.zeros(200, dtype=bool)
        alive[place[stages[name]]] = True
        lost = before & ~alive[best]
        before = alive[best]
        others = alive & (np.arange(200) >= PAGE)
        gone = np.where(np.arange(200) < n_unseen, 1.0, np.nan)
        plain = {"line": {"width": 0}}
        traces += [
            style.dots(x * gone, row, size=3, color=style.GRID, marker=plain),
            style.dots(
                np.where(others, x, np.nan),
                row,
                size=6,
                color=style.PAPER,
                marker={"line": {"color": style.QUIET, "width": 0.8}},
            ),
            style.dots(
                np.where(alive[best], x[best], np.nan),
                row[best],
                size=9,
                marker={"symbol": "diamond", "line": {"width": 0}},
            ),
            style.dots(
                np.where(lost, x[best], np.nan),
                row[best],
                size=8,
                color=style.INK,
                marker={"symbol": "x-thin", "line": {"color": style.INK, "width": 2}},
            ),
        ]
        notes.append(
            style.note(
                f"{name}<br><b>{int(alive.sum())}</b>",
                at * _STEP + 4.5,
                1.0,
                xref="x",
                yref="y domain",
                yanchor="bottom",
                color=style.INK,
            )
        )
        notes.append(
            style.note(
                f"<b>◆ {int(alive[best].sum())}</b>",
                at * _STEP + 4.5,
                0.0,
                xref="x",
                yref="y domain",
                yanchor="top",
                color=style.ITEM,
                size=14,
            )
        )
        if at:
            notes.append(
                style.note(
                    f"<b>−{int(lost.sum())}</b>" if lost.any() else "0",
                    at * _STEP - 1.3,
                    0.0,
                    xref="x",
                    yref="y domain",
                    yanchor="top",
                    color=style.INK,
                    size=14,
                )
            )
    shown = stages["shown"]
    titles = house()[0].items["title"][shown]
    raised = set(stages["raised"])
    notes.append(
        style.note("<b>the page</b>", 0, 1, xref="x2", yref="y2 domain", yanchor="bottom")
        | {"xanchor": "left", "font": {"size": 13, "color": style.INK}}
    )
    places = np.arange(PAGE)
    traces += [
        style.dots(
            np.where(place[shown] < PAGE, 0.02, np.nan),
            places,
            size=8,
            marker={"symbol": "diamond", "line": {"width": 0}},
            xaxis="x2",
            yaxis="y2",
        ),
        style.words(
            np.full(PAGE, 0.06),
            places,
            [_fitted(title) + " ↑" * (film in raised) for film, title in zip(shown, titles)],
            at="middle right",
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    return style.figure(
        traces,
        height=330,
        narrow={
            "height": 570,
            "xaxis.domain": [0, 1],
            "yaxis.domain": [0.5, 1],
            "xaxis2.domain": [0, 1],
            "yaxis2.domain": [0, 0.42],
        },
        margin={"l": 4, "r": 4, "t": 42, "b": 26},
        xaxis=style.bare_axis((-0.8, 3 * _STEP + 9.8), domain=[0, 0.6]),
        yaxis=style.bare_axis((19.7, -0.7), domain=[0, 1]),
        xaxis2=style.bare_axis((0, 1), domain=[0.63, 1], anchor="y2"),
        yaxis2=style.bare_axis((PAGE - 0.4, -0.6), domain=[0, 1], anchor="x2"),
        annotations=notes,
    )


def _say_funnel(member, nets, k):
    user = MEMBERS.index(member)
    stages, best = run(user, nets, k), _best(user)
    caught, scored, shown = (
        len(set(stages[name]) & set(best)) for name in ("retrieved", "scored", "shown")
    )
    refused = sum(film in stages["scored"] for film in stages["refused"])
    return (
        f"{len(stages['retrieved'])} films are retrieved for {member}, {caught} of the ten best "
        f"among them. The ten that score highest hold {scored} of the ten best; the rules of the "
        f"page strike out {refused or 'none'} of them, and the page holds {shown}. A perfect "
        f"scorer could have had {caught}."
    )


def _table_funnel(member, nets, k):
    user = MEMBERS.index(member)
    stages, best = run(user, nets, k), _best(user)
    order, n_unseen = true_order(user)
    rows = [
        [
            name,
            len(films),
            len(set(films) & set(best)),
            _mean_truth(user, films),
        ]
        for name, films in (
            ("unseen", order[:n_unseen]),
            ("retrieved", stages["retrieved"]),
            ("ten scored best", stages["scored"]),
            ("shown", stages["shown"]),
            ("the ten best there are", best),
        )
    ]
    return ["after this stage", "films", "of the ten best", "mean true stars"], rows


the_funnel = Explorable(
    _draw_funnel,
    {
        "member": Choice("Whose page?", MEMBERS, start="Bo"),
        "nets": Choice("Who may propose?", PROPOSERS, start="also seen"),
        "k": Slider("How many proposals?", PROPOSALS, start=20),
    },
    "The top row are the ten films this member would like best. Which stage loses most of them?",
    _say_funnel,
    "pipeline.funnel",
    table=_table_funnel,
)

# ---------------------------------------------------------------------------------- the ceiling

KEPT = [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 20_000]
SKILLS = [0.3, 0.5, 0.7, 0.9]
RANKERS = {1.0: "perfect", 0.95: "good", 0.6: "hasty"}
N_QUALITY, RELEVANT, REPEATS = 20_000, 100, 10


@lru_cache
def _quality():
    return np.random.default_rng(0).normal(size=N_QUALITY)


@lru_cache
def ceilings(retriever, ranker):
    """Recall ceiling and mean quality of the final ten for each K of KEPT: means of ten seeds."""
    found = [
        [funnel(_quality(), k, retriever, ranker, random_state=seed) for k in KEPT]
        for seed in range(REPEATS)
    ]
    return np.mean(found, axis=0)  # (K, 2)


@lru_cache
def told(retriever, ranker):
    """As the second column of `ceilings`, for a ranker that is handed the retriever's number too.

    It sorts by the sum of both numbers that fits the true quality best (least squares).
    """
    quality, found = _quality(), []
    for seed in range(REPEATS):
        rng = np.random.default_rng(seed).spawn(1)[0]  # the noise of `funnel`
        seen = np.column_stack(
            [
                skill * quality + np.sqrt(1 - skill**2) * rng.normal(size=N_QUALITY)
                for skill in (retriever, ranker)
            ]
        )
        both = seen @ np.linalg.lstsq(seen, quality, rcond=None)[0]
        falling = top_k(seen[:, 0], KEPT[-1])
        pools = (falling[:k] for k in KEPT)
        found.append([quality[pool[top_k(both[pool], 10)]].mean() for pool in pools])
    return np.mean(found, axis=0)  # (K,)


def best_possible():
    """Mean quality of the ten best of all."""
    return float(np.sort(_quality())[-10:].mean())


@lru_cache
def _sight(retriever):
    """Seed 0: what the retriever sees of every film, and the films drawn, best first."""
    noise = np.random.default_rng(0).spawn(1)[0].normal(size=N_QUALITY)  # as `funnel` draws it
    seen = retriever * _quality() + np.sqrt(1 - retriever**2) * noise
    by_quality = np.argsort(-_quality())
    others = by_quality[RELEVANT:][:: (N_QUALITY - RELEVANT) // 260][:260]
    return seen, np.concatenate([by_quality[:RELEVANT], others]), np.sort(seen)[::-1]


def _draw_ceiling(kept, retriever, ranker):
    first, second, size = style.side_by_side(
        left=0.45, gap=0.13, height=370, narrow_height=680, narrow_gap=0.16
    )
    size["narrow"] |= {"xaxis.domain": [0.1, 1], "xaxis2.domain": [0.1, 1]}
    seen, films, falling = _sight(retriever)
    cut = falling[kept - 1]
    quality, sight = _quality()[films], seen[films]
    inside = sight >= cut
    at = KEPT.index(kept)
    perfect, actual = ceilings(retriever, 1.0)[:, 1], ceilings(retriever, ranker)[:, 1]
    mine = style.FOURTH if ranker == 1.0 else style.ITEM
    edge = max(cut, -4.4)

    traces = [
        style.dots(
            sight[RELEVANT:],
            quality[RELEVANT:],
            size=4,
            color=style.QUIET,
            opacity=0.45,
            marker={"line": {"width": 0}},
        ),
        style.dots(
            np.where(inside, sight, np.nan)[:RELEVANT],
            quality[:RELEVANT],
            size=7,
            marker={"symbol": "diamond", "line": {"width": 0}},
        ),
        style.dots(
            np.where(inside, np.nan, sight)[:RELEVANT],
            quality[:RELEVANT],
            size=6,
            marker={"symbol": "x-thin", "line": {"color": style.INK, "width": 1.5}},
        ),
        style.line([edge, edge], [-2.9, 4.4], color=style.USER, width=2.5),
        style.line(
            [KEPT[0], KEPT[-1]],
            [best_possible()] * 2,
            dash="dash",
            color=style.INK,
            width=1.5,
            xaxis="x2",
            yaxis="y2",
        ),
        style.line(KEPT, perfect, color=style.FOURTH, width=2, xaxis="x2", yaxis="y2"),
        style.line(KEPT, actual, color=mine, width=3, xaxis="x2", yaxis="y2"),
        style.dots([kept], [actual[at]], color=mine, size=13, xaxis="x2", yaxis="y2"),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 46, "r": 12, "t": 30, "b": 46},
        xaxis=style.axis("what the retriever sees", (-4.6, 4.8), **first[0]) | {"tickvals": []},
        yaxis=style.axis("true quality", (-2.9, 4.4), **first[1]) | {"tickvals": [-2, 0, 2, 4]},
        xaxis2=style.axis("films that are kept", **second[0])
        | {
            "type": "log",
            "range": [0.9, 4.4],
            "tickvals": [10, 100, 1_000, 10_000],
            "ticktext": ["10", "100", "1,000", "10,000"],
        },
        yaxis2=style.axis("mean quality of the final ten", (0, 3.9), **second[1]),
        annotations=[
            style.note("the hundred best: ◆ kept  × lost", 0.5, 1, xref="x domain", yref="y domain")
            | {"yanchor": "bottom"},
            style.note(
                "━ perfect ranker",
                0,
                1,
                xref="x2 domain",
                yref="y2 domain",
            )
            | {"xanchor": "left", "yanchor": "bottom", "font": {"size": 13, "color": style.FOURTH}},
            style.note(
                "" if ranker == 1.0 else f"━ {RANKERS[ranker]} ranker",
                1,
                1,
                xref="x2 domain",
                yref="y2 domain",
            )
            | {"xanchor": "right", "yanchor": "bottom", "font": {"size": 13, "color": style.ITEM}},
            style.note(
                f"the ten best there are: {best_possible():.2f}",
                1,
                best_possible(),
                xref="x2 domain",
                yref="y2",
                xanchor="right",
                yanchor="bottom",
                color=style.INK,
                size=12,
            ),
        ],
    )


def _say_ceiling(kept, retriever, ranker):
    at = KEPT.index(kept)
    recall, quality = ceilings(retriever, ranker)[at]
    perfect = ceilings(retriever, 1.0)[at, 1]
    best = best_possible()
    if ranker == 1.0:
        verdict = f"the perfect ranker makes {quality:.2f} of the possible {best:.2f}"
    else:
        verdict = (
            f"the {RANKERS[ranker]} ranker makes {quality:.2f}, a perfect one would make "
            f"{perfect:.2f} of the possible {best:.2f}"
        )
    return (
        f"{kept:,} films are kept, {100 * recall:.0f} % of the hundred best among them: {verdict}."
    )


def _table_ceiling(kept, retriever, ranker):
    actual, perfect = ceilings(retriever, ranker), ceilings(retriever, 1.0)
    rows = [
        [k, float(recall), float(quality), float(perfect[at, 1])]
        for at, (k, (recall, quality)) in enumerate(zip(KEPT, actual))
    ]
    return ["kept", "recall of the hundred best", "quality", "with a perfect ranker"], rows


the_ceiling = Explorable(
    _draw_ceiling,
    {
        "kept": Slider(
            "Films kept",
            KEPT,
            start=50,
            labels=[f"{k:,}" for k in KEPT],
        ),
        "retriever": Slider("How well does it see?", SKILLS, start=0.7, ends=("badly", "well")),
        "ranker": Choice("The ranker is", RANKERS, start=1.0),
    },
    "The ranker is perfect: it knows every film's true quality. Can it still show a poor page?",
    _say_ceiling,
    "pipeline.ceiling",
    table=_table_ceiling,
)

# ----------------------------------------------------------------------------------- the ledger

N_LEDGER = 100_000
RETRIEVERS = {"a glance": (0.01, 0.4), "a look": (0.1, 0.6), "a good look": (0.4, 0.75)}
RETRIEVERS |= {"a stare": (0.9, 0.85)}
SCORERS = {"light": (20.0, 0.85), "heavy": (200.0, 0.97)}
SCORED = [50, 100, 200, 250, 400, 800, 1_600]
ARRANGED = [10, 20, 40, 80]
COMPARED = 100.0  # microseconds for each film the re-ranker may choose from
KINDS = 20  # kinds of film, the first the most common: chance ∝ k^-1.5
NAMES = {name: name for name in RETRIEVERS}


def spent(retriever, scorer, scored, arranged):
    """Milliseconds of each stage."""
    entering = {"retrieve": N_LEDGER, "score": scored, "re-rank": arranged}
    prices = {
        "retrieve": RETRIEVERS[retriever][0],
        "score": SCORERS[scorer][0],
        "re-rank": COMPARED,
    }
    return latency_ledger(entering, prices)


@lru_cache
def bought():
    """Quality of the page for every way to spend, and places filled: means of eight seeds.

    The page has ten places and room for two films of a kind; an empty place counts 0, which is
    the quality of the average film.
    """
    shares = np.arange(1, KINDS + 1) ** -1.5
    found = {}
    for seed in range(8):
        rng = np.random.default_rng(seed)
        quality = rng.normal(size=N_LEDGER)
        kind = rng.choice(KINDS, size=N_LEDGER, p=shares / shares.sum())
        first, second = rng.normal(size=(2, N_LEDGER))
        for retriever, (_, skill) in RETRIEVERS.items():
            best = top_k(skill * quality + np.sqrt(1 - skill**2) * first, SCORED[-1])
            for scorer, (_, skill) in SCORERS.items():
                score = skill * quality[best] + np.sqrt(1 - skill**2) * second[best]
                for scored in SCORED:
                    order = best[top_k(score[:scored], ARRANGED[-1])]
                    same = np.tril(kind[order][:, None] == kind[order], -1).sum(axis=1)
                    for arranged in ARRANGED:
                        page = order[:arranged][same[:arranged] < 2][:SHOWN]
                        way = retriever, scorer, scored, arranged
                        found.setdefault(way, []).append((quality[page].sum() / SHOWN, len(page)))
    return {way: np.mean(values, axis=0) for way, values in found.items()}


def best_page(retriever=None):
    """The best quality that the budget buys, with this retriever or any, and how it is spent."""
    inside = [
        way
        for way in bought()
        if spent(*way)["total"] <= BUDGET and (retriever is None or way[0] == retriever)
    ]
    way = max(inside, key=lambda way: (bought()[way][0], -spent(*way)["total"]))
    return float(bought()[way][0]), way


def steps_from(retriever, scorer, scored, arranged):
    """By stage, the ways to spend that are one step away, and which of them spend more there."""

    def beside(value, values):
        at = values.index(value)
        return [(v, values.index(v) > at) for v in values[max(at - 1, 0) : at + 2] if v != value]

    return {
        "retrieve": [
            ((r, scorer, scored, arranged), more) for r, more in beside(retriever, list(RETRIEVERS))
        ],
        "score": [((retriever, scorer, k, arranged), more) for k, more in beside(scored, SCORED)]
        + [((retriever, s, scored, arranged), more) for s, more in beside(scorer, list(SCORERS))],
        "re-rank": [
            ((retriever, scorer, scored, k), more) for k, more in beside(arranged, ARRANGED)
        ],
    }


def next_step(*way):
    """The stage where one step more buys most for its milliseconds: stage, gain, milliseconds."""
    offers = []
    for stage, steps in steps_from(*way).items():
        for other, more in steps:
            gain = float(bought()[other][0] - bought()[way][0])
            price = float(spent(*other)["total"] - spent(*way)["total"])
            if more and gain > 0.005:
                offers.append((gain / price, stage, gain, price))
    return max(offers)[1:] if offers else None


_STAGES = {"retrieve": style.USER, "score": style.ITEM, "re-rank": style.THIRD}
_LONGEST = 440


def _fans(*way):
    """Short lines from this way to spend to those one step away, in the colour of the stage."""
    here = spent(*way)["total"], bought()[way][0]
    fans = []
    for stage, steps in steps_from(*way).items():
        x, y = [], []
        for other, _ in steps + [(way, False)] * (3 - len(steps)):
            x += [here[0], spent(*other)["total"], None]
            y += [here[1], float(bought()[other][0]), None]
        fans.append(
            style.line(x, y, color=_STAGES[stage], width=2.5, xaxis="x", yaxis="y2")
            | {"mode": "lines+markers", "marker": {"size": 7, "color": _STAGES[stage]}}
        )
    return fans


def _draw_ledger(retriever, scorer, scored, arranged):
    ledger = spent(retriever, scorer, scored, arranged)
    quality = bought()[retriever, scorer, scored, arranged][0]
    ways = list(bought())
    total = [spent(*way)["total"] for way in ways]
    all_quality = [float(bought()[way][0]) for way in ways]
    over = ledger["total"] > BUDGET
    traces, left = [], 0.0
    for stage, color in _STAGES.items():
        traces.append(
            style.bars([ledger[stage]], [0], horizontal=True, color=color, base=[left], width=0.5)
        )
        left += ledger[stage]
    traces += [
        style.dots(
            total,
            all_quality,
            size=6,
            color=style.QUIET,
            opacity=0.5,
            marker={"line": {"width": 0}},
            xaxis="x",
            yaxis="y2",
        ),
        *_fans(retriever, scorer, scored, arranged),
        style.line([BUDGET] * 2, [0, 4], color=style.INK, dash="dash", width=1.5, yaxis="y2"),
        style.line([BUDGET] * 2, [-0.5, 0.5], color=style.INK, dash="dash", width=1.5),
        style.dots(
            [ledger["total"]],
            [quality],
            size=16,
            color=style.ITEM,
            marker={
                "symbol": "x" if over else "circle",
                "line": {"color": style.PAPER, "width": 1.5},
            },
            yaxis="y2",
        ),
    ]
    legend = [
        style.note(
            f"■ {stage} {ledger[stage]:g}",
            left,
            1,
            xanchor="left",
            yanchor="bottom",
            color=color,
        )
        for (stage, color), left in zip(_STAGES.items(), (0, 0.36, 0.68))
    ]
    return style.figure(
        traces,
        height=400,
        margin={"l": 46, "r": 14, "t": 30, "b": 46},
        barmode="overlay",
        xaxis=style.axis("milliseconds for a page", (-9, _LONGEST), anchor="y2")
        | {"tickvals": [0, 100, 200, 300, 400]},
        yaxis=style.bare_axis((-0.5, 0.5), domain=[0.84, 1]),
        yaxis2=style.axis("mean quality of the page", (0.9, 3.95), domain=[0, 0.74], anchor="x")
        | {"tickvals": [1, 2, 3]},
        annotations=[
            *legend,
            style.note(
                f" budget {BUDGET}",
                BUDGET,
                0.745,
                xref="x",
                yref="paper",
                xanchor="left",
                yanchor="bottom",
                color=style.INK,
                size=12,
            ),
        ],
    )


def _say_ledger(retriever, scorer, scored, arranged):
    ledger = spent(retriever, scorer, scored, arranged)
    quality, filled = bought()[retriever, scorer, scored, arranged]
    best, _ = best_page()
    late = ledger["total"] - BUDGET
    if late > 0:
        verdict = f"{late:g} ms over the budget, so nobody waits for it"
    elif quality > best - 1e-9:
        verdict = "and no other way to spend the budget buys more"
    else:
        verdict = f"the best page that {BUDGET} ms can buy has {best:.2f}"
    places = f"{filled:.1f}".removesuffix(".0")
    step = next_step(retriever, scorer, scored, arranged)
    if step:
        stage, gain, price = step
        who = {"retrieve": "retriever", "score": "scorer", "re-rank": "re-ranker"}[stage]
        coming = f" One step more buys most at the {who}: +{gain:.2f} for {price:g} ms."
    else:
        coming = " One step more buys nothing anywhere."
    return (
        f"{ledger['retrieve']:g} + {ledger['score']:g} + {ledger['re-rank']:g} = "
        f"{ledger['total']:g} ms buy a page of quality {quality:.2f} with {places} of 10 places "
        f"filled: {verdict}.{coming}"
    )


def _table_ledger(retriever, scorer, scored, arranged):
    ledger = spent(retriever, scorer, scored, arranged)
    rows = [
        ["retrieve", N_LEDGER, RETRIEVERS[retriever][0], ledger["retrieve"]],
        ["score", scored, SCORERS[scorer][0], ledger["score"]],
        ["re-rank", arranged, COMPARED, ledger["re-rank"]],
        ["total", None, None, ledger["total"]],
    ]
    return ["stage", "films", "µs a film", "milliseconds"], rows


the_ledger = Explorable(
    _draw_ledger,
    {
        "retriever": Choice("The retriever gives each film", NAMES, start="a glance"),
        "scorer": Choice("The scorer is", list(SCORERS), start="heavy"),
        "scored": Slider("Films scored", SCORED, start=800, labels=[f"{k:,}" for k in SCORED]),
        "arranged": Slider("Films the re-ranker may choose from", ARRANGED, start=10),
    },
    "You have 100 milliseconds. Where does the next one buy most?",
    _say_ledger,
    "pipeline.ledger",
    table=_table_ledger,
)
