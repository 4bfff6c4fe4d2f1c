"""How good is a recommender? Of its numbers, of one list, of all lists together, and how sure.

In order of the idea: the error of predicted ratings, which does not see order; the worth of one
list, from where its hits stand; what only the lists together show; the sampled shortcut and
why not to trust it; then `evaluate`, which asks a model for the best unseen items of every user.

A list is written as in ``ndcg_at_k(recommended, relevant, k)``: ``recommended`` are item ids, best
first, and ``relevant`` the ids that were withheld, in any order. A list shorter than k counts as
filled up with misses. Where nothing is relevant, list metrics are 0.
"""

from statistics import NormalDist

import numpy as np

from recsys_lab.recommender import check_positive
from recsys_lab.similarity import normalize, top_k

# --- the error of predicted ratings -----------------------------------------------------------


def rmse(truth, predicted):
    """√(mean (truth − predicted)²): the unit is the rating's. Two equally long arrays."""
    truth, predicted = _aligned(truth, predicted)
    return float(np.sqrt(np.mean((truth - predicted) ** 2)))


def mae(truth, predicted):
    """mean |truth − predicted|: as `rmse`, but one large error weighs no more than its size."""
    truth, predicted = _aligned(truth, predicted)
    return float(np.mean(np.abs(truth - predicted)))


# --- the worth of one list --------------------------------------------------------------------
# hits is a (q, k) table, 1 where list q has a relevant item in slot k; n_relevant counts, for each
# list, all that could have been found. One row is one user, so these lines serve one or a million.


def _precision(hits, n_relevant):
    return hits.mean(axis=1)


def _recall(hits, n_relevant):
    return hits.sum(axis=1) / n_relevant


def _hit_rate(hits, n_relevant):
    return hits.max(axis=1)


def _reciprocal_rank(hits, n_relevant):
    return (hits / _slots(hits)).max(axis=1)


def _average_precision(hits, n_relevant):
    so_far = np.cumsum(hits, axis=1) / _slots(hits)  # the precision at each slot
    return (hits * so_far).sum(axis=1) / np.minimum(n_relevant, hits.shape[1])


def _ndcg(hits, n_relevant):
    discount = 1 / np.log2(_slots(hits) + 1)
    ideal = np.cumsum(discount)[np.minimum(n_relevant, hits.shape[1]) - 1]
    return hits @ discount / ideal


def _slots(hits):
    return np.arange(1, hits.shape[1] + 1)


def precision_at_k(recommended, relevant, k):
    """Share of the k slots that hold a relevant item; a slot left empty is a miss."""
    return _of_one_list(_precision, recommended, relevant, k)


def recall_at_k(recommended, relevant, k):
    """Share of the relevant items that stand in the first k slots."""
    return _of_one_list(_recall, recommended, relevant, k)


def hit_rate_at_k(recommended, relevant, k):
    """1 if any of the first k items is relevant, else 0."""
    return _of_one_list(_hit_rate, recommended, relevant, k)


def reciprocal_rank(recommended, relevant):
    """1 / slot of the first relevant item, 0 if the list has none."""
    return _of_one_list(_reciprocal_rank, recommended, relevant, None)


def average_precision(recommended, relevant, k=None):
    """Mean of the precision at the slot of each relevant item; those not found count 0.

    The mean is over the min(R, k) hits that a perfect list of k slots would show, R being the
    number of relevant items. Without k the whole list counts and R divides.
    """
    if k is None:  # room for all: a list too short to show R items is not let off
        k = max(len(_id_list(recommended, "recommended")), len(_id_list(relevant, "relevant")), 1)
    return _of_one_list(_average_precision, recommended, relevant, k)


def ndcg_at_k(recommended, relevant, k):
    """DCG@k = Σ gain / log₂(slot + 1), divided by the DCG@k of the best possible list.

    Parameters
    ----------
    recommended : sequence of int
        Item ids, best first, none twice.
    relevant : sequence of int, or dict of int to float
        The relevant ids, each with gain 1; or a gain of at least 0 for each id (a common choice
        for ratings is 2^rating − 1). Ids not named have gain 0.
    k : int

    Returns
    -------
    float in [0, 1]. O(k + R log R) time. Source: Järvelin and Kekäläinen 2002.
    """
    if not isinstance(relevant, dict):
        return _of_one_list(_ndcg, recommended, relevant, k)
    worth = np.array(list(relevant.values()), dtype=float)
    if not (np.isfinite(worth).all() and (worth >= 0).all()):
        raise ValueError(f"gains must be finite numbers of at least 0, got {relevant}")
    found = [relevant.get(item, 0.0) for item in _id_list(recommended, "recommended").tolist()]
    best = _dcg(-np.sort(-worth), k)
    return float(_dcg(np.array(found), k) / best) if best > 0 else 0.0


