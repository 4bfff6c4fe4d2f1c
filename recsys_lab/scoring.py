"""One number for each candidate: predict the click, mistrust the click, say what it is worth.

In order of the idea: logistic regression turns the features of a (user, item) pair into P(click);
clicks measure the shelf as well as the film, so they are divided by how often each position is
looked at; a probability is held against what happened, and the scores of two generators are
brought to one unit; last, the objective, not the model, picks the winner.
"""

import numpy as np

from recsys_lab.recommender import check_finite, check_positive

# --- predict ----------------------------------------------------------------------------------


class LogisticScorer:
    """P(y = 1 | x) = σ(⟨w, x⟩ + b) with σ(z) = 1 / (1 + e^−z), fitted by Newton's method.

    Minimises Σ_t log(1 + e^(−s_t z_t)) + ½ reg ‖w‖² over N pairs, with z = Xw + b and s = 1 for a
    click, −1 for none. Let e = σ(−s z), the probability given to what did *not* happen, and
    D = diag(e (1 − e)). A step Δ solves (XᵀDX + reg·I) Δ = reg·w − Xᵀ(s e): least squares in which
    a pair counts by how uncertain it is, solved again and again as that changes ("iteratively
    reweighted"). The intercept b is not shrunk.

    To take the shelf out of the clicks, give the position a column of its own in ``fit``, and
    one and the same position to all candidates in ``predict_proba``.

    Parameters
    ----------
    reg : float
        Above 0: it keeps w finite where the features tell clicks from no clicks without error.

    Attributes
    ----------
    coef_ : array, shape (d,)
    intercept_ : float
    loss_ : list of float
        The objective at the start and after each step. It never rises.

    Notes
    -----
    O(N·d² + d³) time a step, five to ten steps; O(N·d) memory.
    """

    def __init__(self, reg=1.0):
        self.reg = reg

    def fit(self, features, clicked):
        """Learn from N pairs: ``features`` (N, d), ``clicked`` (N,) of 0 and 1. Returns self."""
        check_positive(self.reg, "reg")
        features = _features(features)
        clicked = np.asarray(clicked, dtype=float)
        if clicked.shape != (len(features),) or not np.array_equal(np.unique(clicked), [0, 1]):
            raise ValueError(
                f"clicked must hold {len(features)} numbers, each 0 or 1, and both must occur "
                f"(one outcome alone teaches no difference), got {clicked}"
            )
        # b is not shrunk, so the middle of the features may move to 0, where w and b do not mix.
        middle = features.mean(axis=0)
        X = np.column_stack([features - middle, np.ones(len(features))])  # (N, d + 1)
        reg = np.append(np.full(features.shape[1], float(self.reg)), 0.0)
        sign = 2 * clicked - 1
        w = np.zeros(X.shape[1])
        self.loss_ = [_logistic_loss(X, sign, w, reg)]
        while True:
            with np.errstate(over="ignore", invalid="ignore"):
                error = sigmoid(-sign * (X @ w))
                gradient = reg * w - X.T @ (sign * error)
                curvature = (X * (error * (1 - error))[:, None]).T @ X + np.diag(reg)
            check_finite(
                curvature.sum(), len(self.loss_), self, "divide each feature by its spread"
            )
            step = np.linalg.solve(curvature, gradient)
            # Far from the minimum a whole step can overshoot; some fraction of it cannot.
            while (loss := _logistic_loss(X, sign, w - step, reg)) > self.loss_[-1]:
                step = step / 2
            w = w - step
            self.loss_.append(loss)
            if self.loss_[-2] - loss <= 1e-12 * loss:
                break
        self.coef_, self.intercept_ = w[:-1], float(w[-1] - w[:-1] @ middle)
        return self

    def predict_proba(self, features):
        """P(y = 1) of each row of ``features`` (N, d): shape (N,)."""
        if not hasattr(self, "coef_"):
            raise RuntimeError("LogisticScorer is not fitted yet: call fit(features, clicked)")
        features = _features(features)
        if features.shape[1] != len(self.coef_):
            raise ValueError(
                f"fitted on {len(self.coef_)} features a pair, asked about {features.shape[1]}"
            )
        return sigmoid(features @ self.coef_ + self.intercept_)


