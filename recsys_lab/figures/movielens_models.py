"""Every model of the book on real ratings: the fits, what they are worth, and their pictures.

Three layers, each used alone by the next: `split` and `rehearsal` cut the ratings, `fit_model`
fits one model by name, `trial` fits it with the values `CHOSEN` for a split and keeps what the
page needs of it (its lists and its errors, never the model, which may weigh 760 MB). All of them
are cached, so a page fits each model once.
"""

from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from recsys_lab.data import Interactions, load_movielens
from recsys_lab.data.splits import split_by_time, split_leave_last, split_random
from recsys_lab.deep import SoftmaxRecommender, TwoTower
from recsys_lab.ease import EASE
from recsys_lab.explore import Choice, Explorable, Pad, Slider, Toggle, style
from recsys_lab.factorization import ALS, BPR, SGDFactorization, WeightedALS
from recsys_lab.fm import FactorizationMachine, FeatureEncoder
from recsys_lab.metrics import coverage, evaluate
from recsys_lab.neighbors import ItemKNN, UserKNN
from recsys_lab.popularity import Popularity, baseline
from recsys_lab.recommender import Recommender
from recsys_lab.similarity import normalize, top_k

K = 10  # length of every list
LIKED = 4.0  # stars from which a film counts as liked
SCALE = 0.5, 5.0

# ------------------------------------------------------------------------------ cut the ratings


@lru_cache
def data():
    """The ratings as a `Dataset`."""
    return load_movielens(download=False)


@lru_cache
def split(how):
    """``(train, test)`` by name: "last", the last five of each viewer; "time"; or "random"."""
    full = data().interactions
    stars = full.values.astype(np.float32)  # half the bytes, and stars fit exactly
    full = Interactions(full.users, full.items, stars, *full.shape, full.timestamps)
    match how:
        case "last":
            return split_leave_last(full, 5)
        case "time":
            return split_by_time(full, 0.2)
        case "random":
            return split_random(full, 0.2)
    raise ValueError(f'how must be "last", "time" or "random", got {how!r}')


@lru_cache
def rehearsal(how):
    """The same question inside the training part alone, the last five of each viewer: for tuning.

    By time once more would leave nineteen viewers to choose by.
    """
    return split_leave_last(split(how)[0], 5)


def liked(interactions):
    """What got four stars or more, as ones: the food of models that look at choices alone."""
    return _ones(interactions.select(interactions.values >= LIKED))


def _ones(interactions):
    i = interactions
    return Interactions(i.users, i.items, np.ones_like(i.values), *i.shape, i.timestamps)


def to_find(train, test):
    """What should be in the lists: liked films in ``test``, of viewers who are in ``train``."""
    known = np.bincount(train.users, minlength=train.n_users) > 0
    return test.select((test.values >= LIKED) & known[test.users])


# ------------------------------------------------------------------------------- fit the models


class Biases(Recommender):
    """μ + b_u + b_j: how generous the viewer, how well liked the film. Nobody's taste."""

    def __init__(self, reg=5.0):
        self.reg = reg

    def fit(self, interactions):
        self.mean_, self.user_bias_, self.item_bias_ = baseline(interactions, self.reg)
        return self._remember(interactions)

    def score_all(self, users):
        return self.mean_ + self.user_bias_[self._known(users, "user")][:, None] + self.item_bias_


class FilmMachine(Recommender):
    """A factorization machine over four fields: viewer, film, the film's genres, its decade.

    Unlike a rating, a list needs all films for one viewer. The sum over pairs of fields splits
    into pairs within the film, which are the same for everybody, and viewer × film, which is a
    product of two tables: no row is ever built.
    """

    def __init__(self, n_factors=8, n_epochs=60, random_state=0):
        self.n_factors, self.n_epochs, self.random_state = n_factors, n_epochs, random_state

    def fit(self, interactions):
        films = data().items
        genres = np.array(["|".join(own) for own in films["genres"]])
        decade = films["year"] // 10
        users, items = interactions.users, interactions.items
        self.encoder_ = FeatureEncoder()
        rows = self.encoder_.fit_transform(
            {"viewer": users, "film": items, "genres": genres[items], "decade": decade[items]}
        )
        self.machine_ = FactorizationMachine(
            self.n_factors,
            solver="mcmc",
            n_epochs=self.n_epochs,
            random_state=self.random_state,
            n_features=self.encoder_.n_features_,
        ).fit(rows, interactions.values.astype(float))
        everyone, catalogue = (np.arange(size) for size in interactions.shape)
        first = np.zeros(len(catalogue), dtype=int)  # any viewer: its column is not looked at
        film_of = self.encoder_.transform(
            {"viewer": first, "film": catalogue, "genres": genres, "decade": decade}
        )[0][:, 1:]
        viewer_of = self._viewer_features(everyone, genres[0], decade[0])
        U, V, own, offset = [], [], 0.0, 0.0
        draws = self.machine_.draws_
        for w0, w, v in draws:
            parts = v[film_of]  # (n, 3, k)
            together = parts.sum(axis=1)
            within = ((together**2).sum(axis=1) - (parts**2).sum(axis=(1, 2))) / 2
            own = own + (w0 + w[film_of].sum(axis=1) + within) / len(draws)
            offset = offset + w[viewer_of] / len(draws)
            U.append(v[viewer_of])
            V.append(together / len(draws))
        self.user_factors_ = np.concatenate(U, axis=1).astype(np.float32)  # (m, draws · k)
        self.item_factors_ = np.concatenate(V, axis=1).astype(np.float32)
        self.user_bias_, self.item_bias_ = offset, own
        return self._remember(interactions)

    def _viewer_features(self, viewers, genres, decade):
        one = np.zeros(len(viewers), dtype=int)
        table = {"viewer": viewers, "film": one, "genres": np.full(len(viewers), genres)}
        return self.encoder_.transform(table | {"decade": one + decade})[0][:, 0]

    def score_all(self, users):
        users = self._known(users, "user")
        scores = self.user_factors_[users] @ self.item_factors_.T
        return scores + self.user_bias_[users][:, None] + self.item_bias_


