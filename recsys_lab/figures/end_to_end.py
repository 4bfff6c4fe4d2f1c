"""Pictures of the chapter "The whole system": all stages at once, and what they feed themselves."""

from functools import cache
from itertools import product

import numpy as np

from recsys_lab.content import ContentBased
from recsys_lab.data import Interactions, load_harbour, split_random
from recsys_lab.deep import linear_tower
from recsys_lab.explore import Choice, Explorable, Slider, Toggle, style
from recsys_lab.factorization import ALS, WeightedALS, fold_in
from recsys_lab.feedback import echo
from recsys_lab.metrics import evaluate
from recsys_lab.neighbors import ItemKNN
from recsys_lab.retrieval import IVFIndex
from recsys_lab.scoring import LogisticScorer, examination
from recsys_lab.similarity import cosine, top_k

PLACES = 10
ETA = 0.7  # how fast eyes tire in this house, measured in the chapter on scoring


# ------------------------------------------------------------------- the house and its premieres

N_PREMIERES = 12
PREMIERE_SEED = 3


@cache
def house():
    """The Harbour Cinema on the evening before twelve premieres.

    Returns the data set; ``seen`` (m, n); the visits and ratings without the premieres; which
    films are premieres (n,); and what each member may be shown (m, n): unseen films.
    """
    harbour = load_harbour()
    n = harbour.visits.n_items
    premiere = np.zeros(n, dtype=bool)
    rng = np.random.default_rng(PREMIERE_SEED)
    premiere[rng.choice(np.arange(6, n), N_PREMIERES, replace=False)] = True
    visits = harbour.visits.select(~premiere[harbour.visits.items])
    ratings = harbour.interactions.select(~premiere[harbour.interactions.items])
    return harbour, visits, ratings, premiere, visits.to_dense() == 0


@cache
def _foreign():
    truth = house()[0].truth
    return truth["user_group"][:, None] != truth["item_group"]


# --------------------------------------------------------------------------------- the switchboard

NET_WIDTH = 30  # candidates of each net
N_CELLS = 14
ARRANGED = 40  # the best scored, from which MMR chooses
TRADE_OFF = 0.7
VECTORS = {"none": "no vectors", "factors": "factors", "tower": "item tower"}
SWITCHES = {
    "content": "net of tags",
    "together": "net of shared visitors",
    "vectors": "net of vectors",
    "negatives": "negatives",
    "exact": "exact search",
    "position": "position correction",
    "mmr": "variety",
}
ALL_ON = {"content": True, "together": True, "vectors": "tower", "negatives": True}
ALL_ON |= {"exact": True, "position": True, "mmr": True}
MEASURES = {
    "caught": "of the ten best,<br>in the pool",
    "appeal": "appeal of the page",
    "sameness": "sameness",
    "reach": "films shown<br>to anybody",
    "foreign": "places in another<br>language",
    "premieres": "pages with<br>a premiere",
}


@cache
def _film_features():
    """What is known of a film before anybody has seen it: its tags and its language, (n, 17)."""
    harbour = house()[0]
    return np.column_stack([harbour.items["tags"], np.eye(5)[harbour.truth["item_group"]]])


@cache
def _known(today):
    """Visits and ratings that the nets learn from: all of them, or those before the cut.

    The scorer learns what a net is worth from clicks that the net has not seen, after the cut;
    then the nets learn everything. Otherwise it would trust those that know the log by heart.
    """
    _, visits, ratings, *_ = house()
    if today:
        return visits, ratings
    return visits.select(visits.timestamps < _cut()), ratings.select(ratings.timestamps < _cut())


@cache
def _cut():
    return np.quantile(house()[0].impressions["timestamp"], 0.5)


@cache
def _vectors(kind, negatives, today=True):
    """(U, V): factors of the visits, or with the films' side made from their tags and language."""
    visits = _known(today)[0]
    if kind == "tower":
        users, factors = _vectors("factors", negatives, today)
        features = _film_features()
        known = np.bincount(visits.items, minlength=len(factors)) > 0
        return users, features @ linear_tower(features[known], factors[known], reg=1.0)
    weight = 0.1 if negatives else 0.0
    model = WeightedALS(n_factors=8, reg=1.0, unobserved_weight=weight, random_state=0)
    model.fit(visits)
    return model.user_factors_, model.item_factors_


@cache
def _scores(source, negatives=True, today=True):
    """What a net thinks of every pair, (m, n)."""
    visits, ratings = _known(today)
    everyone = np.arange(visits.n_users)
    if source == "content":
        return ContentBased().fit(ratings, _film_features()).score_all(everyone)
    if source == "together":
        model = ItemKNN(similarity="cosine", feedback="implicit").fit(visits)
        return np.log1p(model.score_all(everyone))
    users, films = _vectors(source, negatives, today)
    return users @ films.T


@cache
def _caught(source, negatives=True, exact=True):
    """Which films a net proposes to whom, (m, n): its best unseen ones."""
    unseen = house()[4]
    scores = np.where(unseen, _scores(source, negatives), -np.inf)
    if not exact:  # one cell of the index, whatever lies in the others
        users, films = _vectors(source, negatives)
        ids, _ = IVFIndex(N_CELLS, 1, random_state=0).fit(films).search(users, films.shape[0])
        rows = np.arange(len(ids))[:, None]
        looked_at = np.zeros(scores.shape, dtype=bool)
        looked_at[np.broadcast_to(rows, ids.shape)[ids >= 0], ids[ids >= 0]] = True
        scores = np.where(looked_at, scores, -np.inf)
    best = top_k(scores, NET_WIDTH)
    caught = np.zeros(scores.shape, dtype=bool)
    np.put_along_axis(caught, best, True, axis=1)
    return caught & (scores > -np.inf)


@cache
def _log():
    """The log after the cut: user, film (new to the user), position, clicked."""
    harbour, *_, premiere, _ = house()
    log = harbour.impressions
    late = log["timestamp"] >= _cut()
    new = _known(False)[0].to_dense()[log["user"], log["item"]] == 0
    rows = np.flatnonzero(~premiere[log["item"]] & late & new)
    return tuple(log[name][rows] for name in ("user", "item", "position", "clicked"))