def _dcg(gains, k):
    gains = gains[: check_positive(k, "k", integer=True)]
    return gains @ (1 / np.log2(np.arange(2, len(gains) + 2)))


def auc(scores, relevant):
    """P(a relevant item scores above an irrelevant one), over all such pairs; ties count half.

    ``scores`` are those of all n candidates, ``relevant`` the ids among them. 0.5 where there is
    no pair to compare. From ranks (Mann and Whitney): O(n log n) time instead of one look a pair.
    """
    scores = np.asarray(scores, dtype=float)
    if scores.ndim != 1 or np.isnan(scores).any():
        raise ValueError(f"scores must be one row of numbers without NaN, got {scores}")
    relevant = _id_list(relevant, "relevant", len(scores))
    is_relevant = np.zeros(len(scores), dtype=bool)
    is_relevant[relevant] = True
    return _auc(scores, is_relevant)


def _auc(scores, is_relevant):
    positives = scores[is_relevant]
    n_pairs = len(positives) * (len(scores) - len(positives))
    if n_pairs == 0:
        return 0.5
    order = np.sort(scores)
    first = np.searchsorted(order, positives, side="left")
    last = np.searchsorted(order, positives, side="right")
    ranks = (first + last + 1) / 2  # from 1 for the lowest score; those tied share their mean
    return float((ranks.sum() - len(positives) * (len(positives) + 1) / 2) / n_pairs)


# --- what only the lists together show --------------------------------------------------------


def coverage(lists, n_items):
    """Share of the n_items of the catalogue that stand in at least one of the lists."""
    check_positive(n_items, "n_items", integer=True)
    shown = [_id_list(one, "a list", n_items) for one in lists]
    return len(np.unique(np.concatenate(shown))) / n_items if shown else 0.0


def gini(counts):
    """How unequally the counts are shared: 0 if all are equal, 1 − 1/n if one item has them all.

    Σ_i (2i − n − 1) x_i / (n Σ x) over the counts x in ascending order. All counts 0: 0.
    """
    counts = np.sort(np.asarray(counts, dtype=float))
    if counts.ndim != 1 or not counts.size or not np.isfinite(counts).all() or counts[0] < 0:
        raise ValueError(f"counts must be one row of finite numbers of at least 0, got {counts}")
    n, total = len(counts), counts.sum()
    return float((2 * np.arange(1, n + 1) - n - 1) @ counts / (n * total)) if total else 0.0


def novelty(recommended, item_counts, n_users):
    """Mean surprise of a list: −log₂(share of users who have the item), in bits.

    ``item_counts`` says, for each item, how many of the n_users have it. An item that nobody has
    counts as if one user had it: its surprise would be infinite. An empty list: 0.
    """
    surprise = _surprise(item_counts, n_users)
    recommended = _id_list(recommended, "recommended", len(surprise))
    return float(surprise[recommended].mean()) if recommended.size else 0.0


def _surprise(item_counts, n_users):
    item_counts = np.asarray(item_counts)
    check_positive(n_users, "n_users", integer=True)
    if item_counts.size and (item_counts.min() < 0 or item_counts.max() > n_users):
        raise ValueError(f"item_counts must lie between 0 and n_users = {n_users}")
    return np.log2(n_users) - np.log2(np.maximum(item_counts, 1))


def intra_list_similarity(recommended, item_vectors):
    """Mean cosine over all pairs of the list: 1 is more of the same. Under two items: 0.

    Uses Σ_{i<j} ⟨x_i, x_j⟩ = ½ (‖Σ x_i‖² − Σ ‖x_i‖²), so O(k·d) time and not O(k²·d).
    ``item_vectors`` has shape (n, d); a zero vector is unlike everything. Source: Ziegler et al.
    2005, who sum over the pairs where this takes their mean.
    """
    recommended = _id_list(recommended, "recommended", len(item_vectors))
    vectors = np.asarray(item_vectors, dtype=float)[recommended]  # (k, d)
    if vectors.ndim != 2 or not np.isfinite(vectors).all():
        raise ValueError("item_vectors must be a table of finite numbers, one row an item")
    vectors, k = normalize(vectors), len(vectors)
    if k < 2:
        return 0.0
    total = vectors.sum(axis=0)
    return float((total @ total - (vectors**2).sum()) / (k * (k - 1)))