class ItemRows(ItemKNN):
    """`ItemKNN` for choices: the whole catalogue for one viewer at a time, which is faster.

    Where every choice counts 1, the sum over the k nearest of a viewer's films is the sum of the k
    largest similarities: no matter whose they are, so no index is kept.
    """

    def score_all(self, users):
        users = self._known(users, "user")
        scores = np.empty((len(users), self.interactions_.n_items))
        for row, user in enumerate(users):
            own = self.interactions_.items_of(user)
            similar = self.similarity_[own].T.copy()  # (n, L), none below 0
            if len(own) > self.k:
                similar.partition(len(own) - self.k, axis=1)
            near = similar[:, -self.k :].sum(axis=1, dtype=float)
            scores[row] = near if len(own) else self._popularity
        return scores


def _implicit(model):
    return lambda **values: model(similarity="cosine", feedback="implicit", **values)


def _stars(model):
    return lambda **values: model(similarity="pearson_baseline", center="baseline", **values)


class Entry(NamedTuple):
    label: str
    make: object  # hyper-parameters → a model, not yet fitted
    predicts_stars: bool = False


MODELS = {
    "popularity": Entry("Popularity", lambda: Popularity("implicit")),
    "user_knn": Entry("User k-NN", _implicit(UserKNN)),
    "item_knn": Entry("Item k-NN", _implicit(ItemRows)),
    "ease": Entry("EASE", EASE),
    "weighted_als": Entry("Weighted ALS", WeightedALS),
    "bpr": Entry("BPR", BPR),
    "softmax": Entry("Softmax", SoftmaxRecommender),
    "two_tower": Entry("Two towers", TwoTower),
    "biases": Entry("Biases", Biases, True),
    "user_knn_stars": Entry("User k-NN, stars", _stars(UserKNN), True),
    "item_knn_stars": Entry("Item k-NN, stars", _stars(ItemKNN), True),
    "sgd": Entry("SGD", SGDFactorization, True),
    "als": Entry("ALS", ALS, True),
    "fm": Entry("FM", FilmMachine, True),
}
LISTS = [name for name, entry in MODELS.items() if not entry.predicts_stars]
STARS = [name for name, entry in MODELS.items() if entry.predicts_stars]


def fit_model(name, train, **values):
    """One model of the table, fitted to ``train``: ratings in stars, whatever the model.

    Models that make lists see only what was liked, as ones; models that predict stars see the
    ratings. ``values`` are the model's hyper-parameters.
    """
    from threadpoolctl import threadpool_limits

    entry = MODELS[name]
    # One thread: small matrices gain nothing from more, and on a busy machine threads wait for
    # each other. It also keeps the order of sums, and so the numbers, the same everywhere.
    with threadpool_limits(1):
        return entry.make(**values).fit(train if entry.predicts_stars else liked(train))


