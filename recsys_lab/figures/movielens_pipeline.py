"""The three stages on real ratings: nets, a scorer that was taught what the nets bring, the page.

In order of the work: `evening` says what is known at one moment of each viewer's life and what the
nets bring then; `scorer` learns on an earlier evening; `page` arranges. All of it is cached, so
that the notebook and its explorables compute each thing once, and all of it is for every viewer
at once, where a house in operation would do it for the one who asks.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from recsys_lab.content import ContentBased
from recsys_lab.data.splits import split_leave_last
from recsys_lab.explore import Choice, Explorable, Slider, Toggle, style
from recsys_lab.factorization import WeightedALS
from recsys_lab.figures.movielens_models import data, liked, resamples, split, to_find
from recsys_lab.fm import FactorizationMachine
from recsys_lab.metrics import intra_list_similarity
from recsys_lab.reranking import calibrate, calibration_kl, freshen, mmr
from recsys_lab.retrieval import IVFIndex
from recsys_lab.scoring import sigmoid, undo_downsampling
from recsys_lab.similarity import normalize, top_k

PLACES = 10  # of a page
WIDEST = 400  # films that a net can bring
WIDTH = 100  # films that a net does bring
LATELY = 10  # liked films that count as "lately"
YEAR = 365.2425 * 86_400  # seconds

NETS = {"ease": "EASE", "als": "factors", "talk": "talk of the year", "genres": "genres"}

# ------------------------------------------------------------------------- what is known, and when


@cache
def ratings(evening):
    """``(known, next)``: "today" hides the last five ratings of each viewer, "before" also the
    ten before those, "long before" ten more; what was hidden last is what comes next."""
    if evening == "today":
        return split("last")
    later = {"before": "today", "long before": "before"}[evening]
    return split_leave_last(ratings(later)[0], 10)


@cache
def likes_of(when):
    """What was known and liked, as ones."""
    return liked(ratings(when)[0])


class Evening(NamedTuple):
    """What the stages know. Tables have a row for each viewer, a column for each film."""

    known: object  # Interactions
    goal: object  # Interactions: what comes next and is liked
    moment: np.ndarray  # (m,) when each viewer gave the last known rating
    may: np.ndarray  # (m, n) could be shown: neither rated nor still unknown to the house
    scores: dict  # net → (m, n), -inf where a net is silent; and "lately"
    n_compared: float  # films that the index looked at, on average


@cache
def evening(when):
    """The `Evening` by name, with all nets fitted to what is known then."""
    from threadpoolctl import threadpool_limits

    known, after = ratings(when)
    goal, likes = to_find(known, after), likes_of(when)
    moment = np.zeros(known.n_users, dtype=np.int64)
    np.maximum.at(moment, known.users, known.timestamps)
    first = np.full(known.n_items, np.iinfo(np.int64).max)
    np.minimum.at(first, known.items, known.timestamps)
    may = first <= moment[:, None]
    may[known.users, known.items] = False
    with threadpool_limits(1):  # the order of sums, and so the numbers, the same everywhere
        found, n_compared = by_factors(likes)
        scores = {
            "ease": ease_scores(likes),
            "als": found,
            "talk": talk_of_the_year(likes, moment),
            "genres": by_genres(likes),
            "lately": ease_scores(likes, LATELY),
        }
    for table in scores.values():
        table[~may] = -np.inf
    return Evening(known, goal, moment, may, scores, n_compared)


# ------------------------------------------------------------------------------------- four nets


@cache
def ease_kernel(likes, reg=100.0):
    """What `ease_scores` needs: X, (XXᵀ + λI)⁻¹X, both (m, n), and the diagonal of P."""
    X = likes.to_dense().astype(float)
    KX = np.linalg.solve(X @ X.T + reg * np.eye(len(X)), X)
    return X, KX, (1 - np.einsum("ij,ij->j", X, KX)) / reg


def ease_scores(likes, latest=None, reg=100.0):
    """Scores x_u B of `EASE` for all users, without its n × n table B: shape (m, n).

    With P = (XᵀX + λI)⁻¹ and K = (XXᵀ + λI)⁻¹, which is only m × m, Woodbury's identity says
    P = (I − XᵀKX) / λ. So xP = (x − (xXᵀ)KX) / λ, and xB = x − xP / diag P. ``latest`` asks with
    the latest so many likes of each user, and takes B from all of them.
    """
    X, KX, diagonal = ease_kernel(likes, reg)
    x = X if latest is None else latest_of(likes, latest)
    scores = x - (x - (x @ X.T) @ KX) / reg / diagonal
    scores[X.sum(axis=1) == 0] = X.sum(axis=0)  # nothing liked yet: what all like
    return scores.astype(np.float32)


def latest_of(likes, n):
    """Ones for the n latest likes of each user, (m, n_items)."""
    order = np.lexsort((likes.items, likes.timestamps, likes.users))
    end = likes.by_user[0][likes.users + 1]
    recent = order[end[order] - np.arange(len(order)) <= n]
    table = np.zeros(likes.shape)
    table[likes.users[recent], likes.items[recent]] = 1
    return table


N_CELLS, N_PROBES = 64, 24


@cache
def factors_and_index(likes):
    """Weighted ALS, and an inverted file over its films."""
    model = WeightedALS(32, reg=3.0, unobserved_weight=0.3, n_iterations=8).fit(likes)
    return model, IVFIndex(N_CELLS, N_PROBES).fit(model.item_factors_)


def by_factors(likes):
    """⟨U_i, V_j⟩ of the films in the cells that the index looks into, -inf elsewhere."""
    model, index = factors_and_index(likes)
    ids, values = index.search(model.user_factors_, likes.n_items)
    scores = np.full(likes.shape, -np.inf, dtype=np.float32)
    row, at = np.nonzero(ids >= 0)
    scores[row, ids[row, at]] = values[row, at]
    return scores, float(index.n_compared_.mean())


def talk_of_the_year(likes, moment):
    """How often each film was liked in the year before a viewer's moment; half a like for older."""
    order = np.argsort(likes.timestamps, kind="stable")
    when, films = likes.timestamps[order], likes.items[order]
    scores = np.empty(likes.shape, dtype=np.float32)
    for user, now in enumerate(moment):
        start, stop = np.searchsorted(when, [now - YEAR, now])
        old = np.bincount(films[:start], minlength=likes.n_items)
        scores[user] = np.bincount(films[start:stop], minlength=likes.n_items) + old / 1_000
    return scores


