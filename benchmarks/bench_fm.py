"""Factorization machines of rank 10 against myFM on MovieLens: one user and one film a row.

myFM draws its parameters (Gibbs sampling). It is raced twice: as it comes, all features alike,
against least squares; and told which features are users and which films, which makes it better,
against our draws.
"""

import warnings

import numpy as np
from harness import race
from scipy.sparse import csr_matrix

from recsys_lab.data import load_movielens
from recsys_lab.fm import FactorizationMachine

with warnings.catch_warnings():  # myFM 0.4.0 imports pkg_resources, which warns of its end
    warnings.simplefilter("ignore")
    from myfm import MyFMRegressor

RANK, ITERATIONS, FOLDS = 10, 200, (0, 1)
ROOM = 0.010  # RMSE that ours may lie above the peer's


def races():
    ratings = load_movielens().interactions
    n_users, n_items = ratings.shape
    rows = np.column_stack([ratings.users, n_users + ratings.items])
    fold = np.random.default_rng(0).integers(0, 5, len(ratings))
    one_hot = csr_matrix(
        (np.ones(rows.size), rows.ravel(), np.arange(0, rows.size + 1, 2)),
        shape=(len(rows), n_users + n_items),
    )

    def ours(**how):
        def work():
            predicted = []
            for test in FOLDS:
                machine = FactorizationMachine(RANK, n_features=n_users + n_items, **how)
                machine.fit((rows[fold != test], None), ratings.values[fold != test])
                predicted.append(machine.predict((rows[fold == test], None)))
            return predicted

        return work

    def theirs(groups):
        def work():
            predicted = []
            for test in FOLDS:
                machine = MyFMRegressor(rank=RANK, random_seed=0)
                machine.fit(
                    one_hot[fold != test],
                    ratings.values[fold != test],
                    n_iter=ITERATIONS,
                    group_shapes=groups,
                )
                predicted.append(machine.predict(one_hot[fold == test]))
            return predicted

        return work

    def rmse(predicted):
        errors = [
            np.clip(part, 0.5, 5) - ratings.values[fold == test]
            for test, part in zip(FOLDS, predicted)
        ]
        return float(np.sqrt(np.mean(np.concatenate(errors) ** 2)))

    note = f"RMSE on {len(FOLDS)} of 5 folds, ours at most {ROOM} above; fit and predict"
    results = [
        race(
            "FactorizationMachine(10, solver='als'), 20 epochs",
            f"myfm, {ITERATIONS} iterations, as it comes",
            ours(solver="als", reg=12.0, reg_linear=2.0, n_epochs=20),
            theirs(None),
            quality=rmse,
            target=1.0,
            note=f"{note}. Penalties chosen on the other three folds",
        ),
        race(
            f"FactorizationMachine(10, solver='mcmc'), {ITERATIONS} epochs",
            f"myfm, {ITERATIONS} iterations, users and films as groups",
            ours(solver="mcmc", n_epochs=ITERATIONS),
            theirs([n_users, n_items]),
            quality=rmse,
            target=1.0,
            note=note,
        ),
    ]
    for result in results:
        result["quality_reached"] = result["quality"] <= result["peer_quality"] + ROOM
    return results
