"""`WeightedALS` against implicit, twice, and `SGDFactorization` against Surprise's SVD."""

import numpy as np
from harness import race
from implicit.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix
from surprise import SVD, Dataset, Reader
from threadpoolctl import threadpool_limits

from recsys_lab import metrics
from recsys_lab.data import Interactions, load_movielens
from recsys_lab.factorization import SGDFactorization, WeightedALS, gravity

N_FACTORS, REG, UNOBSERVED = 64, 0.1, 0.1
STARS = 0.5, 5.0


def races():
    """Who rated what, as implicit feedback; then the ratings themselves, over five folds."""
    ratings = load_movielens().interactions
    single = ratings.values.astype(np.float32)  # implicit computes in float32, too
    ratings = Interactions(ratings.users, ratings.items, single, *ratings.shape)
    # implicit advises one thread for BLAS beside its own two, and our matrices are too small to
    # gain from a second: on a busy machine the two would only wait for each other.
    with threadpool_limits(1, user_api="blas"):
        return [
            _weighted_als(ratings, use_cg=True, target=1.0),
            _weighted_als(ratings, use_cg=False, target=0.5),
            _sgd(ratings),
        ]


def _weighted_als(seen, use_cg, target):
    confidence = np.ones(len(seen), dtype=np.float32)
    matrix = csr_matrix((confidence, (seen.users, seen.items)), shape=seen.shape)

    def theirs():
        # Its unobserved entries weigh 1, so all of our weights are divided by ours.
        peer = AlternatingLeastSquares(
            N_FACTORS,
            alpha=1 / UNOBSERVED,
            regularization=REG / UNOBSERVED,
            iterations=15,
            use_cg=use_cg,
            num_threads=2,
            random_state=0,
        )
        peer.fit(matrix, show_progress=False)
        return peer.user_factors, peer.item_factors

    def ours(sweeps, callback=None):
        model = WeightedALS(
            N_FACTORS,
            reg=REG,
            unobserved_weight=UNOBSERVED,
            n_iterations=sweeps,
            callback=callback,
        ).fit(seen)
        return model.user_factors_, model.item_factors_

    def objective(factors):
        u, v = (side.astype(float) for side in factors)
        score = (u[seen.users] * v[seen.items]).sum(axis=1)
        fit = ((1 - score) ** 2 - UNOBSERVED * score**2).sum()
        return fit + UNOBSERVED * gravity(u, v) + REG * ((u**2).sum() + (v**2).sum())

    goal = objective(theirs())
    losses = []
    ours(30, lambda _, model: losses.append(objective((model.user_factors_, model.item_factors_))))
    sweeps = 1 + int(np.argmax(np.array(losses) <= goal))
    solver = "conjugate gradient, 3 steps" if use_cg else "exact"
    result = race(
        f"WeightedALS, 64 factors, to the loss of 15 sweeps ({'CG' if use_cg else 'exact'})",
        f"implicit ALS ({solver})",
        lambda: ours(sweeps),
        theirs,
        quality=objective,
        target=target,
        note=f"quality is the loss, lower is better; ours needs {sweeps} exact sweeps, because it "
        "balances both sides and oversteps each minimum; float32, BLAS on one thread, as the peer "
        "advises beside its own two",
    )
    result["quality_reached"] = result["quality"] <= result["peer_quality"]
    return result


def _sgd(ratings):
    fold = np.random.default_rng(0).permutation(len(ratings)) % 5
    folds = [(ratings.select(fold != f), ratings.select(fold == f)) for f in range(5)]
    prepared = [(_for_surprise(train), test) for train, test in folds]

    def ours(train, test):
        model = SGDFactorization(n_factors=32, reg=0.1, learning_rate=0.03, n_epochs=10)
        return model.fit(train), test

    def theirs(train, test):
        return SVD(random_state=0).fit(train), test

    def our_rmse(fitted):
        guesses = [np.clip(model.predict(test.users, test.items), *STARS) for model, test in fitted]
        return _rmse(guesses, folds)

    def their_rmse(fitted):
        guesses = [
            [model.predict(i, j).est for i, j in zip(test.users.tolist(), test.items.tolist())]
            for model, test in fitted
        ]
        return _rmse(guesses, folds)

    result = race(
        "SGDFactorization",
        "Surprise SVD, defaults",
        _one_fold_a_run(ours, folds),
        _one_fold_a_run(theirs, prepared),
        quality=lambda fitted: (
            their_rmse(fitted) if isinstance(fitted[0][0], SVD) else our_rmse(fitted)
        ),
        target=1.0,
        repeats=len(folds),
        note="quality is the RMSE over five folds, each run fits one of them; ours: 32 factors, "
        "10 epochs, learning rate 0.03, reg 0.1, float32; SVD: 100 factors, 20 epochs",
    )
    result["quality_reached"] = result["quality"] <= result["peer_quality"] + 0.002
    return result


def _rmse(guesses, folds):
    truth = np.concatenate([test.values for _, test in folds])
    return metrics.rmse(truth, np.concatenate(guesses))


def _one_fold_a_run(work, folds):
    fitted, remaining = [], iter(folds)

    def run():
        fitted.append(work(*next(remaining)))
        return fitted

    return run


def _for_surprise(interactions):
    columns = interactions.users, interactions.items, interactions.values
    rows = [(*row, None) for row in zip(*(column.tolist() for column in columns))]
    return Dataset(Reader(rating_scale=STARS)).construct_trainset(rows)