@cache
def genre_model(likes):
    return ContentBased(feedback="implicit").fit(likes, data().items["tags"])


def by_genres(likes):
    """Cosine of the genres of a viewer's likes with those of the film, times log(1 + its likes)."""
    scores = genre_model(likes).score_all(np.arange(likes.n_users))
    fame = np.log1p(np.bincount(likes.items, minlength=likes.n_items))
    return (scores * fame).astype(np.float32)


# --------------------------------------------------------------------------------- what they bring


@cache
def ranks(when):
    """Place of each film in the list of each net and of "lately", from 1; 0 beyond the widest."""
    tables = {}
    for net, scores in evening(when).scores.items():
        best = top_k(scores, WIDEST)  # (m, WIDEST)
        silent = np.take_along_axis(scores, best, axis=1) == -np.inf
        place = np.where(silent, 0, np.arange(1, WIDEST + 1)).astype(np.int16)
        tables[net] = np.zeros(scores.shape, dtype=np.int16)
        np.put_along_axis(tables[net], best, place, axis=1)
    return tables


def pool(when, nets=tuple(NETS), width=WIDTH):
    """Which films the nets bring, each its best ``width``: (m, n)."""
    brought = [(0 < ranks(when)[net]) & (ranks(when)[net] <= width) for net in nets]
    return np.logical_or.reduce(brought)


# -------------------------------------------------------------------------------------- the scorer

STEPS = [1, 3, 6, 11, 21, 41, 81, 161, 321]  # places, in bins that double
KEPT = 0.2  # share of the lessons that came to nothing: there are enough of them
TEACHERS = {"nets": "what the nets brought", "stars": "films that were rated"}


@cache
def columns(when):
    """Fields with one value a pair: name → (array that broadcasts to (m, n), number of values)."""
    now, films = evening(when), data().items
    count = np.bincount(liked(now.known).items, minlength=now.known.n_items)
    history = np.bincount(now.known.users, minlength=now.known.n_users)
    age = 1970 + now.moment[:, None] / YEAR - films["year"]
    return {
        **{net: (np.digitize(place, STEPS), len(STEPS) + 1) for net, place in ranks(when).items()},
        "fame": (np.digitize(count, [1, 2, 4, 8, 16, 32, 64, 128])[None, :], 9),
        "age": (np.digitize(age, [1, 2, 3, 5, 8, 12, 20, 30]), 9),
        "history": (np.digitize(history, [20, 40, 80, 160, 320, 640])[:, None], 7),
        "film": (np.arange(now.known.n_items)[None, :], now.known.n_items),
        "viewer": (np.arange(now.known.n_users)[:, None], now.known.n_users),
    }


def rows(when, users, items):
    """What the machine reads of pairs of viewer and film: ``((indices, values), n_features)``.

    For each net and for "lately" the place in its list, as a bin and as a number from 1 (first)
    to 0 (not among its best 400). How many liked the film, how old it was that evening, how much
    the viewer had rated; film and viewer themselves; and the film's genres, which share one.
    """
    indices, values, offset = [], [], 0
    for column, n in columns(when).values():
        indices.append(offset + np.broadcast_to(column, evening(when).may.shape)[users, items])
        values.append(np.ones(len(items)))
        offset += n
    tags = data().items["tags"][items]
    heights = [height(place[users, items]) for place in ranks(when).values()]
    numbers = [*(tags / np.maximum(tags.sum(axis=1, keepdims=True), 1)).T, *heights]
    indices += [np.full(len(items), offset + at) for at in range(len(numbers))]
    return (np.stack(indices, axis=1), np.stack(values + numbers, axis=1)), offset + len(numbers)


def height(place):
    """1 for the first place of a list, less by equal steps each time the place doubles, then 0."""
    return np.where(place > 0, 1 - np.log2(np.maximum(place, 1)) / np.log2(WIDEST + 1), 0.0)


@cache
def lessons():
    """``(users, items, liked)``: what the nets brought "before", and what came of it.

    All that was liked, and a fifth of all that was not; `chance` puts that right.
    """
    now = evening("before")
    came = np.zeros(now.may.shape, dtype=bool)
    came[now.goal.users, now.goal.items] = True
    asked = np.zeros(len(came), dtype=bool)
    asked[now.goal.users] = True
    users, items = np.nonzero(pool("before") & asked[:, None])
    came = came[users, items]
    keep = came | (np.random.default_rng(0).random(len(came)) < KEPT)
    return users[keep], items[keep], came[keep]


@cache
def scorer():
    """A factorization machine that says which of the films brought will be liked."""
    users, items, came = lessons()
    X, n_features = rows("before", users, items)
    machine = FactorizationMachine(
        4, 50.0, task="classification", n_features=n_features, n_epochs=15
    )
    return machine.fit(X, came.astype(int))


def chance(scores):
    """The machine's scores as probabilities of a like, as if it had seen all of the lessons."""
    return undo_downsampling(sigmoid(scores), KEPT)


@cache
def star_scorer():
    """A machine that was taught on ratings alone: viewer and film in, stars out."""
    known = evening("today").known
    rows_of = known.users, known.n_users + known.items
    machine = FactorizationMachine(8, 10.0, n_features=sum(known.shape), n_epochs=15)
    return machine.fit((np.stack(rows_of, axis=1), None), known.values.astype(float))


# ---------------------------------------------------------------- today: all candidates, one table


