"""Every feature may meet every other: pairwise weights that learn from pairs never seen.

A row x switches on a few of p features: this user, this film, this hour. A weight for each pair
of features would be p(p − 1)/2 weights, and most pairs are never seen together. A factorization
machine gives each feature a vector v_i of k numbers and lets ⟨v_i, v_j⟩ be the weight of the pair:

    ŷ(x) = w₀ + Σ_i w_i x_i + Σ_{i<j} ⟨v_i, v_j⟩ x_i x_j               (Rendle 2010, equation 1)

That is an assumption about the table of weights (off its diagonal it has rank k), and the reason
why a pair that never met gets a sensible weight: each side met others. With one user and one film
a row it is matrix factorization with biases, w₀ + w_u + w_i + ⟨v_u, v_i⟩. It is linear in each
single parameter, and quadratic in x.

The sum over pairs looks quadratic in the number of features and is linear: add everything, throw
away the diagonal, halve (`pair_sum`).
"""

import numpy as np

from recsys_lab.fm.pairs import half_of_squares, pair_sum_gradient
from recsys_lab.fm.rows import as_rows
from recsys_lab.fm.solvers import adam, coordinate_descent, sigmoid
from recsys_lab.recommender import check_finite, check_positive, epochs

_CELLS = 2_000_000  # numbers held at once while rows are scored