@cache
def _click_rate(position, today):
    """Log of the clicks of each film over its views; or over its views that were looked at."""
    harbour, *_ = house()
    log = harbour.impressions
    n = harbour.visits.n_items
    looks = examination(log["position"], ETA if position else 0.0)
    known = today | (log["timestamp"] < _cut())
    looks = np.bincount(log["item"], looks * known, minlength=n)
    clicks = np.bincount(log["item"], log["clicked"] & known, minlength=n)
    premiere = house()[3]
    looks, clicks = np.where(premiere, 0, looks), np.where(premiere, 0, clicks)
    typical = np.median(clicks[looks >= 20] / looks[looks >= 20])  # what a premiere is credited
    return np.log((clicks + 20 * typical) / (looks + 20))


def _features(sources, negatives, position, users, items, today):
    columns = [_click_rate(position, today)[items]]
    for source in sources:
        weights = negatives if source in VECTORS else True
        columns.append(_scores(source, weights, today)[users, items])
    return np.column_stack(columns)


@cache
def _scorer(sources, negatives, position):
    users, items, place, clicked = _log()
    rows = _features(sources, negatives, position, users, items, False)
    if position:
        rows = np.column_stack([rows, np.log(place)])
    return LogisticScorer().fit(rows, clicked)


def _asked(sources, negatives, position, today=True):
    """What the scorer is asked about every pair: (m · n, features), everyone at the first place."""
    m, n = house()[4].shape
    everyone, everything = np.repeat(np.arange(m), n), np.tile(np.arange(n), m)
    asked = _features(sources, negatives, position, everyone, everything, today)
    return np.column_stack([asked, np.zeros(m * n)]) if position else asked


@cache
def _chance(sources, negatives, position):
    """P(click at the first place) by the scorer, for every pair, (m, n)."""
    scorer = _scorer(sources, negatives, position)
    return scorer.predict_proba(_asked(sources, negatives, position)).reshape(house()[4].shape)


def _arrange(scores, pool, variety):
    """The ten of each member, (m, 10), −1 where the pool is too small."""
    scores = np.where(pool, scores, -np.inf)
    best = top_k(scores, ARRANGED if variety else PLACES)  # (m, k)
    value = np.take_along_axis(scores, best, axis=1)
    if not variety:
        return np.where(value > -np.inf, best, -1)
    highest = value.max(axis=1, keepdims=True)
    value = (
        TRADE_OFF * value / np.where(highest > 0, highest, 1)
    )  # MMR wants relevance on the scale of the similarity
    alike = _alike()[best[:, :, None], best[:, None, :]]  # (m, k, k)
    rows = np.arange(len(best))
    nearest = np.zeros(value.shape)
    page = np.empty((len(best), PLACES), dtype=int)
    for place in range(PLACES):
        pick = np.argmax(value - (1 - TRADE_OFF) * nearest, axis=1)
        page[:, place] = np.where(value[rows, pick] > -np.inf, best[rows, pick], -1)
        nearest = np.maximum(nearest, alike[rows, pick])
        value[rows, pick] = -np.inf
    return page


@cache
def _alike():
    tags = house()[0].items["tags"]
    return cosine(tags, tags)


@cache
def _ten_best():
    appeal = np.where(house()[4], house()[0].truth["appeal"], -1)
    best = np.zeros(appeal.shape, dtype=bool)
    np.put_along_axis(best, top_k(appeal, PLACES), True, axis=1)
    return best


def board(content, together, vectors, negatives, exact, position, mmr):
    """The pages of all members under these switches, (m, 10), and the measures of the house."""
    if vectors == "none":  # then two switches have nothing to act on
        negatives = exact = True
    return _board(content, together, vectors, negatives, exact, position, mmr)


@cache
def _board(content, together, vectors, negatives, exact, position, mmr):
    sources = ("content",) * content + ("together",) * together
    nets = [_caught(source) for source in sources]
    if vectors != "none":
        nets.append(_caught(vectors, negatives, exact))
        sources += (vectors,)
    if nets:
        pool = np.any(nets, axis=0)
    else:  # nobody proposes anything: what most have visited
        visits = house()[1]
        counts = np.bincount(visits.items, minlength=visits.n_items)
        unseen = house()[4]
        best = top_k(np.where(unseen, counts, -1), NET_WIDTH)
        pool = np.zeros(unseen.shape, dtype=bool)
        np.put_along_axis(pool, best, True, axis=1)
        pool &= unseen
    pages = _arrange(_chance(sources, negatives, position), pool, mmr)
    return pages, _measure(pages, pool)


def _measure(pages, pool):
    """What `MEASURES` says of the pages of all members."""
    filled = pages >= 0
    truth = house()[0].truth["appeal"]

    def mean(table):
        """Over all places; an empty one counts 0."""
        return float((np.take_along_axis(table, pages, axis=1) * filled).sum() / filled.size)

    pairs = _alike()[pages[:, :, None], pages[:, None, :]]
    both = filled[:, :, None] & filled[:, None, :] & ~np.eye(PLACES, dtype=bool)
    on_page = np.take_along_axis(np.broadcast_to(house()[3], truth.shape), pages, axis=1) & filled
    return {
        "caught": float((pool & _ten_best()).sum() / _ten_best().sum()),
        "appeal": mean(truth),
        "sameness": float((pairs * both).sum() / max(both.sum(), 1)),
        "reach": len(np.unique(pages[filled])) / truth.shape[1],
        "foreign": mean(_foreign().astype(float)),
        "premieres": float(on_page.any(axis=1).mean()),
    }


def appeal_of_each(pages):
    """Mean appeal of each member's page, (m,); an empty place counts 0."""
    shown = np.take_along_axis(house()[0].truth["appeal"], pages, axis=1)
    return (shown * (pages >= 0)).mean(axis=1)


@cache
def counted(position=True):
    """No model at all: in the member's language, the unseen films with most clicks a look.

    Without ``position``, with most clicks a view. Returns what `board` returns.
    """
    pool = house()[4] & ~_foreign()
    pages = _arrange(np.broadcast_to(np.exp(_click_rate(position, True)), pool.shape), pool, False)
    return pages, _measure(pages, pool)


@cache
def starred():
    """The unseen films of the member's language, as a factorization of the stars orders them."""
    model = ALS(n_factors=8, reg=5, random_state=0).fit(house()[2])  # as in the evaluation chapter
    pool = house()[4] & ~_foreign()
    pages = _arrange(model.score_all(np.arange(len(pool))), pool, False)
    return pages, _measure(pages, pool)


@cache
def whole_in_language(mmr=True):
    """The whole system with a rule: films in other languages are struck out after the nets."""
    pool = np.any([_caught(net) for net in _ALL_NETS], axis=0) & ~_foreign()
    pages = _arrange(_chance(_ALL_NETS, True, True), pool, mmr)
    return pages, _measure(pages, pool)