# What benchmarks/tune_movielens.py found inside each training part.
CHOSEN = {
    "last": {
        "popularity": {},
        "user_knn": {"k": 20, "shrinkage": 0.0},
        "item_knn": {"k": 50},
        "ease": {"reg": 100.0},
        "weighted_als": {
            "n_factors": 64,
            "unobserved_weight": 1.0,
            "reg": 10.0,
            "n_iterations": 6,
        },
        "bpr": {"n_factors": 32, "reg": 0.03, "n_epochs": 120},
        "softmax": {"hidden": (64,), "learning_rate": 0.005, "n_epochs": 60, "batch_size": 64},
        "two_tower": {"temperature": 0.2, "log_q": True, "n_epochs": 12, "batch_size": 1024},
        "biases": {"reg": 5.0},
        "user_knn_stars": {"k": 60, "shrinkage": 200.0},
        "item_knn_stars": {"k": 20, "shrinkage": 200.0},
        "sgd": {"n_factors": 32, "reg": 0.1, "learning_rate": 0.03, "n_epochs": 20},
        "als": {"n_factors": 4, "reg": 5.0, "n_iterations": 8},
        "fm": {"n_factors": 8, "n_epochs": 60},
    },
    "time": {
        "popularity": {},
        "user_knn": {"k": 20, "shrinkage": 10.0},
        "item_knn": {"k": 50},
        "ease": {"reg": 200.0},
        "weighted_als": {
            "n_factors": 32,
            "unobserved_weight": 0.1,
            "reg": 3.0,
            "n_iterations": 6,
        },
        "bpr": {"n_factors": 32, "reg": 0.003, "n_epochs": 120},
        "softmax": {"hidden": (), "learning_rate": 0.005, "n_epochs": 120, "batch_size": 64},
        "two_tower": {"temperature": 0.2, "log_q": True, "n_epochs": 12, "batch_size": 1024},
        "biases": {"reg": 5.0},
        "user_knn_stars": {"k": 60, "shrinkage": 200.0},
        "item_knn_stars": {"k": 60, "shrinkage": 200.0},
        "sgd": {"n_factors": 32, "reg": 0.1, "learning_rate": 0.03, "n_epochs": 20},
        "als": {"n_factors": 4, "reg": 5.0, "n_iterations": 8},
        "fm": {"n_factors": 8, "n_epochs": 60},
    },
}


# --------------------------------------------------------------------------- what they are worth


class Trial(NamedTuple):
    """What one model did on one split. Arrays have a row for each viewer of ``viewers``.

    ``lists`` is None for a model that makes none, ``errors`` for one that predicts no stars.
    """

    viewers: np.ndarray  # (q,)
    lists: np.ndarray | None  # (q, K) film numbers, best first
    recall: np.ndarray | None  # (q,)
    ndcg: np.ndarray | None
    errors: tuple | None  # (row of its viewer, predicted less true stars) of every test rating


class _Shelved(Recommender):
    """Scores that were computed once, for `evaluate` and for the lists."""

    def __init__(self, users, scores):
        self.row = {int(user): at for at, user in enumerate(users)}
        self.scores = scores

    def score_all(self, users):
        return self.scores[[self.row[int(user)] for user in users]]


NO_LISTS = ("item_knn_stars",)  # half a minute for lists that are no better than its neighbours'


@cache
def trial(how, name):
    """Fit a model of ``MODELS`` with the values chosen for a split, and try it."""
    train, test = split(how)
    model = fit_model(name, train, **CHOSEN[how][name])
    return judge(model, name, train, test)


def judge(model, name, train, test):
    """`Trial` of a fitted model."""
    from threadpoolctl import threadpool_limits

    goal = to_find(train, test)
    viewers = np.unique(goal.users)
    lists = recall = ndcg = errors = None
    with threadpool_limits(1):
        if name not in NO_LISTS:
            shelf = _Shelved(viewers, model.score_all(viewers))
            got = evaluate(shelf, train, goal, K, ("recall_at_k", "ndcg_at_k"), per_user=True)
            recall, ndcg = got["recall_at_k"], got["ndcg_at_k"]
            scores = np.array(shelf.scores)
            for row, viewer in enumerate(viewers):
                scores[row, train.items_of(viewer)] = -np.inf
            lists = top_k(scores, K)
        if MODELS[name].predicts_stars:
            rated = test.select(np.isin(test.users, viewers))
            guess = np.clip(model.predict(rated.users, rated.items), *SCALE)
            errors = np.searchsorted(viewers, rated.users), guess - rated.values
    return Trial(viewers, lists, recall, ndcg, errors)


METRICS = {
    "recall": "recall@10",
    "ndcg": "NDCG@10",
    "coverage": "coverage",
    "rmse": "RMSE",
    "mae": "MAE",
}
_LOWER_IS_BETTER = ("rmse", "mae")
_AGAINST = {"recall": "popularity", "ndcg": "popularity", "coverage": "popularity"} | {
    "rmse": "biases",
    "mae": "biases",
}
RESAMPLES = 1_000


@cache
def resamples(n_viewers, times=RESAMPLES):
    """Draws of n viewers from n, with replacement: how often each is in each, (times, n).

    The same draws for every model, so that differences between models are paired.
    """
    rng = np.random.default_rng(0)
    return rng.multinomial(n_viewers, np.full(n_viewers, 1 / n_viewers), size=times)