EMPTY = -1  # the last column of the tables below, where nothing stands


class Tonight(NamedTuple):
    """All films that any net could bring to each viewer who has something to find; -1 is empty."""

    viewers: np.ndarray  # (q,)
    films: np.ndarray  # (q, c)
    places: dict  # net → (q, c), 0 where it is not among the net's widest list
    scores: dict  # teacher → (q, c), -inf where empty
    hits: np.ndarray  # (q, c) will be liked
    n_goal: np.ndarray  # (q,) how many will be liked


@cache
def tonight():
    now = evening("today")
    viewers, n_goal = np.unique(now.goal.users, return_counts=True)
    brought = pool("today", width=WIDEST)[viewers]
    size = brought.sum(axis=1)
    films = np.full((len(viewers), size.max() + 1), -1)  # the last column is always empty
    row, item = np.nonzero(brought)
    at = np.arange(len(row)) - np.repeat(np.cumsum(size) - size, size)
    films[row, at] = item
    came = np.zeros(now.may.shape, dtype=bool)
    came[now.goal.users, now.goal.items] = True

    def spread(values, empty):
        table = np.full(films.shape, empty, dtype=values.dtype)
        table[row, at] = values
        return table

    scores = {"nets": [], "stars": []}
    for start in range(0, len(row), 100_000):
        part = slice(start, start + 100_000)
        users, items = viewers[row[part]], item[part]
        scores["nets"].append(scorer().decision_function(rows("today", users, items)[0]))
        pair = np.stack([users, now.known.n_users + items], axis=1)
        scores["stars"].append(star_scorer().decision_function((pair, None)))
    return Tonight(
        viewers,
        films,
        {net: spread(place[viewers[row], item], 0) for net, place in ranks("today").items()},
        {teacher: spread(np.concatenate(parts), -np.inf) for teacher, parts in scores.items()},
        spread(came[viewers[row], item], False),
        n_goal,
    )


@cache
def first_ten(nets=tuple(NETS), width=WIDTH, teacher="nets", n=PLACES):
    """The n best scored of what these nets bring: columns of `tonight`, (q, n); and the pool."""
    table = tonight()
    brought = [(0 < table.places[net]) & (table.places[net] <= width) for net in nets]
    brought = np.logical_or.reduce(brought) if nets else np.zeros(table.films.shape, dtype=bool)
    scores = np.where(brought, table.scores[teacher], -np.inf)
    best = top_k(scores, n)
    silent = np.take_along_axis(scores, best, axis=1) == -np.inf
    return np.where(silent, EMPTY, best), brought


def worth(columns):
    """Recall and NDCG of lists given as columns of `tonight`, (q, 10): two arrays (q,)."""
    return worth_of(films_of(columns))


def worth_of(films):
    """Recall and NDCG of lists given as films, (q, 10), -1 where a place is empty."""
    table, now = tonight(), evening("today")
    came = np.zeros((now.known.n_users, now.known.n_items + 1))  # the last column is for -1
    came[now.goal.users, now.goal.items] = 1
    hits = came[table.viewers[:, None], films]
    discount = 1 / np.log2(np.arange(2, films.shape[1] + 2))
    ideal = np.cumsum(discount)[np.minimum(table.n_goal, films.shape[1]) - 1]
    return hits.sum(axis=1) / table.n_goal, hits @ discount / ideal


def ten_of(net):
    """The ten best of one net (or of "lately") in its own order, as films (q, 10)."""
    scores = evening("today").scores[net][tonight().viewers]
    best = top_k(scores, PLACES)
    return np.where(np.take_along_axis(scores, best, axis=1) > -np.inf, best, -1)


def films_of(columns):
    """Columns of `tonight` as films, -1 where a place is empty."""
    return np.take_along_axis(tonight().films, columns, axis=1)


def ceiling(brought):
    """Share of what each viewer will like that is in the pool, (q,)."""
    table = tonight()
    return (table.hits & brought).sum(axis=1) / table.n_goal


def interval(values):
    """``(mean, low, high)``: the middle 95 % of a thousand resamples of the viewers."""
    draws = resamples(len(values)) @ values / len(values)
    return float(values.mean()), *map(float, np.quantile(draws, [0.025, 0.975]))


# ---------------------------------------------------------------------------------- the last stage

ARRANGED = 40  # best scored films from which a page is made
TOOLS = {
    "genres": "MMR, genres",
    "factors": "MMR, factors",
    "shares": "a fair share of each genre",
    "fresh": "freshness",
}
DIAL = {
    "genres": [1, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3],  # λ of MMR
    "factors": [1, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3],
    "shares": [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1],  # λ of calibration
    "fresh": [np.inf, 80, 40, 30, 20, 15, 10, 5, 2],  # half-life in years
}
PAGE = "genres", 4  # tool and place of its dial


@cache
def genre_shares():
    """Shares of the genres in what each viewer of `tonight` has liked, (q, g)."""
    now = evening("today")
    tags = data().items["tags"]
    each = tags / np.maximum(tags.sum(axis=1, keepdims=True), 1)
    total = np.zeros((now.known.n_users, tags.shape[1]))
    likes = liked(now.known)
    np.add.at(total, likes.users, each[likes.items])
    total += 1e-9  # who liked nothing wants a little of all
    return (total / total.sum(axis=1, keepdims=True))[tonight().viewers]


@cache
def film_vectors(of):
    if of == "genres":
        return normalize(data().items["tags"])
    model, _ = factors_and_index(likes_of("today"))
    return normalize(model.item_factors_.astype(float))