SKEWS = {
    "as it was trained": "",
    "the logarithm forgotten": "rates as they are, where the scorer learned logarithms",
    "a column empty": "the score of the item tower comes back as 0",
    "nine months old": "features of the evening when the scorer was trained",
    "at the last place": "everybody asked at place 10 instead of 1",
}


_ALL_NETS = ("content", "together", "tower")


def served_features(how):
    """What the scorer of the whole system is asked, one row a pair, under one of the `SKEWS`."""
    asked = _asked(_ALL_NETS, True, True, today=how != "nine months old")
    if how == "the logarithm forgotten":
        asked[:, 0] = np.exp(asked[:, 0])
    if how == "a column empty":
        asked[:, 3] = 0.0
    if how == "at the last place":
        asked[:, 4] = np.log(PLACES)
    return asked


@cache
def skewed(how):
    """The whole system, served with features that differ from those it was trained on.

    Returns the mean appeal of the pages, the share of places that hold another film, and the mean
    chance of a click that the scorer promises for the films shown.
    """
    scorer = _scorer(_ALL_NETS, True, True)
    chance = scorer.predict_proba(served_features(how)).reshape(house()[4].shape)
    pool = np.any([_caught(net) for net in _ALL_NETS], axis=0)
    pages = _arrange(chance, pool, True)
    usual, _ = board(**ALL_ON)
    same = (pages[:, :, None] == usual[:, None, :]).any(axis=2).mean()
    promised = np.take_along_axis(chance, pages, axis=1).mean()
    return _measure(pages, pool)["appeal"], 1 - float(same), float(promised)


def all_boards():
    """Every setting of the switches, with its measures."""
    for content, together, vectors, negatives, exact, position, mmr in product(
        *([(False, True)] * 2), VECTORS, *([(False, True)] * 4)
    ):
        setting = dict(zip(SWITCHES, (content, together, vectors, negatives, exact, position, mmr)))
        yield setting, board(**setting)[1]


MEMBERS = {"Ada": 0, "Bo": 1, "Cem": 2, "Dee": 3, "Eli": 4, "Fay": 5}


def page_of(member, **setting):
    """Film numbers of one member's page, empty places left out."""
    pages, _ = board(**setting)
    page = pages[MEMBERS[member]]
    return page[page >= 0]


@cache
def best_there_are():
    """The measures of the pages that show everybody the ten unseen films of highest appeal."""
    best, truth = _ten_best(), house()[0].truth["appeal"]
    pages = np.nonzero(best)[1].reshape(len(best), PLACES)
    pairs = _alike()[pages[:, :, None], pages[:, None, :]]
    off = ~np.eye(PLACES, dtype=bool)
    return {
        "caught": 1.0,
        "appeal": float(truth[best].mean()),
        "sameness": float(pairs[:, off].mean()),
        "reach": float(best.any(axis=0).mean()),
        "foreign": float(_foreign()[best].mean()),
        "premieres": float((best & house()[3]).any(axis=1).mean()),
    }


_SHORT = {
    "caught": "the share of the ten best in the pool",
    "appeal": "the appeal of the page",
    "sameness": "the sameness of its films",
    "reach": "the share of films that anybody is shown",
    "foreign": "the share of places in another language",
    "premieres": "the share of pages with a premiere",
}


def _off(setting):
    """The switches that are not as in the whole system, in words."""
    if setting["vectors"] == "none":
        setting = setting | {"negatives": True, "exact": True}  # nothing to act on
    words = [f"no {name}" for key, name in SWITCHES.items() if setting[key] is False]
    if setting["vectors"] != "tower":
        words.append(
            "factors for the item tower" if setting["vectors"] == "factors" else "no vectors"
        )
    return [word.replace("no exact search", "one cell searched of fourteen") for word in words]


def _title(j, width=24):
    title = str(house()[0].items["title"][j])
    return title if len(title) <= width else title[: width - 1].rstrip(" ,'") + "…"


def _draw_board(member, **setting):
    first, second, size = style.side_by_side(
        left=0.5, gap=0.2, height=440, narrow_height=800, split=0.52, narrow_gap=0.11
    )
    first[0]["domain"] = [0.31, 0.55]
    second[0]["domain"] = [0.74, 1]
    size["narrow"] |= {"xaxis.domain": [0.54, 1], "xaxis2.domain": [0.41, 1]}
    page = page_of(member, **setting)
    whole = page_of(member, **ALL_ON)
    harbour, *_, premiere, _ = house()
    truth = harbour.truth["appeal"][MEMBERS[member]]
    empty = PLACES - len(page)
    own = ~_foreign()[MEMBERS[member]]
    marks = ["" if own[j] else "◇" for j in page] + [""] * empty
    names = [f"{'★ ' if premiere[j] else ''}{_title(j)}\u2002" for j in page] + [
        "(an empty place)\u2002"
    ] * empty
    appeal = np.append(np.round(truth[page], 2), np.zeros(empty))
    _, measures = board(**setting)
    _, reference = board(**ALL_ON)
    best = best_there_are()
    rows = np.arange(len(MEASURES))
    traces = [
        style.bars(
            appeal,
            np.arange(PLACES),
            horizontal=True,
            color=[style.ITEM if j in whole else style.ITEM_SOFT for j in page]
            + [style.ITEM_SOFT] * empty,
            width=0.7,
        ),
        style.words(
            appeal + 0.03, np.arange(PLACES), marks, at="middle right", color=style.USER, size=15
        ),
        style.dots(
            [best[key] for key in MEASURES],
            rows,
            size=9,
            color=style.PAPER,
            marker={"symbol": "diamond", "line": {"color": style.QUIET, "width": 1.5}},
            xaxis="x2",
            yaxis="y2",
        ),
        style.dots(
            [round(reference[key], 3) for key in MEASURES],
            rows,
            size=18,
            color=style.INK,
            marker={"symbol": "line-ns", "line": {"color": style.INK, "width": 2.5}},
            xaxis="x2",
            yaxis="y2",
        ),
        style.dots(
            [round(measures[key], 3) for key in MEASURES],
            rows,
            size=13,
            color=style.USER,
            xaxis="x2",
            yaxis="y2",
        ),
    ]
    return style.figure(
        traces,
        **size,
        margin={"l": 4, "r": 12, "t": 48, "b": 44},
        xaxis=style.axis(f"true appeal to {member}", (0, 1.12), **first[0])
        | {"tickvals": [0, 0.5, 1]},
        yaxis=style.axis(range=(PLACES - 0.5, -0.5), **first[1])
        | {
            "showgrid": False,
            "tickvals": list(range(PLACES)),
            "ticktext": names,
            "tickfont": {"size": 12, "color": style.INK},
        },
        xaxis2=style.axis("all 800 members", (-0.04, 1.06), **second[0])
        | {"tickvals": [0, 0.5, 1]},
        yaxis2=style.axis(range=(len(rows) - 0.5, -0.5), **second[1])
        | {
            "tickvals": list(rows),
            "ticktext": [f"{name}\u2002" for name in MEASURES.values()],
            "tickfont": {"size": 12, "color": style.INK},
        },
        annotations=[
            style.note(
                f"{member}'s page: ◇ other language, ★ premiere<br>"
                "pale: not on the page of the whole system",
                0,
                1,
                yanchor="bottom",
                size=12,
            )
            | {"xanchor": "left", "align": "left", "y": 1.01},
            style.note(
                style.key(
                    ("●", style.USER, "now"),
                    ("┃", style.INK, "everything on"),
                    ("◇", style.QUIET, "the best there is"),
                ),
                1,
                1.01,
                xref="x2 domain",
                yref="y2 domain",
                size=12,
            )
            | {"xanchor": "right", "yanchor": "bottom"},
        ],
    )