# --- the sampled shortcut ---------------------------------------------------------------------


def sampled_hit_rate(ranks, n_items, n_sampled, k):
    """Hit rate at k that is expected when each true item meets only n_sampled random others.

    A true item of rank r among n_items (1 is best) is beaten by one random other item with
    probability p = (r − 1) / (n_items − 1), and by j of n_sampled with the binomial probability;
    it is a hit if fewer than k beat it. Drawn with replacement; rank r means that r − 1 items
    are strictly ahead. The mean over all ranks is returned.

    Parameters
    ----------
    ranks : array-like of numbers from 1 to n_items
    n_items, n_sampled, k : int

    Notes
    -----
    Exact: nothing is drawn. O(len(ranks) · k) time. The order of two recommenders under this
    number can be the reverse of their order under the whole catalogue: Krichene and Rendle 2020.
    """
    for value, name in ((n_items, "n_items"), (n_sampled, "n_sampled"), (k, "k")):
        check_positive(value, name, integer=True)
    ranks = np.atleast_1d(np.asarray(ranks, dtype=float))
    if not ranks.size or not ((ranks >= 1) & (ranks <= n_items)).all():  # NaN fails as well
        raise ValueError(f"ranks must be one or more numbers from 1 to {n_items}, got {ranks}")
    return float(_sampled_hits(ranks, n_items, n_sampled, k).mean())


def _sampled_hits(ranks, n_items, n_sampled, k):
    if k > n_sampled or n_items == 1:
        return np.ones(len(ranks))
    beaten = (ranks - 1) / (n_items - 1)
    hits = np.where(beaten == 0, 1.0, 0.0)  # certain victory and certain defeat have no logarithm
    inside = (beaten > 0) & (beaten < 1)
    p, j = beaten[inside, None], np.arange(k)
    log_choose = np.concatenate(([0.0], np.cumsum(np.log((n_sampled - j[:-1]) / j[1:]))))
    logs = log_choose + j * np.log(p) + (n_sampled - j) * np.log1p(-p)  # (q, k)
    hits[inside] = np.minimum(np.exp(logs).sum(axis=1), 1.0)
    return hits


def _ranks(scores, is_relevant):
    """Rank of each relevant item among all, 1 is best, ties to the lower index."""
    return 1 + np.flatnonzero(is_relevant[top_k(scores, len(scores))])


# --- a model, all users, the whole catalogue --------------------------------------------------

_OF_LISTS = {
    "precision_at_k": _precision,
    "recall_at_k": _recall,
    "hit_rate_at_k": _hit_rate,
    "ndcg_at_k": _ndcg,
    "average_precision": _average_precision,
    "reciprocal_rank": _reciprocal_rank,
}
_OF_ORDERS = {  # of the scores of all unseen items, and which of them are relevant
    "auc": lambda scores, is_relevant, k, n_sampled: _auc(scores, is_relevant),
    "sampled_hit_rate": lambda scores, is_relevant, k, n_sampled: _sampled_hits(
        _ranks(scores, is_relevant), len(scores), n_sampled, k
    ).mean(),
}
_OF_RATINGS = {"rmse": rmse, "mae": mae}
_OF_ALL_LISTS = ("coverage", "gini", "novelty", "intra_list_similarity")
_SCORES_AT_ONCE = 1 << 19  # 4 MB: a batch is still near the processor when it is ranked