def sigmoid(z):
    """σ(z) = 1 / (1 + e^−z), without overflow, and exact for the smallest probabilities."""
    return np.exp(-np.logaddexp(0, -np.asarray(z, dtype=float)))


def _logistic_loss(X, sign, w, reg):
    return float(np.logaddexp(0, -sign * (X @ w)).sum() + 0.5 * reg @ w**2)


def _features(features):
    features = np.asarray(features, dtype=float)
    if features.ndim != 2 or not features.size or not np.isfinite(features).all():
        raise ValueError(
            f"features must be a table of finite numbers, one row a pair, "
            f"got shape {features.shape}"
        )
    return features


# --- mistrust ---------------------------------------------------------------------------------


def examination(position, eta=1.0):
    """P(a viewer looks at a position) = 1 / position^η, counted from 1. η = 0: all are seen."""
    position = _within(position, "position", 1, np.inf)
    return 1 / position ** check_positive(eta, "eta", zero=True)


def ips_ctr(clicks, impressions, position, eta=1.0, clip=np.inf):
    """Click rate that each item would have at the top: every click counts 1 / P(looked at).

    Σ clicks · min(1 / examination(position, η), clip) / impressions. Without a clip it is right
    on average, if η is right; a click far down counts so much that it is wrong by a lot each
    time. A clip makes it wrong on average, and steadier.

    Parameters
    ----------
    clicks, impressions, position : array-like of one shape, or shapes that broadcast
    eta, clip : float

    Returns
    -------
    array. 0 where an item was never shown. It can exceed 1, being an estimate.

    Notes
    -----
    Inverse propensity scoring, with the examination model of Joachims, Swaminathan and
    Schnabel 2017.
    """
    impressions = _within(impressions, "impressions", 0, np.inf)
    clicks = _within(clicks, "clicks", 0, np.inf)
    if np.any(clicks > impressions):
        raise ValueError("clicks must not exceed impressions")
    if not clip > 0:
        raise ValueError(f"clip must be above 0 (infinity for no clip), got {clip!r}")
    weight = np.minimum(1 / examination(position, eta), clip)
    return clicks * weight / np.where(impressions > 0, impressions, 1)


def shelf_loop(relevance, order, eta=1.0, n_rounds=40, n_views=500, correct=False, random_state=0):
    """Show a shelf, count clicks, sort by click rate, show again: what does the order become?

    Each round n_views viewers see the shelf, and click an item with probability
    relevance · examination(position, η). The next order sorts by the clicks so far, which
    ``correct`` divides by how often their position is looked at.

    Parameters
    ----------
    relevance : array-like, shape (n,)
        True P(click | looked at).
    order : array-like, shape (n,)
        Item ids from top to bottom, each once.

    Returns
    -------
    int array, shape (n_rounds + 1, n): the order at the start and after each round.
    """
    relevance = _within(relevance, "relevance", 0, 1)
    order = np.asarray(order)
    if not np.array_equal(np.sort(order), np.arange(len(relevance))):
        raise ValueError(f"order must hold each of 0 to {len(relevance) - 1} once, got {order}")
    rng = np.random.default_rng(random_state)
    looked_at = examination(np.arange(1, len(order) + 1), eta)
    clicks = np.zeros(len(order))
    history = [order]
    for _ in range(n_rounds):
        seen = np.empty(len(order))
        seen[order] = looked_at
        clicks += rng.binomial(n_views, relevance * seen) / (seen if correct else 1)
        order = np.argsort(-clicks, kind="stable")  # all have the same number of impressions
        history.append(order)
    return np.array(history)


# --- hold against what happened ---------------------------------------------------------------


def calibration_table(p, outcome, n_bins=10):
    """Predicted against observed, in n_bins equal bins of the prediction; empty bins are left out.

    Parameters
    ----------
    p : array-like, shape (N,), in [0, 1]
    outcome : array-like, shape (N,), 0 or 1

    Returns
    -------
    dict of arrays, one number a bin: ``predicted`` (mean p), ``observed`` (mean outcome),
    ``count``. Calibrated means predicted ≈ observed in every row.
    """
    p, outcome = _within(p, "p", 0, 1), _within(outcome, "outcome", 0, 1)
    check_positive(n_bins, "n_bins", integer=True)
    _check_rows(p=p, outcome=outcome)
    bins = np.searchsorted(np.linspace(0, 1, n_bins + 1)[1:-1], p)
    count = np.bincount(bins, minlength=n_bins)
    full = count > 0
    table = {
        "predicted": np.bincount(bins, p, n_bins),
        "observed": np.bincount(bins, outcome, n_bins),
    }
    return {name: sums[full] / count[full] for name, sums in table.items()} | {"count": count[full]}