@cache
def measured(how, name, metric):
    """``(value, values of the resamples)``, or None where the model cannot be measured so."""
    tried = trial(how, name)
    n = len(tried.viewers)
    weights = np.vstack([np.ones(n), resamples(n)])  # the first row: everybody once
    if metric in _LOWER_IS_BETTER:
        if tried.errors is None:
            return None
        row, error = tried.errors
        size = error**2 if metric == "rmse" else np.abs(error)
        total = np.bincount(row, size, minlength=n)
        values = weights @ total / (weights @ np.bincount(row, minlength=n))
        values = np.sqrt(values) if metric == "rmse" else values
    elif tried.lists is None:
        return None
    elif metric == "coverage":
        n_items = data().interactions.n_items
        return coverage(tried.lists, n_items), None  # see `interval`
    else:
        values = weights @ getattr(tried, metric) / n
    return float(values[0]), values[1:]


def interval(how, name, metric, less=None):
    """``(value, low, high)``: a metric and the middle 95 % of its resamples; of a difference,
    where ``less`` names the model that is taken off, viewer by viewer. None as in `measured`.

    Coverage has no interval (None, None): it counts different films, a viewer drawn twice shows
    nothing new, and so nearly every resample covers less than the viewers it was drawn from.
    """
    got = measured(how, name, metric)
    if got is None:
        return None
    value, draws = got
    if draws is None:
        return value - (measured(how, less, metric)[0] if less else 0.0), None, None
    if less is not None:
        other, its_draws = measured(how, less, metric)
        value, draws = value - other, draws - its_draws
    low, high = np.quantile(draws, [0.025, 0.975])
    return value, float(low), float(high)


def standing(how, metric, names=None):
    """``[(name, (value, low, high))]`` of the models that can be measured so, best first."""
    rows = [(name, interval(how, name, metric)) for name in names or MODELS]
    sign = 1 if metric in _LOWER_IS_BETTER else -1
    return sorted((row for row in rows if row[1]), key=lambda row: sign * row[1][0])


def clear_of(how, metric):
    """Models whose whole interval of paired differences to the baseline is better than zero."""
    sign = -1 if metric in _LOWER_IS_BETTER else 1
    clear = []
    for name in MODELS:
        gap = interval(how, name, metric, less=_AGAINST[metric])
        if gap and gap[1] is not None and min(sign * gap[1], sign * gap[2]) > 0:
            clear.append(name)
    return clear


def _signed(value):
    return style.true_minus(f"{value:+.3f}")


def scoreboard(dataset):
    """The table of all models: choose split and metric, see values with their intervals."""
    order = [*LISTS, *STARS]
    rank = {name: at + (name in STARS) * 1.0 for at, name in enumerate(order)}  # a gap between
    splits = {"last": "last five of each viewer", "time": "by the calendar"}

    def rows(how, metric, difference):
        less = _AGAINST[metric] if difference else None
        return {name: interval(how, name, metric, less) for name in order}

    def draw(how, metric, difference):
        got = rows(how, metric, difference)
        baseline_name = _AGAINST[metric]
        known = {name: row for name, row in got.items() if row}
        ends = [edge for row in known.values() for edge in row if edge is not None]
        low, high = min(0, *ends), max(0, *ends)
        room = (high - low) * 0.05
        y = [rank[name] for name in order]
        value, left, right = (
            [row[part] if row else None for row in got.values()] for part in range(3)
        )
        best = standing(how, metric)[0][0]
        colours = [
            style.QUIET if name == baseline_name else style.ITEM if name == best else style.USER
            for name in order
        ]
        words = [
            ("no lists" if metric not in _LOWER_IS_BETTER else "no stars")
            if row is None
            else "baseline"
            if difference and name == baseline_name
            else _signed(row[0])
            if difference
            else f"{row[0]:.3f}"
            for name, row in got.items()
        ]
        spread = []
        for a, b in zip(left, right):
            spread += [a, b, None]
        return style.figure(
            [
                style.bars(value, y, horizontal=True, marker={"color": colours, "opacity": 0.55}),
                style.line(
                    spread, [at for place in y for at in (place, place, None)], color=style.INK
                ),
                style.words(
                    [1.0] * len(order),
                    y,
                    words,
                    at="middle left",
                    xaxis="x2",
                ),
            ],
            height=500,
            bargap=0.25,
            margin={"l": 122, "r": 8, "t": 8, "b": 48},
            xaxis=style.axis(
                METRICS[metric]
                + (f", less that of {MODELS[baseline_name].label.lower()}" if difference else ""),
                (low - room, high + room),
                domain=[0, 0.8],
                nticks=6,
                zeroline=True,
            ),
            xaxis2=style.bare_axis((0, 1), domain=[0.8, 1], anchor="y"),
            yaxis=style.axis(range=(max(y) + 0.6, -0.6), showgrid=False)
            | {"tickvals": y, "ticktext": [MODELS[name].label for name in order]},
            narrow={"xaxis.nticks": 4, "xaxis.domain": [0, 0.74], "xaxis2.domain": [0.74, 1]},
        )

    def describe(how, metric, difference):
        ranked = standing(how, metric)
        name, (value, low, high) = ranked[0]
        base = _AGAINST[metric]
        its = interval(how, base, metric)[0]
        has = "has" if base == "popularity" else "have"
        start = (
            f"{splits[how][0].upper()}{splits[how][1:]}, {METRICS[metric]}: "
            f"{MODELS[name].label} comes first with {value:.3f}"
        )
        if low is None:
            return (
                f"{start} of the catalogue in somebody's list; "
                f"{MODELS[base].label.lower()} {has} {its:.3f}."
            )
        clear, rivals = len(clear_of(how, metric)), len(ranked) - 1
        are = "is" if clear == 1 else "are"
        doubt = f"{clear if clear else 'none'} of {rivals} others {are} clearly better than that"
        return (
            f"{start} ({low:.3f} to {high:.3f}); {MODELS[base].label.lower()} {has} {its:.3f}, "
            f"and {doubt}."
        )

    def table(how, metric, difference):
        got = rows(how, metric, difference)
        word = _signed if difference else "{:.3f}".format
        return ["model", METRICS[metric], "from", "to"], [
            [
                MODELS[name].label,
                *("–" if row is None or part is None else word(part) for part in row or [None] * 3),
            ]
            for name, row in got.items()
        ]

    return Explorable(
        draw,
        {
            "how": Choice("Held out", splits),
            "metric": Choice("Measure", METRICS),
            "difference": Toggle("As a difference to the baseline"),
        },
        "Which model would you put on the site, and how sure are you?",
        describe,
        "movielens-models.scoreboard",
        table=table,
    )


