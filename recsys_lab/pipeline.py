"""The three stages joined: retrieve some, score those, arrange the best; and say who did what.

A stage is any function. What it is given, and what it gives back:

- a retriever ``(user) -> items``: ids of candidates, best first. Several may find the same ones.
- the scorer ``(user, items) -> scores``: one number for each candidate, higher is better.
- a reranker ``(user, items, scores) -> (items, scores)``: the items that stay, in their new
  order, with their new scores. It may drop, move and change scores; it cannot bring items in.

A model retrieves as ``lambda user: model.recommend(user, 200)[0]``, and scores as
``lambda user, items: model.predict(np.full(len(items), user), items)``.
"""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from recsys_lab.metrics import recall_at_k
from recsys_lab.recommender import check_positive
from recsys_lab.similarity import top_k


@dataclass(frozen=True, eq=False, repr=False)
class Step:
    """What one stage did for one user.

    Attributes
    ----------
    name : str
    items, scores : arrays
        What left the stage, best first. Before the scorer, scores are 0.
    dropped : array
        Ids that came in and did not leave.
    moved : dict of int to int
        How many places up (down: negative) an item went among those that stayed; no entry for
        those that kept their place.
    seconds : float
    """

    name: str
    items: np.ndarray
    scores: np.ndarray
    dropped: np.ndarray
    moved: dict
    seconds: float

    def __repr__(self):
        return (
            f"{self.name}: {len(self.items)} kept, {len(self.dropped)} dropped, "
            f"{len(self.moved)} moved, {1e3 * self.seconds:.2f} ms"
        )


class Pipeline:
    """Retrievers, a scorer and rerankers as one recommender that can explain itself.

    Parameters
    ----------
    retrievers, rerankers : list of functions, or dict of name to function
        In the order in which they run. In a list, a function goes by its own name.
    scorer : function
    seen : Interactions, optional
        What each user has seen; it is dropped before it is scored.
    """

    def __init__(self, retrievers, scorer, rerankers=(), seen=None):
        self.retrievers = retrievers
        self.scorer = scorer
        self.rerankers = rerankers
        self.seen = seen

    def recommend(self, user, n=10):
        """The n best items of one user as ``(items, scores)``, best first; fewer if fewer stay."""
        last = self.explain(user, n)[-1]
        return last.items, last.scores

    def explain(self, user, n=10):
        """What each stage kept, dropped and moved on the way to ``recommend``: a list of `Step`."""
        check_positive(n, "n", integer=True)
        retrievers = _named(self.retrievers)
        if not retrievers:
            raise ValueError("a pipeline needs at least one retriever, got none")
        steps = []
        for name, retrieve in retrievers.items():
            start = perf_counter()
            found = np.array(retrieve(user))
            seconds = perf_counter() - start
            found = _item_ids(found, name)
            steps.append(Step(name, found, np.zeros(len(found)), found[:0], {}, seconds))
        pool = np.concatenate([step.items for step in steps])
        items = pool[np.sort(np.unique(pool, return_index=True)[1])]  # where each came up first
        scores = np.zeros(len(items))

        stages = [("seen", self._unseen)] if self.seen is not None else []
        stages += [("score", self._scored), *_named(self.rerankers).items()]
        stages += [("cut", lambda user, items, scores: (items[:n], scores[:n]))]
        for name, stage in stages:
            start = perf_counter()
            result = stage(user, items.copy(), scores.copy())  # what was logged stays as it was
            seconds = perf_counter() - start
            kept, new_scores = _checked(result, items, name)
            dropped = items[~np.isin(items, kept)]
            steps.append(Step(name, kept, new_scores, dropped, _moves(items, kept), seconds))
            items, scores = kept, new_scores
        return steps

    def _unseen(self, user, items, scores):
        if not 0 <= user < self.seen.n_users:
            raise ValueError(f"user must be a number from 0 to {self.seen.n_users - 1}, got {user}")
        keep = ~np.isin(items, self.seen.items_of(user))
        return items[keep], scores[keep]

    def _scored(self, user, items, scores):
        if not len(items):
            return items, scores
        scores = np.asarray(self.scorer(user, items), dtype=float)
        if scores.shape != items.shape:
            raise ValueError(f"the scorer gave shape {scores.shape} for {len(items)} items")
        order = np.lexsort((items, -scores))  # ties to the lower id
        return items[order], scores[order]