@cache
def page(tool, dial):
    """Columns of `tonight` of everybody's page, (q, 10): the best scored forty, arranged."""
    table = tonight()
    best, _ = first_ten(n=ARRANGED)
    pages = np.full((len(best), PLACES), EMPTY)
    tags = data().items["tags"]
    value = DIAL[tool][dial]
    when = 1970 + evening("today").moment[table.viewers] / YEAR
    for row, columns in enumerate(best):
        columns = columns[columns != EMPTY]
        if not len(columns):  # the first viewers of all came before there were films to show
            continue
        films = table.films[row, columns]
        liking = chance(table.scores["nets"][row, columns])
        relevance = liking / liking[0]  # on the scale of a cosine
        if tool == "shares":
            order = calibrate(relevance, tags[films], genre_shares()[row], value, PLACES)
        elif tool == "fresh":
            age = np.maximum(when[row] - data().items["year"][films], 0)
            fresh = relevance if value == np.inf else freshen(relevance, age, value)
            order = top_k(fresh, PLACES)
        else:
            vectors = film_vectors(tool)[films]
            order = mmr(relevance, np.maximum(vectors @ vectors.T, 0), value, PLACES)
        pages[row, : len(order)] = columns[order]
    return pages


@cache
def measured(tool=None, dial=None):
    """What the pages are: measure → array (q,), and "films" → how many different ones there are.

    Without a tool: the ten best scored.
    """
    pages = first_ten()[0] if tool is None else page(tool, dial)
    return portrait(films_of(pages))


def portrait(films):
    """Everything about lists of films (q, 10): measure → (q,), and "films", a number.

    "recall" and "NDCG"; "unlike" and "factors": 1 − mean cosine of two films, by genres and by
    factors; "off": KL of the genres from those of the viewer's likes; "age" in years; "novelty" in
    bits; "films": how many different ones there are in all the lists. A place without a film (-1)
    does not count.
    """
    now = evening("today")
    tags = data().items["tags"]
    each = tags / np.maximum(tags.sum(axis=1, keepdims=True), 1)
    count = np.bincount(now.known.items, minlength=now.known.n_items)
    surprise = np.log2(now.known.n_users) - np.log2(np.maximum(count, 1))
    when = 1970 + now.moment[tonight().viewers] / YEAR
    years = data().items["year"]
    found = {name: np.zeros(len(films)) for name in ("unlike", "factors", "off", "age", "novelty")}
    for row, places in enumerate(films):
        one = places[places >= 0]
        if not len(one):
            continue
        found["unlike"][row] = 1 - intra_list_similarity(one, tags)
        found["factors"][row] = 1 - intra_list_similarity(one, film_vectors("factors"))
        found["off"][row] = calibration_kl(genre_shares()[row], each[one].mean(axis=0))
        found["age"][row] = np.maximum(when[row] - years[one], 0).mean()
        found["novelty"][row] = surprise[one].mean()
    recall, ndcg = worth_of(films)
    return {"recall": recall, "NDCG": ndcg} | found | {"films": len(np.unique(films[films >= 0]))}


# ------------------------------------------------------------------- the same, for one who asks now


def _best(scores, user, n):
    scores = np.where(evening("today").may[user], scores, -np.inf)
    best = top_k(scores, n)
    return best[scores[best] > -np.inf]


def ease_net(user):
    """The hundred best by EASE, worked out for this viewer alone."""
    X, KX, diagonal = ease_kernel(likes_of("today"))
    x = X[user]
    return _best(x - (x - (x @ X.T) @ KX) / 100.0 / diagonal, user, WIDTH)


def factor_net(user):
    """The hundred nearest by factors, of the films that the index looks at."""
    model, index = factors_and_index(likes_of("today"))
    more = WIDTH + int((~evening("today").may[user]).sum())  # some may not be shown
    found = index.search(model.user_factors_[[user]], more)[0][0]
    found = found[found >= 0]
    return found[evening("today").may[user, found]][:WIDTH]


def talk_net(user):
    """The hundred most liked in the year before; counted once a day, so here it is looked up."""
    return _best(evening("today").scores["talk"][user], user, WIDTH)


def genre_net(user):
    """The hundred best by genres and fame."""
    likes = likes_of("today")
    fame = np.log1p(np.bincount(likes.items, minlength=likes.n_items))
    return _best(genre_model(likes).score_all(np.array([user]))[0] * fame, user, WIDTH)


def score(user, items):
    """What the machine says of each film, for one viewer."""
    return scorer().decision_function(rows("today", np.full(len(items), user), items)[0])


def arrange(user, items, scores):
    """The best scored forty by MMR on genres, best first: ten of them."""
    items, scores = items[:ARRANGED], scores[:ARRANGED]
    relevance = chance(scores) / chance(scores[0])
    vectors = film_vectors("genres")[items]
    tool, dial = PAGE
    order = mmr(relevance, vectors @ vectors.T, DIAL[tool][dial], PLACES)
    return items[order], scores[order]


# ------------------------------------------------------------------------------- one viewer's page

N_VIEWERS = 12
WIDTHS = [10, 25, 50, 100, 200, 400]


def title(film, limit=34):
    """``The Matrix (1999)``, cut to so many letters."""
    name, year = str(data().items["title"][film]), int(data().items["year"][film])
    name = name.split(" (")[0]  # what else it is called
    for article in ("The", "A", "An"):  # the catalogue sorts by "Matrix, The"
        if name.endswith(f", {article}"):
            name = f"{article} {name.removesuffix(f', {article}')}"
    tail = f" ({year})" if year else ""
    room = limit - len(tail)
    return (name if len(name) <= room else name[: room - 1].rstrip() + "…") + tail


def ordinal(place):
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10)
    return f"{place}{ending or 'th'}"