# ------------------------------------------------------------------------- one viewer, two lists

SHOWN = [*LISTS, "als", "fm"]  # whose lists can be looked at


@lru_cache
def viewers_by_favourites(n=12):
    """``{viewer: three films}``: a dozen viewers drawn at random, named by what they loved.

    Drawn from those with 40 to 400 ratings and at least three films to find. A favourite has the
    most stars above its mean, among the films with 40 ratings, and is nobody else's.
    """
    train, test = split("last")
    count = np.bincount(train.items, minlength=train.n_items)
    mean = np.bincount(train.items, train.values, minlength=train.n_items) / np.maximum(count, 1)
    size = np.bincount(train.users, minlength=train.n_users)
    goals = np.bincount(to_find(train, test).users, minlength=train.n_users)
    pool = np.flatnonzero((size >= 40) & (size <= 400) & (goals >= 3))
    taken, named = set(), {}
    for viewer in np.random.default_rng(0).permutation(pool):
        films = train.items_of(viewer)
        stars = train.values[train.users == viewer]
        above = np.where((count[films] >= 40) & (stars >= 4.5), stars - mean[films], -np.inf)
        best = [int(j) for j in films[top_k(above, 20)] if int(j) not in taken][:3]
        if np.isfinite(above).sum() >= 5 and len(best) == 3:
            named[int(viewer)] = best
            taken.update(best)
        if len(named) == n:
            break
    return named


def _tidy(title):
    """'Matrix, The' as people say it; a second title in brackets goes."""
    title = title.split(" (")[0]
    for article in ("The", "A", "An"):
        if title.endswith(f", {article}"):
            title = f"{article} {title[: -len(article) - 2]}"
    return title


def _short(title, limit):
    return title if len(title) <= limit else title[: limit - 1].rstrip(" ,:.") + "…"