def _named(functions):
    if isinstance(functions, dict):
        return functions
    named = {getattr(f, "__name__", type(f).__name__): f for f in functions}
    if len(named) < len(functions):
        raise ValueError("two stages go by the same name; give them as a dict of name to function")
    return named


def _item_ids(items, name):
    items = items if items.size else items.astype(np.int64)  # [] is float64 in NumPy
    if items.ndim != 1 or items.dtype.kind not in "iu" or len(np.unique(items)) < len(items):
        raise ValueError(f"stage {name!r} must give item ids, each once, got {items}")
    return items


def _checked(result, items, name):
    try:
        kept, scores = (np.asarray(part) for part in result)
    except (TypeError, ValueError):
        raise ValueError(f"stage {name!r} must give (items, scores), got {result!r}") from None
    kept = _item_ids(kept, name)
    if scores.shape != kept.shape or np.isnan(scores.astype(float)).any():
        raise ValueError(f"stage {name!r} must give a number for each of its items, got {scores}")
    strange = kept[~np.isin(kept, items)]
    if strange.size:
        raise ValueError(f"stage {name!r} brought in item {strange[0]}; only a retriever may")
    return kept, scores


def _moves(before, after):
    stayed = before[np.isin(before, after)]
    was = {int(item): place for place, item in enumerate(stayed)}
    moves = {int(item): was[int(item)] - place for place, item in enumerate(after)}
    return {item: places for item, places in moves.items() if places}


# --- what the stages can and cannot do for each other -----------------------------------------


def recall_ceiling(retrieved, relevant):
    """Share of the relevant items that were retrieved: no later stage can reach a higher recall."""
    return recall_at_k(retrieved, relevant, max(len(retrieved), 1))


def funnel(quality, n_retrieved, retriever=0.7, ranker=1.0, n=10, n_relevant=100, random_state=0):
    """Two stages that see the true quality through noise: how good are the n items at the end?

    A stage of skill ρ sorts by ρ · quality + √(1 − ρ²) · noise, so that for qualities of spread 1
    ρ is the correlation of what it sees with the truth. The retriever keeps n_retrieved items,
    the ranker the n best of those.

    Parameters
    ----------
    quality : array-like, shape (N,)
    n_retrieved : int
    retriever, ranker : float
        Skill ρ of each stage, from 0 (blind) to 1 (perfect).
    n, n_relevant : int
        Length of the final list; how many of the truly best count as relevant.

    Returns
    -------
    ceiling : float
        `recall_ceiling` of the n_relevant best.
    mean : float
        Mean true quality of the final list.
    """
    quality = np.asarray(quality, dtype=float)
    if quality.ndim != 1 or not quality.size or not np.isfinite(quality).all():
        raise ValueError(f"quality must be one row of finite numbers, got {quality}")
    for value, name in ((n_retrieved, "n_retrieved"), (n, "n"), (n_relevant, "n_relevant")):
        check_positive(value, name, integer=True)
    # A stream of its own: quality drawn with the same seed must not come back as the noise.
    rng = np.random.default_rng(random_state).spawn(1)[0]
    seen = []
    for skill in (retriever, ranker):
        if not 0 <= skill <= 1:
            raise ValueError(f"the skill of a stage must lie between 0 and 1, got {skill!r}")
        seen.append(skill * quality + np.sqrt(1 - skill**2) * rng.normal(size=len(quality)))
    retrieved = top_k(seen[0], n_retrieved)
    final = retrieved[top_k(seen[1][retrieved], n)]
    return recall_ceiling(retrieved, top_k(quality, n_relevant)), float(quality[final].mean())


def latency_ledger(entering, microseconds):
    """Milliseconds that each stage takes, and ``"total"``: items that enter × cost of one item.

    Both are dicts by stage. ``latency_ledger({"retrieve": 1e6, "score": 500}, {"retrieve": 0.02,
    "score": 100})`` says where a budget goes, and what one more candidate costs.
    """
    if set(entering) != set(microseconds):
        raise ValueError(
            f"both must name the same stages, got {list(entering)} and {list(microseconds)}"
        )
    for stage in entering:
        check_positive(entering[stage], f"entering[{stage!r}]", zero=True)
        check_positive(microseconds[stage], f"microseconds[{stage!r}]", zero=True)
    ledger = {stage: entering[stage] * microseconds[stage] / 1e3 for stage in entering}
    return ledger | {"total": sum(ledger.values())}