def _list_words(words):
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def _say_board(member, **setting):
    page, whole = page_of(member, **setting), page_of(member, **ALL_ON)
    _, measures = board(**setting)
    _, reference = board(**ALL_ON)
    foreign = int(_foreign()[MEMBERS[member]][page].sum())
    films = "film" if foreign == 1 else "films"
    said = f"{member} gets {foreign or 'no'} {films} in another language"
    if len(page) < PLACES:
        places = PLACES - len(page)
        said += f" and {places} empty {'place' if places == 1 else 'places'}"
    off = _off(setting)
    if not off:
        return (
            f"Everything is on: {said}, and the mean appeal of all pages is "
            f"{measures['appeal']:.2f}."
        )
    new = len(set(page.tolist()) - set(whole.tolist()))
    most = max(MEASURES, key=lambda key: abs(measures[key] - reference[key]))
    end = ""
    if most != "appeal":
        end = f", and the appeal from {reference['appeal']:.2f} to {measures['appeal']:.2f}"
    return (
        f"With {_list_words(off)}, {said}; {new} of the films on the page "
        f"{'was' if new == 1 else 'were'} not on that of the whole system. Over all members, "
        f"{_SHORT[most]} goes from {reference[most]:.2f} to {measures[most]:.2f}{end}."
    )


def _table_board(member, **setting):
    _, measures = board(**setting)
    _, reference = board(**ALL_ON)
    best = best_there_are()
    rows = [
        [_SHORT[key], float(measures[key]), float(reference[key]), float(best[key])]
        for key in MEASURES
    ]
    return ["over all 800 members", "now", "everything on", "the best there is"], rows


switchboard = Explorable(
    _draw_board,
    {
        "member": Choice("Whose page?", list(MEMBERS), start="Eli"),
        "content": Toggle("Net of tags", True),
        "together": Toggle("Net of shared visitors", True),
        "vectors": Choice("Net of vectors", VECTORS, start="tower"),
        "negatives": Toggle("Vectors learn from what was not seen", False),
        "exact": Toggle("All cells are searched", True),
        "position": Toggle("Clicks divided by looks", True),
        "mmr": Toggle("Variety", True),
    },
    "One switch is off, and Eli speaks Kelder. What will the other switches break?",
    _say_board,
    "end-to-end.switchboard",
    table=_table_board,
)

# --------------------------------------------------------------------------------------- the echo

EPSILONS = [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1]
ROUNDS = [5, 10, 20, 40, 60]
N_LUCKS = 20


@cache
def one_echo(epsilon, n_rounds, luck):
    return echo(epsilon, n_rounds=n_rounds, random_state=luck)


@cache
def echoes(epsilon, n_rounds):
    """Means over twenty lucks: click rate, share of the best found, Gini, coverage."""
    runs = [one_echo(epsilon, n_rounds, luck) for luck in range(N_LUCKS)]
    names = ("click_rate", "found", "gini", "coverage")
    return {name: float(np.mean([run[name] for run in runs])) for name in names}


def _draw_echo(epsilon, n_rounds, luck):
    first, second, size = style.side_by_side(
        left=0.5, gap=0.14, height=400, narrow_height=680, split=0.5, narrow_gap=0.14
    )
    run = one_echo(epsilon, n_rounds, luck)
    share = np.round(run["shown"] / (20 * n_rounds), 3)  # of all rounds; 20 viewers a round
    best = np.zeros(100, dtype=bool)
    best[top_k(run["rate"], 10)] = True
    order = np.argsort(best, kind="stable")
    curve = [echoes(value, n_rounds) for value in EPSILONS]
    at = EPSILONS.index(epsilon)
    rates = [round(means["click_rate"], 4) for means in curve]
    found = [round(means["found"], 4) for means in curve]
    upper = {"xaxis": "x2", "yaxis": "y2"}
    lower = {"xaxis": "x3", "yaxis": "y3"}
    traces = [
        style.dots(
            run["rate"][order],
            share[order],
            size=9,
            color=[style.ITEM if best[j] else style.ITEM_SOFT for j in order],
            marker={
                "symbol": ["diamond" if best[j] else "circle" for j in order],
                "line": {"width": 0.8, "color": style.ITEM},
            },
        ),
        style.line(EPSILONS, rates, color=style.USER, width=2.5, **upper),
        style.dots([epsilon], [rates[at]], size=13, color=style.USER, **upper),
        style.line(EPSILONS, found, color=style.ITEM, width=2.5, **lower),
        style.dots([epsilon], [found[at]], size=13, marker={"symbol": "diamond"}, **lower),
    ]
    narrow = size["narrow"]
    top, bottom = narrow["yaxis2.domain"][1], 0
    narrow |= {
        "xaxis3.domain": [0, 1],
        "yaxis2.domain": [top * 0.57, top],
        "yaxis3.domain": [bottom, top * 0.4],
    }
    return style.figure(
        traces,
        **size,
        margin={"l": 50, "r": 14, "t": 30, "b": 46},
        xaxis=style.axis("true click rate of a film", (0.08, 0.52), **first[0])
        | {"tickvals": [0.1, 0.2, 0.3, 0.4, 0.5]},
        yaxis=style.axis("share of rounds on the shelf", (-0.05, 1.07), **first[1])
        | {"tickvals": [0, 0.5, 1]},
        xaxis2=style.axis(range=(-0.04, 1.04), domain=second[0]["domain"], anchor="y2")
        | {"tickvals": [0, 0.5, 1], "showticklabels": False},
        yaxis2=style.axis(range=(0.27, 0.47), domain=[0.57, 1], anchor="x2")
        | {"tickvals": [0.3, 0.4], "tickformat": ".1f"},
        xaxis3=style.axis("share of slots given to chance", (-0.04, 1.04), anchor="y3")
        | {"domain": second[0]["domain"], "tickvals": [0, 0.5, 1]},
        yaxis3=style.axis(range=(-0.04, 0.9), domain=[0, 0.43], anchor="x3")
        | {"tickvals": [0, 0.5]},
        annotations=[
            style.note("◆ one of the ten best", 0, 1, xref="x domain", yref="y domain")
            | {"xanchor": "left", "yanchor": "bottom", "font": {"size": 13, "color": style.ITEM}},
            style.note("clicks per view", 0, 1, xref="x2 domain", yref="y2 domain")
            | {"xanchor": "left", "yanchor": "bottom", "font": {"size": 13, "color": style.USER}},
            style.note("share of the ten best found", 0, 1, xref="x3 domain", yref="y3 domain")
            | {"xanchor": "left", "yanchor": "bottom", "font": {"size": 13, "color": style.ITEM}},
        ],
    )