def two_lists(dataset):
    """Pick a viewer by three favourites, and two models: their two lists of ten, side by side."""
    train, test = split("last")
    goal = to_find(train, test)
    counts = np.bincount(train.items, minlength=train.n_items)
    title = [_tidy(str(name)) for name in dataset.items["title"]]
    named = viewers_by_favourites()
    labels = {name: MODELS[name].label for name in SHOWN}
    said = labels | {"popularity": "popularity", "softmax": "softmax"}
    wanted = {viewer: set(goal.items_of(viewer).tolist()) for viewer in named}
    lists = {}
    for name in SHOWN:
        tried = trial("last", name)
        for viewer in named:
            lists[viewer, name] = tried.lists[np.searchsorted(tried.viewers, viewer)].tolist()

    def draw(viewer, left, right):
        traces, place = [], np.arange(1, K + 1)
        layout, narrow = {}, {"height": 690}
        for at, name in enumerate((left, right), start=1):
            films, suffix = lists[viewer, name], "" if at == 1 else "2"
            hit = [film in wanted[viewer] for film in films]
            axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
            traces += [
                style.bars(
                    [float(np.sqrt(counts[film] / counts.max())) for film in films],
                    place,
                    horizontal=True,
                    marker={"color": [style.THIRD_SOFT if h else style.ITEM_SOFT for h in hit]},
                    **axes,
                ),
                style.words(
                    [0.02] * K,
                    place,
                    [
                        ("<b>★ " if h else "") + _short(title[film], 34) + ("</b>" if h else "")
                        for film, h in zip(films, hit)
                    ],
                    at="middle right",
                    **axes,
                ),
            ]
            start = 0.52 * (at - 1)
            layout |= {
                f"xaxis{suffix}": style.bare_axis(
                    (0, 1.05), domain=[start, start + 0.48], anchor=f"y{suffix}"
                )
                | {
                    "side": "top",
                    "title": {"text": f"<b>{MODELS[name].label}</b>", "font": {"size": 13}},
                },
                f"yaxis{suffix}": style.bare_axis((K + 0.6, 0.4), anchor=f"x{suffix}"),
            }
            bottom = 0.53 if at == 1 else 0
            narrow |= {
                f"xaxis{suffix}.domain": [0, 1],
                f"yaxis{suffix}.domain": [bottom, bottom + 0.45],
            }
        return style.figure(
            traces,
            height=370,
            narrow=narrow,
            margin={"l": 4, "r": 4, "t": 34, "b": 8},
            bargap=0.12,
            **layout,
        )

    def describe(viewer, left, right):
        one, other = lists[viewer, left], lists[viewer, right]
        found = [len(wanted[viewer].intersection(films)) for films in (one, other)]
        shared = len(set(one) & set(other))
        typical = [int(np.median(counts[films])) for films in (one, other)]
        n = len(wanted[viewer])
        return (
            f"Of {n} films this viewer went on to like, {said[left]} finds {found[0]} "
            f"and {said[right]} {found[1]}; the lists share {shared} of ten, and their "
            f"films have a median of {typical[0]} and {typical[1]} ratings."
        )

    def table(viewer, left, right):
        return ["place", MODELS[left].label, "found", MODELS[right].label, "found"], [
            [at + 1, title[a], a in wanted[viewer], title[b], b in wanted[viewer]]
            for at, (a, b) in enumerate(zip(lists[viewer, left], lists[viewer, right]))
        ]

    # Begin with somebody for whom the second list finds something that the first does not.
    first = next(
        viewer
        for viewer in named
        if wanted[viewer].intersection(lists[viewer, "ease"])
        and not wanted[viewer].intersection(lists[viewer, "popularity"])
    )
    return Explorable(
        draw,
        {
            "viewer": Choice(
                "Somebody who loved",
                {v: ", ".join(_short(title[j], 30) for j in films) for v, films in named.items()},
                start=first,
            ),
            "left": Choice("One model", labels, start="popularity"),
            "right": Choice("Another", labels, start="ease"),
        },
        "Whose list would this viewer rather get?",
        describe,
        "movielens-models.two-lists",
        table=table,
    )


# ------------------------------------------------------------------------------ a map of the films


@lru_cache
def film_map(n=400):
    """``(films, places, share, shared)``: the most rated films in a plane, and what it costs.

    Factors of `WeightedALS` on all ratings, brought to unit length, and their two widest
    directions. ``share`` is the part of their spread that the plane keeps, ``shared`` how many of
    a film's ten neighbours in the plane are also among its ten in the space.
    """
    full = data().interactions
    stars = full.values.astype(np.float32)
    full = Interactions(full.users, full.items, stars, *full.shape, full.timestamps)
    model = fit_model(
        "weighted_als", full, n_factors=16, unobserved_weight=0.3, reg=3.0, n_iterations=8
    )
    count = np.bincount(full.items, minlength=full.n_items)
    films = top_k(count.astype(float), n)
    unit = normalize(model.item_factors_[films].astype(float))
    left, widths, _ = np.linalg.svd(unit - unit.mean(axis=0), full_matrices=False)
    places = left[:, :2] * widths[:2]
    # An axis may point either way: to the right for late raters, up for new films.
    year, when = data().items["year"][films], mean_moment()[films]
    places *= [
        np.sign(np.corrcoef(places[:, 0], when)[0, 1]),
        np.sign(np.corrcoef(places[:, 1], year)[0, 1]),
    ]
    share = (widths[:2] ** 2).sum() / (widths**2).sum()
    apart = -((places[:, None] - places) ** 2).sum(axis=-1)
    alike = unit @ unit.T
    for near in (apart, alike):
        np.fill_diagonal(near, -np.inf)
    shared = np.mean(
        [len(np.intersect1d(a, b)) for a, b in zip(top_k(apart, 10), top_k(alike, 10))]
    )
    return films, places, float(share), float(shared)


@lru_cache
def mean_moment():
    """When the ratings of each film were given, on average: a year with its fraction."""
    full = data().interactions
    year = 1970 + full.timestamps / (365.2425 * 86_400)
    count = np.bincount(full.items, minlength=full.n_items)
    return np.bincount(full.items, year, minlength=full.n_items) / count