def undo_downsampling(p, rate):
    """The true probability behind p, where only this share of the negatives was trained on.

    p / (p + (1 − p) / rate). Source: He et al. 2014 (clicks on ads at Facebook). The order of
    candidates never changes; their products with a price do.
    """
    p = _within(p, "p", 0, 1)
    if not 0 < rate <= 1:
        raise ValueError(f"rate must be a share above 0 and up to 1, got {rate!r}")
    return p * rate / (p * rate + (1 - p))


def isotonic(scores, outcome):
    """The rising step curve nearest to the outcomes, in squared error: a score's probability.

    ``knots, heights = isotonic(scores, outcome)``, then ``np.interp(new, knots, heights)`` reads
    the probability of a new score of the same generator: two generators calibrated so are in one
    unit and can be merged.

    Parameters
    ----------
    scores, outcome : array-like, shape (N,), N ≥ 1

    Returns
    -------
    knots : array, the distinct scores, ascending
    heights : array, not falling

    Notes
    -----
    Pool adjacent violators: walk upwards, and as long as the last block is not below the new
    one, melt them into their mean. O(N log N) time for the sort.
    """
    scores, outcome = np.asarray(scores, dtype=float), np.asarray(outcome, dtype=float)
    _check_rows(scores=scores, outcome=outcome)
    if not (np.isfinite(scores).all() and np.isfinite(outcome).all()):
        raise ValueError("scores and outcome must be finite numbers")
    knots, at, counts = np.unique(scores, return_inverse=True, return_counts=True)
    blocks = []  # (mean, weight, number of knots)
    for mean, weight in zip(np.bincount(at, outcome) / counts, counts):
        length = 1
        while blocks and blocks[-1][0] >= mean:
            below, its_weight, its_length = blocks.pop()
            mean = (mean * weight + below * its_weight) / (weight + its_weight)
            weight, length = weight + its_weight, length + its_length
        blocks.append((mean, weight, length))
    means, _, lengths = zip(*blocks)
    return knots, np.repeat(means, lengths)


def by_rank(scores):
    """Share of the list that a score is not below: 1 for the best, ties share. No unit is left.

    The merger for generators of which nothing is known but their order; it takes for granted
    that their best items are equally good. Shape (n,) → (n,).
    """
    scores = np.asarray(scores, dtype=float)
    if scores.ndim != 1 or np.isnan(scores).any():
        raise ValueError(f"scores must be one row of numbers without NaN, got {scores}")
    return np.searchsorted(np.sort(scores), scores, side="right") / max(len(scores), 1)


# --- what it is worth -------------------------------------------------------------------------


def session_minutes(p, minutes, p_continue):
    """Minutes expected of a session that goes on in kind: p · minutes / (1 − p_continue).

    A viewer clicks with probability p, stays ``minutes``, and is still there for one more of the
    same kind with probability p_continue: p·w (1 + c + c² + …). Arrays broadcast.
    """
    p, minutes = _within(p, "p", 0, 1), _within(minutes, "minutes", 0, np.inf)
    p_continue = _within(p_continue, "p_continue", 0, 1)
    if np.any(p_continue == 1):
        raise ValueError("p_continue must stay below 1: with 1 the session never ends")
    return p * minutes / (1 - p_continue)


def _within(values, name, low, high):
    values = np.asarray(values, dtype=float)
    outside = ~(np.isfinite(values) & (values >= low) & (values <= high))
    if outside.any():
        bound = f"at least {low}" if np.isinf(high) else f"from {low} to {high}"
        raise ValueError(f"{name} must be finite numbers {bound}, got {values[outside].flat[0]}")
    return values


def _check_rows(**rows):
    shapes = [row.shape for row in rows.values()]
    if len(shapes[0]) != 1 or shapes[0] != shapes[1] or shapes[0] == (0,):
        raise ValueError(
            f"{' and '.join(rows)} must be equally long rows, not empty, got shapes {shapes}"
        )