def evaluate(
    model,
    train,
    test,
    k=10,
    metrics=("precision_at_k", "recall_at_k", "hit_rate_at_k", "ndcg_at_k", "coverage", "novelty"),
    *,
    per_user=False,
    n_sampled=100,
    item_vectors=None,
):
    """Rank the whole catalogue for every user of the test data, and measure the lists of k.

    Conventions: a user counts if the test data hold at least one interaction, and all users
    weigh the same. Every test interaction is relevant, whatever its value (for "four stars or
    more" pass ``test.select(test.values >= 4)``). Items the user has in ``train`` are left out,
    all others compete. Ties go to the lower item id, as in ``recommend``; a list cut short
    because the model gives -inf counts as filled up with misses.

    Parameters
    ----------
    model : fitted, with ``score_all(users) -> (q, n)``; for rmse and mae also ``predict``
    train, test : Interactions of the same shape (m, n), with no pair in common
    k : int
        Length of the lists; average_precision and reciprocal_rank stop there too.
    metrics : sequence of str
        Names of functions of this module. auc and sampled_hit_rate look at all unseen items;
        coverage and gini at all lists together; novelty counts users in ``train``.
    per_user : bool
        Return what was averaged: an array, one number a user in ascending order of id, for each
        metric that is a mean over users. `confidence_interval` turns it into an interval.
    n_sampled : int
        For sampled_hit_rate, which averages first over the test items of a user.
    item_vectors : array, shape (n, d)
        For intra_list_similarity.

    Returns
    -------
    dict of str to float (or array, see per_user), in the order of ``metrics``.

    Notes
    -----
    One pass in batches: O(m·(cost of a row of scores + n)) time, O(m·k) memory and some 2^19
    scores at a time, or one row where n is larger. auc and sampled_hit_rate sort: O(m·n log n).
    """
    _check_task(train, test, metrics, item_vectors)
    check_positive(k, "k", integer=True)
    check_positive(n_sampled, "n_sampled", integer=True)
    n_items = train.n_items
    users, row = np.unique(test.users, return_inverse=True)
    lists = np.full((len(users), k), -1)  # item ids; -1 is an empty slot
    of_orders = {name: np.empty(len(users)) for name in metrics if name in _OF_ORDERS}
    step = max(1, _SCORES_AT_ONCE // n_items)
    for start in range(0, len(users), step):
        batch = users[start : start + step]
        scores = _scores(model, batch, n_items)
        seen = _rows_of(train, batch)
        scores[seen] = -np.inf
        best = top_k(scores, k)
        shown = np.take_along_axis(scores, best, axis=1) > -np.inf
        lists[start : start + step, : best.shape[1]] = np.where(shown, best, -1)
        if of_orders:
            candidate, relevant = np.ones(scores.shape, dtype=bool), np.zeros(scores.shape, bool)
            candidate[seen] = False
            relevant[_rows_of(test, batch)] = True
            for at, keep in enumerate(candidate):
                order = scores[at, keep], relevant[at, keep]
                for name, values in of_orders.items():
                    values[start + at] = _OF_ORDERS[name](*order, k, n_sampled)

    filled = lists >= 0
    keys = np.arange(len(users))[:, None] * n_items + lists  # (row, item) as one number
    hits = (filled & _among(keys, row * n_items + test.items)).astype(float)  # (users, k)
    n_relevant = np.bincount(row)
    item_counts = np.bincount(train.items, minlength=n_items)

    def measure(name):
        if name in _OF_LISTS:
            return _OF_LISTS[name](hits, n_relevant)
        if name in _OF_ORDERS:
            return of_orders[name]
        if name in _OF_RATINGS:
            return _OF_RATINGS[name](test.values, model.predict(test.users, test.items))
        if name == "coverage":
            return coverage([np.unique(lists[filled])], n_items)
        if name == "gini":
            return gini(np.bincount(lists[filled], minlength=n_items))
        if name == "novelty":
            bits = np.where(filled, _surprise(item_counts, train.n_users)[lists], 0.0)
            return bits.sum(axis=1) / np.maximum(filled.sum(axis=1), 1)
        return np.array([intra_list_similarity(one[one >= 0], item_vectors) for one in lists])

    table = {name: measure(name) for name in metrics}
    return table if per_user else {name: float(np.mean(of)) for name, of in table.items()}


def _check_task(train, test, metrics, item_vectors):
    known = (*_OF_LISTS, *_OF_ORDERS, *_OF_RATINGS, *_OF_ALL_LISTS)
    unknown = [metrics] if isinstance(metrics, str) else [n for n in metrics if n not in known]
    if unknown:
        raise ValueError(f"metrics must be a sequence of names from {known}, got {unknown[0]!r}")
    if train.shape != test.shape:
        raise ValueError(
            f"train has shape {train.shape} and test {test.shape}; "
            f"both must count the same users and items"
        )
    if not len(test):
        raise ValueError("test holds no interaction, so there is nothing to find")
    pairs = [each.users * train.n_items + each.items for each in (train, test)]
    shared = np.flatnonzero(_among(pairs[1], pairs[0]))
    if shared.size:
        user, item = test.users[shared[0]], test.items[shared[0]]
        raise ValueError(
            f"user {user} and item {item} stand in train and in test ({shared.size} such pairs): "
            f"an item seen in training is never recommended; take these pairs out of one of them"
        )
    if "intra_list_similarity" in metrics and (
        item_vectors is None or len(item_vectors) != train.n_items
    ):
        raise ValueError(
            f"intra_list_similarity needs item_vectors, one row for each of {train.n_items} items"
        )


def _scores(model, batch, n_items):
    scores = np.asarray(model.score_all(batch))
    if scores.shape != (len(batch), n_items):
        raise ValueError(
            f"score_all gave shape {scores.shape} for {len(batch)} users and {n_items} items"
        )
    # A copy, for it is written to, and in floating point, for -inf is written.
    return np.array(scores, dtype=np.result_type(scores, np.float32))


def _rows_of(interactions, batch):
    """(row in the batch, item) of every interaction of the users of an ascending batch."""
    indptr = interactions.by_user[0]
    span = slice(indptr[batch[0]], indptr[batch[-1] + 1])
    row = np.searchsorted(batch, interactions.users[span])
    mine = batch[row] == interactions.users[span]
    return row[mine], interactions.items[span][mine]


def _among(values, ascending):
    """Which values occur in an ascending array. np.isin would sort both again."""
    if not len(ascending):
        return np.zeros(np.shape(values), dtype=bool)
    return ascending.take(np.searchsorted(ascending, values), mode="clip") == values


# --- how sure ---------------------------------------------------------------------------------


def confidence_interval(values, level=0.95):
    """(low, high) of the mean of values, one a user, by the normal approximation.

    For two models, pass the difference of their values user by user: most of the spread is
    between users, and it cancels.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
        raise ValueError(f"values must be two or more finite numbers, got {values}")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level!r}")
    margin = NormalDist().inv_cdf((1 + level) / 2) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean() - margin), float(values.mean() + margin)


def n_per_arm(rate, lift, z=1.96, z_power=0.8416):
    """Visitors that each arm of an A/B test needs to see a click rate rise by a relative lift.

    2 (z + z_power)² p (1 − p) / (p·lift)², from the normal approximation. The defaults are a
    two-sided test at 5 % that finds a true lift with probability 80 %.
    """
    if not 0 < rate < 1:
        raise ValueError(f"rate must lie between 0 and 1, got {rate!r}")
    check_positive(lift, "lift")
    return round(2 * (z + z_power) ** 2 * rate * (1 - rate) / (rate * lift) ** 2)


# --- what every function above asks of its input ----------------------------------------------


def _of_one_list(metric, recommended, relevant, k):
    recommended = _id_list(recommended, "recommended")
    relevant = _id_list(relevant, "relevant")
    k = max(len(recommended), 1) if k is None else check_positive(k, "k", integer=True)
    if not relevant.size:
        return 0.0
    hits = np.zeros((1, k))
    hits[0, : len(recommended)] = np.isin(recommended[:k], relevant)
    return float(metric(hits, np.array([len(relevant)]))[0])


def _id_list(ids, name, limit=None):
    ids = np.asarray(list(ids))  # a set is welcome
    if not ids.size:
        return np.zeros(0, dtype=np.int64)
    if ids.ndim != 1 or ids.dtype.kind not in "iu" or ids.min() < 0:
        raise ValueError(f"{name} must be item ids, whole numbers from 0, got {ids}")
    if limit is not None and ids.max() >= limit:
        raise ValueError(f"{name} holds item {ids.max()}, but only items 0 to {limit - 1} exist")
    if len(np.unique(ids)) < len(ids):
        raise ValueError(f"{name} must hold no item twice, got {ids}")
    return ids


def _aligned(truth, predicted):
    truth, predicted = np.asarray(truth, dtype=float), np.asarray(predicted, dtype=float)
    if truth.shape != predicted.shape or not truth.size:
        raise ValueError(
            f"truth and predicted must be equally long and not empty, "
            f"got shapes {truth.shape} and {predicted.shape}"
        )
    for name, values in (("truth", truth), ("predicted", predicted)):
        if not np.isfinite(values).all():
            raise ValueError(f"{name} holds {values[~np.isfinite(values)][0]}, not a finite number")
    return truth, predicted