@cache
def some_viewers():
    """Rows of `tonight` whose genres lie far apart, and three films that each of them loved."""
    table, known = tonight(), evening("today").known
    count = np.bincount(known.items, minlength=known.n_items)
    candidates = {}
    for row, viewer in enumerate(table.viewers):
        own = slice(*known.by_user[0][viewer : viewer + 2])
        films, stars = known.items[own], known.values[own]
        loved = films[(stars >= 4.5) & (count[films] >= 50)]
        rest = evening("today").goal.items_of(viewer)
        loved = loved[[len(title(film, 60)) <= 30 for film in loved]]
        if len(loved) >= 12 and len(rest) >= 3 and len(films) <= 400:
            # What sets them apart: among the well-known, the films that fewest others know.
            candidates[row] = loved[np.argsort(count[loved], kind="stable")[:3]]
    rows_ = np.array(list(candidates))
    tastes = normalize(np.sqrt(genre_shares()[rows_]))
    hits = np.take_along_axis(table.hits, first_ten()[0], axis=1).sum(axis=1)[rows_]
    chosen = [int(np.argmax(hits))]
    while len(chosen) < N_VIEWERS:
        nearest = (tastes @ tastes[chosen].T).max(axis=1)
        chosen.append(int(np.argmin(nearest)))
    return {int(rows_[at]): candidates[int(rows_[at])] for at in chosen}


@cache
def walked(row, width):
    """One viewer's way: stage → films, best first; "score" of each in the pool; and the pool."""
    table = tonight()
    brought = np.flatnonzero(
        np.logical_or.reduce(
            [(0 < table.places[net][row]) & (table.places[net][row] <= width) for net in NETS]
        )
    )
    order = brought[np.argsort(-table.scores["nets"][row, brought], kind="stable")]
    net = brought[
        np.argsort(
            np.where(
                table.places["ease"][row, brought] > 0, table.places["ease"][row, brought], 10**6
            ),
            kind="stable",
        )
    ]
    best = order[:ARRANGED]
    liking = chance(table.scores["nets"][row, best])
    vectors = film_vectors("genres")[table.films[row, best]]
    tool, dial = PAGE
    arranged = best[mmr(liking / liking[0], vectors @ vectors.T, DIAL[tool][dial], PLACES)]
    films = table.films[row]
    return {
        "net": films[net[:PLACES]],
        "scored": films[order],
        "page": films[arranged],
        "chance": dict(zip(films[order].tolist(), chance(table.scores["nets"][row, order]))),
    }


def fate(row, width, film):
    """Where a film that the viewer will like is lost, or where it stands: stage → words."""
    way, viewer = walked(row, width), tonight().viewers[row]
    if not evening("today").may[viewer, film]:
        return dict.fromkeys(("net", "scored", "page"), "not in the house yet")
    if film not in way["chance"]:
        return dict.fromkeys(("net", "scored", "page"), "no net brings it")
    places = {
        label: int(place[viewer, film])
        for label, place in zip(NETS.values(), ranks("today").values())
        if 0 < place[viewer, film] <= width
    }
    by = min(places, key=places.get)
    scored = int(np.flatnonzero(way["scored"] == film)[0]) + 1
    shown = np.flatnonzero(way["page"] == film)
    return {
        "net": f"brought: {ordinal(places[by])} of {by}",
        "scored": f"scored {ordinal(scored)} of {len(way['scored'])}",
        "page": f"on the page, {ordinal(int(shown[0]) + 1)}"
        if len(shown)
        else f"left out (was {ordinal(scored)})",
    }


def _lost(words, stage, way, film):
    early = ("not", "no net", "left")
    return words[stage].startswith(early) or (
        stage == "scored" and film not in way["scored"][:PLACES]
    )