def _say_echo(epsilon, n_rounds, luck):
    run = one_echo(epsilon, n_rounds, luck)
    never = int((run["shown"] == 0).sum())
    films = "film was" if never == 1 else "films were"
    means = echoes(epsilon, n_rounds)
    hits = round(10 * run["found"])
    return (
        f"After {n_rounds} rounds {never or 'no'} {films} never shown, {hits or 'none'} of the ten "
        f"best {'is' if hits == 1 else 'are'} found, and the Gini of what was shown is "
        f"{run['gini']:.2f}; over twenty such worlds {100 * means['click_rate']:.1f} clicks per "
        f"100 views, {100 * means['found']:.0f} % found."
    )


def _table_echo(epsilon, n_rounds, luck):
    rows = [
        [value, *(float(echoes(value, n_rounds)[name]) for name in ("click_rate", "found", "gini"))]
        for value in EPSILONS
    ]
    return ["share given to chance", "clicks per view", "ten best found", "Gini"], rows


the_echo = Explorable(
    _draw_echo,
    {
        "epsilon": Slider(
            "Share of slots given to chance", EPSILONS, 0, [f"{100 * e:.0f} %" for e in EPSILONS]
        ),
        "n_rounds": Slider("Rounds", ROUNDS, start=60),
        "luck": Slider("Luck", [0, 1, 2]),
    },
    "Ten slots, a hundred films, and none of the ten best is shown. How much chance would bring "
    "them in?",
    _say_echo,
    "end-to-end.echo",
    table=_table_echo,
)

# ------------------------------------------------------------------- the house listens to itself

WEEKS = [1, 2, 3, 5, 8, 12, 20, 30]
GIVEN = [0, 0.05, 0.1, 0.2, 0.3, 0.5]


@cache
def kelder():
    """The true appeal of the films in Kelder to those who speak it, (300, 76)."""
    truth = house()[0].truth
    rows, columns = (
        np.flatnonzero(truth["user_group"] == 0),
        np.flatnonzero(truth["item_group"] == 0),
    )
    return truth["appeal"][np.ix_(rows, columns)]


def _explored(own, n, epsilon, rng):
    """The pages ``own`` (m, k), each place with chance epsilon given to another of the n films.

    A lottery among the films that keep no place on the page decides to which.
    """
    drawn = rng.random((len(own), n))
    explore = rng.random(own.shape) < epsilon
    rows = np.broadcast_to(np.arange(len(own))[:, None], own.shape)
    kept = np.zeros(drawn.shape, dtype=bool)
    kept[rows[~explore], own[~explore]] = True
    return np.where(explore, np.argsort(drawn + kept, axis=1)[:, : own.shape[1]], own)


@cache
def feed_on_itself(epsilon, seed=0, n_weeks=WEEKS[-1]):
    """Show ten, count clicks, fit again, week after week: what its log says, and what is true.

    Each week every member sees ten films, seen ones too: the factorization's best, and each place
    goes to a film drawn at random with chance epsilon. Week 0 is drawn altogether.

    Returns a dict of week → ``recall`` (recall@10 on a random fifth of its own clicks), ``appeal``
    (of the model's own ten to their members), ``best`` (share of the ten truly best among them)
    ``tried`` (films that the average member has been shown) and ``clicked`` (clicks per view so
    far, explored places included).
    """
    appeal = kelder()
    m, n = appeal.shape
    rng = np.random.default_rng(seed)
    clicks, shown = np.zeros((m, n)), np.zeros((m, n), dtype=bool)
    looked = examination(np.arange(1, PLACES + 1), ETA)
    ten_best = top_k(appeal, PLACES)
    rows = np.arange(m)[:, None]

    def fit(log):
        return WeightedALS(n_factors=8, n_iterations=5, random_state=0).fit(log)

    def log():
        users, items = np.nonzero(clicks)
        return Interactions(users, items, clicks[users, items], m, n)

    report, n_clicks = {}, 0
    for week in range(n_weeks + 1):
        pages = np.argsort(rng.random((m, n)), axis=1)[:, :PLACES]
        if week > 0:
            own = top_k(fit(log()).score_all(np.arange(m)), PLACES)
            pages = _explored(own, n, epsilon, rng)
        clicked = rng.random(pages.shape) < looked * np.take_along_axis(appeal, pages, axis=1)
        np.add.at(clicks, (np.broadcast_to(rows, pages.shape)[clicked], pages[clicked]), 1)
        np.put_along_axis(shown, pages, True, axis=1)
        n_clicks += clicked.sum() if week else 0
        if week in WEEKS:
            train, test = split_random(log(), 0.2, random_state=0)
            report[week] = {
                "recall": evaluate(fit(train), train, test, metrics=("recall_at_k",))[
                    "recall_at_k"
                ],
                "appeal": float(np.take_along_axis(appeal, own, axis=1).mean()),
                "best": float((own[:, :, None] == ten_best[:, None, :]).sum() / ten_best.size),
                "tried": float(shown.sum(axis=1).mean()),
                "clicked": float(n_clicks / (week * pages.size)),
            }
    return report