def walk(dataset):
    """A plane of films: stand anywhere, and see which ten are near."""
    films, places, _, _ = film_map()
    title = [_tidy(str(dataset.items["title"][j])) for j in films]
    names = [f"{name} ({dataset.items['year'][j]})" for name, j in zip(title, films)]
    listed = [f"{_short(name, 24)} ({dataset.items['year'][j]})" for name, j in zip(title, films)]
    when = mean_moment()[films]
    year = dataset.items["year"][films]
    counts = np.bincount(dataset.interactions.items, minlength=dataset.interactions.n_items)[films]
    low, high = places.min(axis=0), places.max(axis=0)
    xs, ys = (np.round(np.linspace(a + 0.02, b - 0.02, 15), 2) for a, b in zip(low, high))
    start = min(xs, key=lambda x: abs(x + 0.6)), min(ys, key=lambda y: abs(y - 0.15))

    @cache
    def near(at):
        return top_k(-((places - np.array(at)) ** 2).sum(axis=1), 10)

    def draw(at):
        ten = near(at)
        return style.figure(
            [
                style.dots(places[:, 0], places[:, 1], names=names, color=style.ITEM_SOFT, size=8),
                style.dots(
                    places[ten, 0],
                    places[ten, 1],
                    names=[names[j] for j in ten],
                    color=style.ITEM,
                    size=11,
                ),
                style.dots([at[0]], [at[1]], color=style.USER, size=13, hoverinfo="skip"),
                style.words(
                    [0] * 10,
                    list(range(10)),
                    [listed[j] for j in ten],
                    at="middle right",
                    xaxis="x2",
                    yaxis="y2",
                ),
            ],
            height=430,
            margin={"l": 8, "r": 4, "t": 8, "b": 8},
            xaxis=style.bare_axis((low[0] - 0.06, high[0] + 0.06), domain=[0, 0.62]),
            yaxis=style.bare_axis((low[1] - 0.06, high[1] + 0.06)),
            xaxis2=style.bare_axis((0, 1), domain=[0.65, 1], anchor="y2"),
            yaxis2=style.bare_axis((10.5, -1.5), anchor="x2"),
            narrow={
                "height": 640,
                "xaxis.domain": [0, 1],
                "yaxis.domain": [0.42, 1],
                "xaxis2.domain": [0, 1],
                "yaxis2.domain": [0, 0.4],
            },
        )

    def describe(at):
        ten = near(at)
        years = year[ten]
        return (
            f"Nearest: {', '.join(names[j] for j in ten[:3])}. The ten films around this point "
            f"came out from {years.min()} to {years.max()} and were rated around "
            f"{when[ten].mean():.0f} on average."
        )

    def table(at):
        return ["film", "genres", "ratings"], [
            [names[j], ", ".join(dataset.items["genres"][films[j]]), int(counts[j])]
            for j in near(at)
        ]

    return Explorable(
        draw,
        {"at": Pad("Where you stand", xs, ys, start=start)},
        "Nobody named the two axes. What do they mean?",
        describe,
        "movielens-models.walk",
        table=table,
    )


# -------------------------------------------------------------------------- norms and popularity

PENALTIES = {
    "none": ("next to none", {"reg": 1e-3}),
    "constant": ("the same for every film", {"reg": 5.0}),
    "scaled": ("times its number of ratings", {"reg": 0.1, "scale_reg": True}),
}
LEAST = [1, 2, 5, 10, 20]


@lru_cache
def film_norms(penalty):
    """Length of every film's vector, and its number of ratings; `ALS` of 8 factors, all ratings."""
    from threadpoolctl import threadpool_limits

    full = data().interactions
    with threadpool_limits(1):
        model = ALS(8, n_iterations=10, **PENALTIES[penalty][1]).fit(full)
    count = np.bincount(full.items, minlength=full.n_items)
    return np.linalg.norm(model.item_factors_, axis=1), count


def spearman(a, b):
    """Rank correlation; ties share their mean rank."""
    ranks = []
    for values in (a, b):
        _, place, size = np.unique(np.round(values, 9), return_inverse=True, return_counts=True)
        ranks.append((np.cumsum(size) - (size - 1) / 2)[place])
    return float(np.corrcoef(*ranks)[0, 1])


def norm_correlation(penalty, least):
    """Spearman's ρ of length and ratings, over the films with at least so many; their number."""
    norm, count = film_norms(penalty)
    kept = count >= least
    return spearman(norm[kept], count[kept]), int(kept.sum())