def walk(dataset):
    """Walk one viewer's page through the stages: what is kept, what moves, what is lost."""
    chosen = some_viewers()
    goals = {row: evening("today").goal.items_of(tonight().viewers[row]) for row in chosen}
    stages = {"net": "one net's best ten", "scored": "the ten best scored", "page": "the page"}

    def listed(viewer, width, stage):
        """[(film, words at the right)] of the ten that stand there."""
        way = walked(viewer, width)
        if stage == "net":
            who = tonight().viewers[viewer]
            nets = [
                sum(0 < ranks("today")[net][who, film] <= width for net in NETS)
                for film in way["net"]
            ]
            return [(film, f"{n} nets" if n > 1 else "1 net") for film, n in zip(way["net"], nets)]
        if stage == "scored":
            place = ranks("today")["ease"][tonight().viewers[viewer]]
            return [
                (film, f"EASE {ordinal(place[film])}" if place[film] else "not EASE’s")
                for film in way["scored"][:PLACES]
            ]
        was = {film: at for at, film in enumerate(way["scored"].tolist(), 1)}
        rows_ = []
        for at, film in enumerate(way["page"], 1):
            up = was[int(film)] - at
            rows_.append((film, f"▲ {up}" if up > 0 else f"▼ {-up}" if up < 0 else "stays"))
        return rows_

    def draw(viewer, stage, width):
        way, rank = walked(viewer, width), np.arange(1, PLACES + 1)
        ten = listed(viewer, width, stage)
        ten += [(None, "")] * (PLACES - len(ten))
        wanted = set(goals[viewer].tolist())
        found = [film in wanted for film, _ in ten]
        top = max(way["chance"].values(), default=1)
        length = [0 if film is None else way["chance"][int(film)] / top for film, _ in ten]
        names = [
            "" if film is None else f"<b>★ {title(film)}</b>" if hit else title(film)
            for (film, _), hit in zip(ten, found)
        ]
        fates = [(film, fate(viewer, width, film)) for film in goals[viewer]]
        lost = [_lost(words, stage, way, film) for film, words in fates]
        lines = 2 * np.arange(5) + 1.5
        known = len(fates)
        return style.figure(
            [
                style.bars(
                    length,
                    rank,
                    horizontal=True,
                    marker={
                        "color": [style.THIRD_SOFT if hit else style.ITEM_SOFT for hit in found]
                    },
                ),
                style.words([0.02] * PLACES, rank, names, at="middle right", size=12),
                style.words(
                    [1.3] * PLACES,
                    rank,
                    [words for _, words in ten],
                    at="middle left",
                    size=12,
                    color=style.QUIET,
                ),
                style.dots(
                    [0.03] * 5,
                    lines,
                    xaxis="x2",
                    yaxis="y2",
                    marker={
                        "symbol": [
                            *("x" if gone else "star" for gone in lost),
                            *["x"] * (5 - known),
                        ],
                        "color": [style.QUIET if gone else style.THIRD for gone in lost]
                        + [style.PAPER] * (5 - known),
                        "size": [10 if gone else 13 for gone in lost] + [0] * (5 - known),
                    },
                ),
                style.words(
                    [0.09] * 5,
                    lines - 0.35,
                    [title(film, 31) for film, _ in fates] + [""] * (5 - known),
                    at="middle right",
                    size=12,
                    xaxis="x2",
                    yaxis="y2",
                ),
                style.words(
                    [0.09] * 5,
                    lines + 0.45,
                    [words[stage] for _, words in fates] + [""] * (5 - known),
                    at="middle right",
                    size=12,
                    color=style.QUIET,
                    xaxis="x2",
                    yaxis="y2",
                ),
            ],
            height=400,
            bargap=0.14,
            margin={"l": 4, "r": 4, "t": 30, "b": 6},
            xaxis=_head(stages[stage], (0, 1.3), domain=[0, 0.62]),
            yaxis=style.bare_axis((PLACES + 0.6, 0.4)),
            xaxis2=_head("liked afterwards", (0, 1), domain=[0.65, 1], anchor="y2"),
            yaxis2=style.bare_axis((PLACES + 0.6, 0.4), anchor="x2"),
            narrow={
                "height": 700,
                "xaxis.domain": [0, 1],
                "yaxis.domain": [0.46, 1],
                "xaxis2.domain": [0, 1],
                "yaxis2.domain": [0, 0.39],
            },
        )

    def describe(viewer, stage, width):
        way, goal = walked(viewer, width), set(goals[viewer].tolist())
        caught = len(goal & set(way["chance"]))
        tens = {name: len(goal & set(way[name][:PLACES].tolist())) for name in stages}
        moved = len(set(way["scored"][:PLACES].tolist()) - set(way["page"].tolist()))
        swapped = (
            f"the last stage exchanges {moved} of the ten scored best"
            if moved
            else "the last stage exchanges none of the ten scored best"
        )
        return (
            f"{len(way['chance'])} films are brought, {caught} of the {len(goal)} to be liked "
            f"among them. Of those {len(goal)}, EASE's ten hold {tens['net']}, the ten best scored "
            f"{tens['scored']}, the page {tens['page']}; {swapped}."
        )

    def table(viewer, stage, width):
        wanted = set(goals[viewer].tolist())
        return ["place", "film", "how it came", "liked afterwards"], [
            [at, title(film, 60), words, "yes" if int(film) in wanted else ""]
            for at, (film, words) in enumerate(listed(viewer, width, stage), 1)
        ]

    names = {
        row: ", ".join(title(film, 60).rsplit(" (", 1)[0] for film in films)
        for row, films in chosen.items()
    }

    def gain(row):
        way, goal = walked(row, 25), set(goals[row].tolist())
        found = {name: len(goal & set(way[name][:PLACES].tolist())) for name in stages}
        return found["scored"] - found["net"] - (found["scored"] == len(goal))

    start = max(names, key=gain)
    return Explorable(
        draw,
        {
            "viewer": Choice("Somebody who loved", names, start=start),
            "stage": Choice("Show", stages, start="net"),
            "width": Slider("Films that each net brings", [10, 25, 100, 400], start=25),
        },
        "Five films or fewer are to be found. Which stage loses them?",
        describe,
        "movielens-pipeline.walk",
        table=table,
    )


def _head(words, limits, **more):
    """A bare axis with its name above the panel."""
    return style.bare_axis(limits, **more) | {
        "side": "top",
        "title": {"text": f"<b>{words}</b>", "font": {"size": 13, "color": style.INK}},
    }


# ------------------------------------------------------------------------------- how wide a net?


@cache
def net_numbers(nets, width, teacher="nets"):
    """``(films brought, ceiling, (recall, low, high), NDCG)`` of these nets at this width."""
    columns, brought = first_ten(nets, width, teacher)
    recall, ndcg = worth(columns)
    films = brought.sum(axis=1).mean()
    return float(films), float(ceiling(brought).mean()), interval(recall), float(ndcg.mean())


def net_width(dataset):
    """Widen the nets: what they catch, and what of it reaches the page."""
    alone = [net_numbers(("ease",), width) for width in WIDTHS]

    def chosen(ease, als, talk, genres):
        return tuple(net for net, on in zip(NETS, (ease, als, talk, genres)) if on)

    def draw(width, teacher, **on):
        nets = chosen(**on)
        got = [
            net_numbers(nets, w, teacher) if nets else (None, None, (None,) * 3, None)
            for w in WIDTHS
        ]
        at = WIDTHS.index(width)
        films, caught, (recall, low, high), _ = got[at]
        right = {"xaxis": "x2", "yaxis": "y2"}
        first, second, sizes = style.side_by_side(left=0.42, gap=0.14, narrow_height=620)
        ticks = {
            "tickvals": [10, 30, 100, 300, 1000],
            "ticktext": ["10", "30", "100", "300", "1,000"],
        }
        log = {"type": "log", "range": [0.9, 3.02]} | ticks
        return style.figure(
            [
                style.line([row[0] for row in alone], [row[1] for row in alone], dash="dot"),
                style.line(
                    [row[0] for row in got], [row[1] for row in got], color=style.USER, width=3
                ),
                style.dots([films], [caught], size=14, color=style.USER, hoverinfo="skip"),
                style.line(
                    [row[0] for row in got],
                    [row[2][0] for row in got],
                    color=style.ITEM,
                    width=3,
                    **right,
                ),
                style.line([films, films], [low, high], color=style.INK, width=2, **right),
                style.dots([films], [recall], size=14, color=style.ITEM, hoverinfo="skip", **right),
            ],
            xaxis=style.axis("films brought to a viewer", **log | first[0]),
            yaxis=style.axis("caught, of what will be liked", (0, 0.82), **first[1]),
            xaxis2=style.axis("films brought to a viewer", **log | second[0]),
            yaxis2=style.axis("recall of the ten best scored", (0, 0.165), nticks=5, **second[1]),
            **sizes,
        )

    def describe(width, teacher, **on):
        nets = chosen(**on)
        if not nets:
            return "No net, no film: the scorer has nothing to choose from."
        films, caught, (recall, low, high), ndcg = net_numbers(nets, width, teacher)
        return (
            f"{films:.0f} films for a viewer hold {100 * caught:.0f} % of what will be liked. The "
            f"ten best scored of them hold {100 * recall:.1f} % (between {100 * low:.1f} and "
            f"{100 * high:.1f}), NDCG {ndcg:.3f}. The scorer reads {films * N_FIELDS:,.0f} numbers "
            f"for a page."
        )

    def table(width, teacher, **on):
        nets = chosen(**on)
        if not nets:
            return ["films", "caught", "recall of ten"], []
        return ["each net", "films", "caught", "recall of ten", "NDCG of ten"], [
            [w, *(round(v, 3) for v in (films, caught, recall[0], ndcg))]
            for w in WIDTHS
            for films, caught, recall, ndcg in [net_numbers(nets, w, teacher)]
        ]

    return Explorable(
        draw,
        {
            "ease": Toggle("EASE", True),
            "als": Toggle("factors, by an index", False),
            "talk": Toggle("talk of the year", False),
            "genres": Toggle("genres", False),
            "width": Slider("Films that each net brings", WIDTHS, start=10),
            "teacher": Choice("The scorer was taught on", TEACHERS),
        },
        "The nets catch more and more. How much of it arrives on the page?",
        describe,
        "movielens-pipeline.net-width",
        table=table,
    )