@cache
def count_on_itself(epsilon, seed=0, by_looks=True, n_weeks=WEEKS[-1]):
    """The same weeks with a count in place of the factorization: one list for everybody.

    Films stand in the order of their clicks over their looks, (clicks + 1) / (looks + 5), or of
    their clicks alone. Returns the true ``appeal`` of the last ten and clicks per view,
    ``clicked``.
    """
    appeal = kelder()
    m, n = appeal.shape
    rng = np.random.default_rng(seed)
    eyes = np.broadcast_to(examination(np.arange(1, PLACES + 1), ETA), (m, PLACES))
    clicks, looks, n_clicks = np.zeros(n), np.zeros(n), 0
    for week in range(n_weeks + 1):
        pages = np.argsort(rng.random((m, n)), axis=1)[:, :PLACES]
        if week > 0:
            best = top_k((clicks + 1) / (looks + 5) if by_looks else clicks, PLACES)
            own = np.broadcast_to(best, (m, PLACES))
            pages = _explored(own, n, epsilon, rng)
        clicked = rng.random(pages.shape) < eyes * np.take_along_axis(appeal, pages, axis=1)
        clicks += np.bincount(pages[clicked], minlength=n)
        looks += np.bincount(pages.ravel(), eyes.ravel(), minlength=n)
        n_clicks += clicked.sum() if week else 0
    return {
        "appeal": float(np.take_along_axis(appeal, own, axis=1).mean()),
        "clicked": float(n_clicks / (n_weeks * pages.size)),
    }


@cache
def best_in_kelder():
    """Mean appeal of the ten best films in Kelder to each member."""
    return float(np.sort(kelder(), axis=1)[:, -PLACES:].mean())


def _draw_listens(epsilon, week):
    first, second, size = style.side_by_side(
        left=0.43, gap=0.14, height=350, narrow_height=600, split=0.5, narrow_gap=0.18
    )
    now, none = feed_on_itself(epsilon), feed_on_itself(0)
    x = list(range(len(WEEKS)))
    at = WEEKS.index(week)
    traces = []
    for axes, measure, color, symbol in (
        ({}, "recall", style.USER, "circle"),
        ({"xaxis": "x2", "yaxis": "y2"}, "appeal", style.ITEM, "diamond"),
    ):
        values = [round(now[w][measure], 3) for w in WEEKS]
        traces += [
            style.line(x, [round(none[w][measure], 3) for w in WEEKS], dash="dot", width=2, **axes),
            style.line(x, values, color=color, width=3, **axes),
            style.dots([at], [values[at]], size=14, color=color, marker={"symbol": symbol}, **axes),
        ]
    traces.append(
        style.line(
            [-0.3, len(x) - 0.7],
            [best_in_kelder()] * 2,
            dash="dash",
            color=style.INK,
            width=1.5,
            xaxis="x2",
            yaxis="y2",
        )
    )
    ticks = {"tickvals": x, "ticktext": [str(w) for w in WEEKS]}
    across = (-0.3, len(x) - 0.7)
    return style.figure(
        traces,
        **size,
        margin={"l": 46, "r": 12, "t": 34, "b": 46},
        xaxis=style.axis("week", across, **first[0]) | ticks,
        yaxis=style.axis(range=(0, 1.04), **first[1]) | {"tickvals": [0, 0.5, 1]},
        xaxis2=style.axis("week", across, **second[0]) | ticks,
        yaxis2=style.axis(range=(0.5, 0.92), **second[1]) | {"tickvals": [0.5, 0.6, 0.7, 0.8, 0.9]},
        annotations=[
            style.note("● recall@10 on its own log", 0, 1, xref="x domain", yref="y domain")
            | {"xanchor": "left", "yanchor": "bottom", "font": {"size": 13, "color": style.USER}},
            style.note("◆ true appeal of its ten", 0, 1, xref="x2 domain", yref="y2 domain")
            | {"xanchor": "left", "yanchor": "bottom", "font": {"size": 13, "color": style.ITEM}},
            style.note(
                f"the ten best there are: {best_in_kelder():.2f}",
                1,
                best_in_kelder(),
                xref="x2 domain",
                yref="y2",
                xanchor="right",
                yanchor="top",
                color=style.INK,
                size=12,
            ),
            style.note("··· nothing left to chance", 1, 0, xref="x2 domain", yref="y2 domain")
            | {"xanchor": "right", "yanchor": "bottom", "font": {"size": 12, "color": style.QUIET}},
        ],
    )


def _say_listens(epsilon, week):
    now = feed_on_itself(epsilon)[week]
    weeks = "week" if week == 1 else "weeks"
    given = f"{100 * epsilon:.0f} % of the places" if epsilon else "no place"
    return (
        f"After {week} {weeks} with {given} left to chance, the recall on its own log is "
        f"{now['recall']:.2f}; the ten have a true appeal of {now['appeal']:.2f} and hold "
        f"{100 * now['best']:.0f} % of the ten best; a member has been shown {now['tried']:.0f} of "
        f"76 films, and clicked {100 * now['clicked']:.1f} of 100 views."
    )


_REPORT = ("recall", "appeal", "best", "tried", "clicked")


def _table_listens(epsilon, week):
    report = feed_on_itself(epsilon)
    rows = [
        [w, *(report[w][name] for name in ("recall", "appeal", "best", "tried"))] for w in WEEKS
    ]
    head = ["week", "recall@10, own log", "true appeal", "ten best held", "films shown"]
    return [*head, "clicks per view"], rows


listens_to_itself = Explorable(
    _draw_listens,
    {
        "epsilon": Slider("Places left to chance", GIVEN, 0, [f"{100 * e:.0f} %" for e in GIVEN]),
        "week": Slider("Weeks", WEEKS, start=30, play=True),
    },
    "The report on the left gets better every week. Do the pages?",
    _say_listens,
    "end-to-end.listens-to-itself",
    table=_table_listens,
)

# ---------------------------------------------------------------- the first two weeks of a film

DAYS = 14
A_DAY = 120  # members who come
KEPT = [0, 6, 12, 24, 48, 96]  # places a day kept for the newcomer, of A_DAY × PLACES
NEWCOMERS = {
    "Blackout Ballroom": "a hit",
    "Waltz for a Ferryman": "loved by some",
    "Everything Regatta": "with every tag",
    "A Berth for the Night": "a dud",
}
SAME_LUCKS = 6
METHODS = {
    "known": "if all were known",
    "content": "by tags",
    "tower": "item tower",
    "visitors": "by visitors",
}