class FactorizationMachine:
    """Factorization machine of degree 2 for ratings (regression) or clicks (classification).

    Parameters
    ----------
    n_factors : int
        k, the length of the vectors. 0 leaves a linear (or logistic) regression.
    reg : float
        Strength λ of the penalty ½ λ Σ ‖v_i‖² beside the sum of the losses of all rows, so that
        one value means the same for every solver. Star ratings want about 10.
    solver : {"als", "mcmc", "adam"}
        ``"als"``: each parameter in turn takes its best value (Rendle 2012); no learning rate.
        ``"mcmc"``: the same sweep with noise, and with strengths of penalty that are drawn, too;
        predictions are averages over the draws. The best choice for ratings. Regression only.
        ``"adam"``: small steps on batches of rows.
        The first two need each feature in one column of the rows only (see Notes).
    task : {"regression", "classification"}
        Half the squared error, or the log loss of labels 0 and 1.
    reg_linear : float, optional
        λ of ½ λ Σ w_i²; default: ``reg``. w₀ is never penalized.
    n_features : int, optional
        p. Default: what the rows given to `fit` show.
    n_epochs : int, optional
        Passes over the rows. Default: 30, and 200 for ``"mcmc"``, whose draws need time to settle
        (the first tenth is left out of the average).
    learning_rate, batch_size : float, int
        For ``"adam"``.
    random_state : int or Generator
    progress : bool
    callback : callable, optional
        Called as ``callback(epoch, model)`` after each epoch. The arrays of the model are still
        being written to: copy what you want to keep.

    Attributes
    ----------
    w0_ : float; w_ : array (p,); V_ : array (p, k)
        The parameters; of the last draw for ``"mcmc"``. Features that `fit` never saw have zeros:
        they add nothing.
    draws_ : list of (w₀, w, V)
        What ``"mcmc"`` averages over, ``float32``; empty for the others.
    loss_ : list of float
        The penalized loss after each epoch (without penalty for ``"mcmc"``, where it changes).

    Notes
    -----
    Rows come as a dense array X (rows, p), or as a tuple ``(indices, values)``: the features that
    are on, a fixed number of *fields* (columns) a row, and their values (None: all 1). No row may
    name a feature twice; an index with value 0 is off.

    An epoch costs O(rows · fields · k) time, with O(rows · fields + p · k) memory; ``"mcmc"``
    keeps 4·p·(k + 1) bytes a draw.
    """

    def __init__(
        self,
        n_factors=8,
        reg=1.0,
        solver="als",
        task="regression",
        *,
        reg_linear=None,
        n_features=None,
        n_epochs=None,
        learning_rate=0.02,
        batch_size=1024,
        random_state=0,
        progress=False,
        callback=None,
    ):
        self.n_factors = n_factors
        self.reg = reg
        self.solver = solver
        self.task = task
        self.reg_linear = reg_linear
        self.n_features = n_features
        self.n_epochs = n_epochs
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.random_state = random_state
        self.progress = progress
        self.callback = callback

    def fit(self, X, y):
        """Learn from rows X and their targets y (n_rows,).

        Raises
        ------
        ValueError
            For rows, targets or hyper-parameters that make no sense; the message names the place.
        FloatingPointError
            When the loss is no longer finite (a learning rate too high, numbers too large).
        """
        self._check()
        indices, values, self.n_features_ = as_rows(X, self.n_features)
        y = self._targets(y, len(indices))
        rng = np.random.default_rng(self.random_state)
        self.loss_, self.draws_ = [], []
        n_epochs = self.n_epochs or (200 if self.solver == "mcmc" else 30)
        advice = "lower learning_rate" if self.solver == "adam" else "X or y hold huge numbers"
        with np.errstate(over="ignore", invalid="ignore"):  # check_finite speaks up instead
            losses = self._solve(indices, values, y, n_epochs, rng)
            for epoch in epochs(n_epochs, self.progress, type(self).__name__):
                loss = next(losses)
                check_finite(loss, epoch, self, advice)
                self.loss_.append(float(loss))
                if self.callback is not None:
                    self.callback(epoch, self)
        return self

    def predict(self, X):
        """ŷ of each row, or for classification the likelier label, 0 or 1; shape (n_rows,)."""
        score = self.decision_function(X)
        return score if self.task == "regression" else (score > 0).astype(np.int64)

    def predict_proba(self, X):
        """P(y = 1) of each row, shape (n_rows,). Classification only."""
        if self.task != "classification":
            raise ValueError("predict_proba needs task='classification', this is a regression")
        return sigmoid(self.decision_function(X))

    def decision_function(self, X):
        """ŷ of each row before any threshold or sigmoid, shape (n_rows,)."""
        if not hasattr(self, "n_features_"):
            raise RuntimeError(f"{type(self).__name__} is not fitted yet: call fit(X, y)")
        indices, values, _ = as_rows(X, self.n_features_, fitted=True)
        with np.errstate(over="ignore", invalid="ignore"):
            score = self._score(indices, values)
        strange = np.flatnonzero(~np.isfinite(score))
        if strange.size:
            raise ValueError(
                f"row {strange[0]} scores {score[strange[0]]}: its values are too large; "
                f"scale X as it was in fit"
            )
        return score

    def _score(self, indices, values):
        n_rows, n_fields = indices.shape
        score = np.zeros(n_rows)
        draws = self.draws_ or [(self.w0_, self.w_, np.ascontiguousarray(self.V_))]
        chunk = max(1, _CELLS // max(1, n_fields * self.n_factors))
        for start in range(0, n_rows, chunk):
            part = slice(start, start + chunk)
            for w0, w, V in draws:
                score[part] += self._score_rows(indices[part], values[part], w0, w, V)
        return score / len(draws)

    def _score_rows(self, indices, values, w0, w, V):
        E = values[..., None] * V[indices]  # (rows, fields, k)
        return w0 + (values * w[indices]).sum(axis=1) + self._together(E)

    # What features do together, and its gradient: `DeepFM` adds a network to both.

    def _together(self, E):
        return half_of_squares(E)

    def _together_backward(self, E, error):
        return error[..., None] * pair_sum_gradient(E)

    def _layers(self):
        return []

    def _solve(self, indices, values, y, n_epochs, rng):
        solver = adam if self.solver == "adam" else coordinate_descent
        return solver(self, indices, values, y, n_epochs, rng)

    def _check(self):
        check_positive(self.n_factors, "n_factors", integer=True, zero=True)
        check_positive(self.reg, "reg", zero=True)
        if self.reg_linear is not None:
            check_positive(self.reg_linear, "reg_linear", zero=True)
        if self.n_epochs is not None:
            check_positive(self.n_epochs, "n_epochs", integer=True)
        check_positive(self.learning_rate, "learning_rate")
        check_positive(self.batch_size, "batch_size", integer=True)
        if self.solver not in ("als", "mcmc", "adam"):
            raise ValueError(f"solver must be 'als', 'mcmc' or 'adam', got {self.solver!r}")
        if self.task not in ("regression", "classification"):
            raise ValueError(f"task must be 'regression' or 'classification', got {self.task!r}")
        if self.solver == "mcmc" and self.task == "classification":
            raise ValueError("solver='mcmc' is for regression only; classify with 'als' or 'adam'")

    def _targets(self, y, n_rows):
        y = np.asarray(y)
        if y.dtype.kind not in "biuf" or y.shape != (n_rows,):
            raise ValueError(
                f"y must hold one number for each of the {n_rows} rows of X, "
                f"got {y.dtype} of shape {y.shape}"
            )
        y = y.astype(float)
        strange = np.flatnonzero(~np.isfinite(y))
        if strange.size:
            raise ValueError(f"y[{strange[0]}] is {y[strange[0]]}, expected a finite number")
        if self.task == "classification":
            labels = np.unique(y)
            if not np.array_equal(labels, [0, 1]):
                raise ValueError(
                    f"classification needs labels 0 and 1, both of them; y holds {labels[:5]}"
                )
        return y