N_FIELDS = 34  # numbers that the scorer reads of one film: see `rows`


# ---------------------------------------------------------------------------- the last stage's dial

AIMS = {
    "genres": ("unlike", "unlikeness of two films, by genres", (0.605, 0.82)),
    "factors": ("factors", "unlikeness of two films, by factors", (0.555, 0.72)),
    "shares": ("off", "distance from the viewer's genres (KL)", (0.11, 0.68)),
    "fresh": ("age", "mean age of the films (years)", (3.5, 14)),
}
MEASURES = {
    "recall": ("recall", "{:.3f}"),
    "NDCG": ("NDCG", "{:.3f}"),
    "unlike": ("unlikeness, genres", "{:.2f}"),
    "factors": ("unlikeness, factors", "{:.2f}"),
    "off": ("distance from genres", "{:.2f}"),
    "age": ("age of the films", "{:.1f}"),
    "novelty": ("novelty (bits)", "{:.2f}"),
    "films": ("different films", "{:.0f}"),
}


def setting(tool, dial):
    value = DIAL[tool][dial]
    if tool != "fresh":
        return f"λ = {value:g}"
    return "No half-life" if value == np.inf else f"Half-life {value} years"


def last_dial(dataset):
    """Turn one tool of the last stage: what it is for, and what it costs."""

    def draw(tool, dial, measure):
        aim, words, limits = AIMS[tool]
        way = [measured(tool, at) for at in range(len(DIAL[tool]))]
        x = [float(one[aim].mean()) for one in way]
        y = [float(one[measure].mean()) for one in way]
        _, low, high = interval(way[dial][measure])
        names = list(MEASURES)
        lines = np.arange(len(names))
        best = measured()
        columns = {"xaxis": "x2", "yaxis": "y2"}

        def cells(of):
            return [MEASURES[name][1].format(float(np.mean(of[name]))) for name in names]

        return style.figure(
            [
                style.line(x, y, color=style.ITEM, width=3),
                style.dots(x, y, size=7, hoverinfo="skip"),
                style.line([x[dial]] * 2, [low, high], color=style.INK),
                style.dots([x[dial]], [y[dial]], size=15, hoverinfo="skip"),
                style.dots(
                    [x[0]],
                    [y[0]],
                    size=13,
                    hoverinfo="skip",
                    marker={
                        "symbol": "circle-open",
                        "color": style.INK,
                        "line": {"color": style.INK, "width": 2},
                    },
                ),
                style.words(
                    [0.0] * len(names),
                    lines,
                    [row[0] for row in MEASURES.values()],
                    at="middle right",
                    size=12,
                    **columns,
                ),
                style.words(
                    [0.76] * len(names),
                    lines,
                    cells(best),
                    at="middle left",
                    size=12,
                    color=style.QUIET,
                    **columns,
                ),
                style.words(
                    [1.0] * len(names),
                    lines,
                    [f"<b>{cell}</b>" for cell in cells(way[dial])],
                    at="middle left",
                    size=12,
                    **columns,
                ),
                style.words(
                    [0.76, 1.0],
                    [-1, -1],
                    ["scores alone", "now"],
                    at="middle left",
                    size=12,
                    color=style.QUIET,
                    **columns,
                ),
            ],
            height=360,
            xaxis=style.axis(words, limits, domain=[0, 0.5]),
            yaxis=style.axis(f"{measure} of the page", (0, 0.16), nticks=5),
            xaxis2=style.bare_axis((0, 1.02), domain=[0.56, 1], anchor="y2"),
            yaxis2=style.bare_axis((len(names) - 0.4, -1.6), anchor="x2"),
            narrow={
                "height": 600,
                "xaxis.domain": [0, 1],
                "yaxis.domain": [0.5, 1],
                "xaxis2.domain": [0, 1],
                "yaxis2.domain": [0, 0.37],
            },
        )

    def describe(tool, dial, measure):
        now, best = measured(tool, dial), measured()
        aim = AIMS[tool][0]
        if dial == 0:
            return (
                f"The ten best scored as they are: {measure} {best[measure].mean():.3f}, "
                f"{AIMS[tool][1]} {best[aim].mean():.2f}."
            )
        gap, low, high = interval(now[measure] - best[measure])
        sure = "beyond doubt" if low * high > 0 else "zero lies between"
        return style.true_minus(
            f"{setting(tool, dial)}: {AIMS[tool][1]} goes from {best[aim].mean():.2f} to "
            f"{now[aim].mean():.2f}, and {measure} changes by {gap:+.3f} "
            f"(from {low:+.3f} to {high:+.3f}: {sure})."
        )

    def table(tool, dial, measure):
        now, best = measured(tool, dial), measured()
        return ["measure", "scores alone", "now"], [
            [
                label,
                words.format(float(np.mean(best[name]))),
                words.format(float(np.mean(now[name]))),
            ]
            for name, (label, words) in MEASURES.items()
        ]

    return Explorable(
        draw,
        {
            "tool": Choice("Tool", TOOLS),
            "dial": Slider(
                "How far it is turned", list(range(9)), start=0, ends=("scores alone", "tool alone")
            ),
            "measure": Choice("Held against", {"NDCG": "NDCG", "recall": "recall"}),
        },
        "How far can you turn it before the page gets worse?",
        describe,
        "movielens-pipeline.dial",
        table=table,
    )