@cache
def _without(film):
    """Models that have never heard of a film: factorization, its scores, and two guesses at it."""
    harbour = house()[0]
    j = int(np.flatnonzero(harbour.items["title"] == film)[0])
    visits = harbour.visits.select(harbour.visits.items != j)
    ratings = harbour.interactions.select(harbour.interactions.items != j)
    model = WeightedALS(n_factors=8, random_state=0).fit(visits)
    features, everyone = _film_features(), np.arange(visits.n_users)
    others = np.arange(visits.n_items) != j
    guess = features[j] @ linear_tower(features[others], model.item_factors_[others], reg=1.0)
    by_tags = ContentBased().fit(ratings, features).score_all(everyone)
    return j, model, model.score_all(everyone), guess, by_tags


@cache
def first_weeks(film, method, kept=0):
    """Views of a new film on each of fourteen days, and its clicks in all: means of six lucks."""
    harbour = house()[0]
    truth = harbour.truth
    members = np.flatnonzero(truth["user_group"] == 0)
    films = np.flatnonzero(truth["item_group"] == 0)
    j, model, scores, guess, by_tags = _without(film)
    seen = harbour.visits.to_dense() > 0
    seen[:, j] = False
    looked = examination(np.arange(1, PLACES + 1), ETA)
    views, clicks = np.zeros(DAYS), 0
    for luck in range(SAME_LUCKS):
        rng = np.random.default_rng(luck)
        base = {"known": truth["appeal"], "content": by_tags}.get(method, scores).copy()
        if method == "tower":
            base[:, j] = model.user_factors_ @ guess
        visitors = np.zeros(len(seen), dtype=bool)  # who clicked the newcomer
        for day in range(DAYS):
            who = rng.choice(members, A_DAY, replace=False)
            unseen = ~seen[np.ix_(who, films)] & ~(visitors[who, None] & (films == j))
            pages = films[top_k(np.where(unseen, base[np.ix_(who, films)], -np.inf), PLACES)]
            here = pages == j
            lottery = rng.random(pages.shape) < kept / (A_DAY * PLACES)
            lottery &= ~visitors[who, None]
            place = np.where(here.any(axis=1), here.argmax(axis=1), lottery.argmax(axis=1))
            sees = here.any(axis=1) | lottery.any(axis=1)
            luck_of = rng.random(A_DAY)
            clicked = sees & (luck_of < looked[place] * truth["appeal"][who, j])
            views[day] += sees.sum()
            clicks += int(clicked.sum())
            visitors[who[clicked]] = True
            if method == "visitors" and visitors.any():  # every night the film is folded in anew
                came = np.flatnonzero(visitors)
                row = fold_in(
                    model.user_factors_,
                    came,
                    np.ones(len(came)),
                    model.reg,
                    model.unobserved_weight,
                    model.confidence,
                )
                base[:, j] = model.user_factors_ @ row
    return views / SAME_LUCKS, clicks / SAME_LUCKS


_LOOKS = {  # colour, dash, symbol
    "known": (style.INK, "dash", "line-ew"),
    "content": (style.THIRD, "dot", "square"),
    "tower": (style.FOURTH, "dashdot", "triangle-up"),
    "visitors": (style.USER, None, "circle"),
}
_SIGNS = {"known": "– –", "content": "■", "tower": "▲", "visitors": "●"}


def _days_of(film, kept):
    return {m: first_weeks(film, m, kept if m == "visitors" else 0) for m in METHODS}


def _draw_weeks(film, kept):
    lines = _days_of(film, kept)
    day = np.arange(1, DAYS + 1)
    traces = []
    for method, (views, _) in lines.items():
        color, dash, symbol = _LOOKS[method]
        traces.append(
            style.line(
                day,
                np.round(views, 1),
                color=color,
                dash=dash,
                width=2.5,
                mode="lines+markers",
                marker={"size": 8, "symbol": symbol, "color": color},
            )
        )
    legend = [
        style.note(
            f"{_SIGNS[method]} {METHODS[method]}",
            left,
            y,
            xanchor="left",
            yanchor="bottom",
            color=_LOOKS[method][0],
        )
        for method, left, y in zip(METHODS, (0, 0.54, 0, 0.54), (1.08, 1.08, 1.0, 1.0))
    ]
    return style.figure(
        traces,
        height=390,
        narrow={"height": 400},
        margin={"l": 50, "r": 14, "t": 62, "b": 46},
        xaxis=style.axis("day", (0.5, DAYS + 0.5)) | {"tickvals": [1, 4, 7, 10, 14]},
        yaxis=style.axis("views a day, of 120 pages", (-3, 112))
        | {"tickvals": [0, 25, 50, 75, 100]},
        annotations=legend,
    )


def _say_weeks(film, kept):
    lines = _days_of(film, kept)
    first = {method: round(views[0]) for method, (views, _) in lines.items()}
    second = {method: round(views[-7:].mean()) for method, (views, _) in lines.items()}
    if kept:
        tail = (
            f"with {kept} of 1,200 places kept for it, visitors bring it from {first['visitors']} "
            f"to {second['visitors']} views a day in the second week"
        )
    else:
        tail = "and among visitors nobody has seen it, so nobody is shown it: 0 views"
    return (
        f"{film}, {NEWCOMERS[film]}: on the first day it deserves {first['known']} views; tags "
        f"give it {first['content']}, the item tower {first['tower']}; {tail}."
    )


def _table_weeks(film, kept):
    lines = _days_of(film, kept)
    rows = [
        [METHODS[m], *(float(np.round(views[day], 1)) for day in (0, 3, 6, 13)), float(clicks)]
        for m, (views, clicks) in lines.items()
    ]
    return ["shown", "day 1", "day 4", "day 7", "day 14", "clicks in all"], rows


first_two_weeks = Explorable(
    _draw_weeks,
    {
        "film": Choice(
            "The new film", {film: f"{film} ({what})" for film, what in NEWCOMERS.items()}
        ),
        "kept": Slider("Places a day kept for it", KEPT, start=0),
    },
    "A film opens today, and nobody has seen it. With how many places kept do visitors tell a hit "
    "from a dud?",
    _say_weeks,
    "end-to-end.first-two-weeks",
    table=_table_weeks,
)

# ------------------------------------------------------------------------------------ scaling out