def norms(dataset):
    """How long is a film's vector? By popularity, under three penalties, with a threshold."""
    count = film_norms("none")[1]
    rng = np.random.default_rng(0)
    sample = np.concatenate(
        [rng.choice(np.flatnonzero(count < 5), 220), rng.choice(np.flatnonzero(count >= 5), 380)]
    )
    x = np.log10(count[sample]) + rng.uniform(-0.04, 0.04, len(sample))
    x = 10**x  # shifted a little, or films with one rating would lie on one another
    edges = np.array([1, 2, 3, 5, 8, 13, 22, 40, 75, 150, 400])
    bucket = np.digitize(count, edges) - 1
    middle = [np.sqrt(a * (b - 1)) if b - 1 > a else a for a, b in pairwise(edges)]

    def draw(penalty, least):
        norm = film_norms(penalty)[0]
        kept = count[sample] >= least
        typical = [float(np.median(norm[bucket == b])) for b in range(len(edges) - 1)]
        drawn = [t if edges[b] >= least else None for b, t in enumerate(typical)]
        return style.figure(
            [
                style.dots(
                    x,
                    np.maximum(norm[sample], 0.02),
                    size=6,
                    hoverinfo="skip",
                    marker={"color": [style.ITEM if k else style.GRID for k in kept]},
                ),
                style.line(middle, drawn, color=style.INK, width=3, connectgaps=False),
            ],
            height=380,
            xaxis=style.axis("ratings of the film", (-0.1, 2.62), type="log")
            | {
                "tickvals": [1, 3, 10, 30, 100, 300],
                "ticktext": ["1", "3", "10", "30", "100", "300"],
            },
            yaxis=style.axis("length of its vector", (-1.75, 1.4), type="log")
            | {
                "tickvals": [0.03, 0.1, 0.3, 1, 3, 10],
                "ticktext": ["0.03", "0.1", "0.3", "1", "3", "10"],
            },
        )

    def describe(penalty, least):
        rho, n = norm_correlation(penalty, least)
        films = "all films" if least == 1 else f"the {n:,} films with at least {least} ratings"
        word = "longer" if rho > 0.1 else "shorter" if rho < -0.1 else "neither longer nor shorter"
        return (
            f"With a penalty {PENALTIES[penalty][0]}, over {films}: Spearman's correlation of "
            f"length and popularity is {style.true_minus(f'{rho:+.2f}')}, "
            f"so the more rated films are {word}."
        ).replace("a penalty next to none", "next to no penalty")

    def table(penalty, least):
        norm = film_norms(penalty)[0]
        return ["ratings", "films", "median length"], [
            [
                f"{a} to {b - 1}" if b - 1 > a else str(a),
                int((bucket == at).sum()),
                float(np.median(norm[bucket == at])),
            ]
            for at, (a, b) in enumerate(pairwise(edges))
            if a >= least
        ]

    return Explorable(
        draw,
        {
            "penalty": Choice(
                "Penalty on a film", {k: words for k, (words, _) in PENALTIES.items()}
            ),
            "least": Slider("Films with at least this many ratings", LEAST, start=1),
        },
        "Are popular films' vectors longer?",
        describe,
        "movielens-models.norms",
        table=table,
    )


# ------------------------------------------------------------- the same model, other yardsticks

RULERS = {
    "time": "by the calendar",
    "last": "last five",
    "random": "a random fifth",
    "filtered": "last five, films with 20 ratings or more",
    "sampled_hit_rate": "last five, against 100 random films each",
}


@cache
def rulers(name):
    """Recall@10 of one model of ``MODELS`` under each of ``RULERS``."""
    from threadpoolctl import threadpool_limits

    found = {rule: float(trial(rule, name).recall.mean()) for rule in ("time", "last")}
    with threadpool_limits(1):
        for how in ("random", "last"):
            train, test = split(how)
            goal = to_find(train, test)
            model = fit_model(name, train, **CHOSEN["last"][name])
            if how == "random":
                got = evaluate(model, train, goal, K, ("recall_at_k",))
                found["random"] = got["recall_at_k"]
        found |= evaluate(model, train, goal, K, ("sampled_hit_rate",))
        rare = np.bincount(train.items, minlength=train.n_items) < 20
        goal = goal.select(~rare[goal.items])
        viewers = np.unique(goal.users)
        scores = np.array(model.score_all(viewers))
        scores[:, rare] = -np.inf
        shelf = _Shelved(viewers, scores)
        found["filtered"] = evaluate(shelf, train, goal, K, ("recall_at_k",))["recall_at_k"]
    return {rule: found[rule] for rule in RULERS}


@cache
def star_error(name, how):
    """RMSE over all held-out ratings, strangers included, of a star predictor on one split."""
    train, test = split(how)
    chosen = CHOSEN["time" if how == "time" else "last"][name]
    model = fit_model(name, train, **chosen)
    guess = np.clip(model.predict(test.users, test.items), *SCALE)
    return float(np.sqrt(np.mean((guess - test.values) ** 2)))


FROM_DATA = (scoreboard, two_lists, walk, norms)