# ------------------------------------------------------------------------------- where the work is

CATALOGUES = [9_724, 10**5, 10**6, 10**7, 10**8, 10**9]
CATALOGUE_WORDS = ["9,724", "100,000", "a million", "10 million", "100 million", "a billion"]
HOW = {
    "four": "all four, factors by the index",
    "exact": "factors alone, every film",
    "index": "factors alone, by the index",
}
SCORERS = {"ours": "the machine of this page", "large": "a network, a million weights"}


def work(n, how, width, scorer_kind):
    """Multiplications (or additions) for one page: stage → number.

    Nets: EASE adds one row of its table for each liked film; factors multiply 32 numbers a film
    looked at, genres 19; the talk of the year is counted once for all. An index of √n cells looks
    at a share of films that falls as 1/√n. Scorer: 34 numbers a film, each with a weight and a
    vector of 4. Page: the genres of forty films, ten times.
    """
    likes = likes_of("today")
    grown = np.sqrt(n / likes.n_items)
    looked = n if how == "exact" else (evening("today").n_compared + N_CELLS) * grown
    nets = {"factors": 32 * looked}
    if how == "four":
        nets |= {"EASE": len(likes) / likes.n_users * n, "genres": 19 * n}
    brought = net_numbers(tuple(NETS) if how == "four" else ("als",), width)[0]
    each = N_FIELDS * 9 if scorer_kind == "ours" else 1_000_000
    page_work = min(ARRANGED, brought) * PLACES * 19
    return {"EASE": 0.0, "genres": 0.0} | nets | {"scorer": brought * each, "page": page_work}


def in_words(count):
    """``3.1 million``"""
    for size, name in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"), (1e3, ",000")):
        if count >= size:
            value = count / size
            if name == ",000":
                return f"{count:,.0f}" if value < 10 else f"{round(value)},000"
            return (f"{value:.1f}" if value < 10 else f"{value:.0f}") + name
    return f"{count:.0f}"


def ledger(dataset):
    """How many multiplications a page costs, stage by stage, as the catalogue grows."""
    stages = ["EASE", "factors", "genres", "scorer", "page"]
    colours = [style.USER] * 3 + [style.ITEM, style.THIRD]

    def draw(catalogue, how, width, scorer_kind):
        done = work(catalogue, how, width, scorer_kind)
        length = [np.log10(max(done[stage], 1)) for stage in stages]
        labels = [in_words(done[stage]) if done[stage] else "–" for stage in stages]
        return style.figure(
            [
                style.bars(length, np.arange(5), horizontal=True, marker={"color": colours}),
                style.words(
                    np.array(length) + 0.15, np.arange(5), labels, at="middle right", size=13
                ),
            ],
            height=300,
            bargap=0.3,
            margin={"l": 64, "r": 8},
            xaxis=style.axis("multiplications for one page", (0, 15.5))
            | {
                "tickvals": [0, 3, 6, 9, 12],
                "ticktext": ["1", "1,000", "million", "billion", "trillion"],
            },
            yaxis=style.axis(range=(4.6, -0.6), showgrid=False)
            | {"tickvals": list(range(5)), "ticktext": stages},
        )

    def describe(catalogue, how, width, scorer_kind):
        done = work(catalogue, how, width, scorer_kind)
        total = sum(done.values())
        nets = sum(done[stage] for stage in stages[:3])
        share = 100 * nets / total
        part = "less than 1" if share < 1 else "more than 99" if share > 99 else f"{share:.0f}"
        return (
            f"One page takes {in_words(total)} multiplications, {part} % of them in the nets. At a "
            f"billion a second, that is {in_time(total / 1e9)}."
        )

    def table(catalogue, how, width, scorer_kind):
        done = work(catalogue, how, width, scorer_kind)
        return ["stage", "multiplications"], [[s, f"{done[s]:,.0f}"] for s in stages]

    return Explorable(
        draw,
        {
            "catalogue": Slider(
                "Films in the catalogue", CATALOGUES, start=9_724, labels=CATALOGUE_WORDS
            ),
            "how": Choice("Nets", HOW),
            "width": Slider("Films that each net brings", WIDTHS, start=100),
            "scorer_kind": Choice("Scorer", SCORERS),
        },
        "Where does the work go, and where will it go when the catalogue grows?",
        describe,
        "movielens-pipeline.ledger",
        table=table,
    )


def in_time(seconds):
    for size, name in ((1, "second"), (1e-3, "millisecond")):
        if seconds >= size:
            value = f"{seconds / size:,.0f}" if seconds >= 10 * size else f"{seconds / size:.1f}"
            return f"{value} {name}{'s' * (value != '1.0')}"
    value = max(1, round(seconds * 1e6))
    return f"{value} microsecond{'s' * (value != 1)}"


FROM_DATA = (walk, net_width, last_dial, ledger)