MACHINE = {"cores": 32, "load": 0.5, "memory": 100e9, "disk": 20e12}  # of 128 GB, 100 for us
PEAK = 3  # the busiest moment, in parts of the mean
A_CORE = 5e9  # multiplications and additions a second, fetched from memory
CAREFUL = 100e-6  # seconds to score one candidate
ARRANGE = 5e-3  # seconds to re-rank one page
FEATURES = 1_000  # bytes of features of one item, and of one line of the log
LOG_DAYS, HISTORY_DAYS, SWEEPS, NIGHT = 30, 30, 15, 4 * 3600
PROBES = 16


def compared(n_items, indexed=True):
    """Vectors that a query is compared with: all, or √n centres and the items of 16 of √n cells."""
    return min(n_items, (1 + PROBES) * np.sqrt(n_items)) if indexed else n_items


def service(users, items, requests, candidates, d, indexed=True):
    """What a day needs: {stage: (bytes, cores, machines)}; cores at the peak, 0 where none wait."""
    rate = PEAK * users * requests / 86_400  # pages a second at the peak
    interactions = users * requests * HISTORY_DAYS  # one click a page
    sweep = 2.0 * interactions * d**2 + (users + items) * d**3 / 3  # multiplications, both sides
    needs = {
        "members' vectors": (4.0 * users * d, 0.0),
        "retrieve": (items * (4.0 * d + 8), rate * compared(items, indexed) * 2 * d / A_CORE),
        "score": (items * float(FEATURES), rate * candidates * CAREFUL),
        "re-rank": (0.0, rate * ARRANGE),
        "log, 30 days": (users * requests * PLACES * float(FEATURES) * LOG_DAYS, 0.0),
        "train at night": (
            8.0 * interactions + 4.0 * (users + items) * d,
            SWEEPS * sweep / A_CORE / NIGHT,
        ),
    }
    busy = MACHINE["cores"] * MACHINE["load"]
    table = {}
    for stage, (size, cores) in needs.items():
        holds = MACHINE["disk" if stage.startswith("log") else "memory"]
        table[stage] = size, cores, max(2, int(np.ceil(max(cores / busy, size / holds))))
    return table


def in_bytes(size):
    """A size in the unit that suits it: 26 GB, 1.5 TB."""
    if size == 0:
        return "–"
    for unit, scale in (("PB", 1e15), ("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= scale:
            return f"{size / scale:,.3g} {unit}"
    return f"{size / 1e3:,.3g} kB"


def in_cores(cores):
    if cores == 0:
        return "–"
    return f"{cores:,.0f}" if cores >= 10 else f"{cores:.1f}" if cores >= 0.1 else "below 0.1"


USERS = {10**6: "a million", 10**7: "10 million", 10**8: "100 million", 10**9: "a billion"}
ITEMS = {10**4: "10,000", 10**6: "a million", 10**7: "10 million", 10**9: "a billion"}
REQUESTS, CANDIDATES, DIMENSIONS = [1, 10, 50], [100, 500, 2_000], [32, 64, 256]


def _needs(size, cores):
    said = [in_bytes(size)] if size else []
    return " · ".join(said + ([f"{in_cores(cores)} cores"] if cores else []))


_FEW_TICKS = ["1", "100", "10,000", "a million"]


def _draw_scale(users, items, requests, candidates, d, indexed):
    table = service(users, items, requests, candidates, d, indexed)
    rows = np.arange(len(table))
    machines = [row[2] for row in table.values()]
    largest = int(np.argmax(machines)) if max(machines) > 2 else -1
    traces = [
        style.bars(
            np.log10(machines),
            rows,
            horizontal=True,
            color=[style.ITEM if r == largest else style.USER for r in rows],
            width=0.55,
        ),
        style.words(
            np.log10(machines) + 0.08,
            rows,
            [f"<b>{count:,}</b>" for count in machines],
            at="middle right",
            size=14,
        ),
        style.words(
            np.full(len(rows), 0.0),
            rows - 0.43,
            [f"<b>{stage}</b>  {_needs(size, cores)}" for stage, (size, cores, _) in table.items()],
            at="middle right",
        ),
    ]
    return style.figure(
        traces,
        height=430,
        narrow={"height": 440, "xaxis.tickvals": [0, 2, 4, 6], "xaxis.ticktext": _FEW_TICKS},
        margin={"l": 12, "r": 12, "t": 14, "b": 46},
        xaxis=style.axis("machines", (-0.12, 6.9))
        | {
            "tickvals": [0, 1, 2, 3, 4, 5, 6],
            "ticktext": ["1", "10", "100", "1,000", "10,000", "100,000", "a million"],
            "showgrid": False,
            "tickangle": 0,
        },
        yaxis=style.bare_axis((len(rows) - 0.45, -0.75)),
    )


def _say_scale(users, items, requests, candidates, d, indexed):
    table = service(users, items, requests, candidates, d, indexed)
    rate = PEAK * users * requests / 86_400
    total = sum(row[2] for row in table.values())
    largest = max(table, key=lambda stage: table[stage][2])
    if table[largest][2] == 2:
        verdict = "two for each stage, the second in case the first fails"
    else:
        verdict = f"and the stage “{largest}” needs most of them, {table[largest][2]:,}"
    return (
        f"At the peak {rate:,.0f} pages a second, each compared with "
        f"{compared(items, indexed):,.0f} vectors: {total:,} machines, {verdict}."
    )


def _table_scale(users, items, requests, candidates, d, indexed):
    rows = [
        [stage, in_bytes(size), in_cores(cores), machines]
        for stage, (size, cores, machines) in service(
            users, items, requests, candidates, d, indexed
        ).items()
    ]
    return ["stage", "memory or disk", "cores at the peak", "machines"], rows


scaling_out = Explorable(
    _draw_scale,
    {
        "users": Slider("Members", list(USERS), 10**8, list(USERS.values())),
        "items": Slider("Items", list(ITEMS), 10**7, list(ITEMS.values())),
        "requests": Slider("Pages a member a day", REQUESTS, start=10),
        "candidates": Slider(
            "Candidates scored for a page", CANDIDATES, 500, [f"{k:,}" for k in CANDIDATES]
        ),
        "d": Slider("Dimensions", DIMENSIONS, start=64),
        "indexed": Toggle("An index, not everything", True),
    },
    "A hundred million members, and most machines are the scorer's. What would make another stage "
    "need more?",
    _say_scale,
    "end-to-end.scaling-out",
    table=_table_scale,
)
