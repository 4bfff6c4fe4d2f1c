"""Neighbours against Surprise, and EASE against its closed form in SciPy."""

import copy

import numpy as np
from harness import race
from scipy import linalg
from surprise import Dataset, KNNBaseline, Reader

from recsys_lab import metrics
from recsys_lab.data import Interactions, load_movielens, split_random
from recsys_lab.neighbors import EASE, ItemKNN

STARS = 0.5, 5.0


def races():
    """Item neighbours over five folds of the ratings; EASE on who rated what."""
    ratings = load_movielens().interactions
    return [_item_neighbors(ratings), _ease(ratings)]


def _item_neighbors(ratings):
    fold = np.random.default_rng(0).permutation(len(ratings)) % 5
    folds = [(ratings.select(fold != f), ratings.select(fold == f)) for f in range(5)]
    prepared = [(_for_surprise(train), _rows(test), test) for train, test in folds]

    def ours(train, test):
        model = ItemKNN(similarity="pearson_baseline", shrinkage=100, center="baseline")
        stars = model.fit(train).predict(test.users, test.items)
        return np.clip(stars, *STARS) - test.values  # Surprise clips to the scale, too

    def theirs(train, rows, test):
        options = {"name": "pearson_baseline", "user_based": False, "shrinkage": 100}
        peer = KNNBaseline(k=40, sim_options=options, verbose=False).fit(train)
        return np.array([guess.est for guess in peer.test(rows)]) - test.values

    result = race(
        "ItemKNN, Pearson on residuals of a baseline",
        "Surprise KNNBaseline, item-based",
        _one_fold_a_run(ours, folds),
        _one_fold_a_run(theirs, prepared),
        quality=lambda errors: np.sqrt(np.mean(np.concatenate(errors) ** 2)),
        target=0.5,
        repeats=len(folds),
        note="quality is the RMSE over five folds, each run fits and predicts one of them; "
        "k = 40, shrinkage 100",
    )
    result["quality_reached"] = result["quality"] <= result["peer_quality"] + 0.002
    return result


def _one_fold_a_run(work, folds):
    errors, remaining = [], iter(folds)

    def run():
        errors.append(work(*next(remaining)))
        return errors

    return run


def _rows(interactions):
    return list(
        zip(interactions.users.tolist(), interactions.items.tolist(), interactions.values.tolist())
    )


def _for_surprise(interactions):
    rows = [(user, item, stars, None) for user, item, stars in _rows(interactions)]
    return Dataset(Reader(rating_scale=STARS)).construct_trainset(rows)


def _ease(ratings):
    seen = Interactions(ratings.users, ratings.items, np.ones(len(ratings)), *ratings.shape)
    train, test = split_random(seen, test=0.2, random_state=0)
    X = train.to_scipy()
    model = EASE(reg=200)

    def ours():
        return model.fit(train).item_weights_

    def theirs():
        G = (X.T @ X).toarray()
        G[np.diag_indices_from(G)] += 200
        P = linalg.inv(G)
        B = P / -np.diag(P)
        np.fill_diagonal(B, 0)
        return B

    weights = []

    def ndcg(B):
        weights.append(B)
        recommender = copy.copy(model)
        recommender.item_weights_ = B
        return metrics.evaluate(recommender, train, test, k=10, metrics=("ndcg_at_k",))["ndcg_at_k"]

    result = race(
        "EASE",
        "SciPy, closed form",
        ours,
        theirs,
        quality=ndcg,
        target=1.1,
        note="quality is NDCG@10; 9,724 films but 610 users: we invert the smaller side, "
        "by Woodbury's identity",
    )
    result["quality_reached"] = np.allclose(*weights, atol=1e-9)
    return result
