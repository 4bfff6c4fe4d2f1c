"""Choose the hyper-parameters of the page "Every model, one split" (MovieLens latest-small).

    python benchmarks/tune_movielens.py             all models, both splits
    python benchmarks/tune_movielens.py bpr ease    some

Only the training part of a split is looked at: of each viewer in it the last five ratings are
held out, every value of the small grids below is tried, and the best is printed. Models that make
lists are chosen by NDCG@10, models that predict stars by RMSE. What it prints stands as ``CHOSEN``
in recsys_lab/figures/movielens_models.py.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import sys
import time
from itertools import product

import numpy as np

from recsys_lab.figures import movielens_models as page

GRIDS = {
    "popularity": {},
    "user_knn": {"k": [5, 10, 20, 40], "shrinkage": [0.0, 10.0]},
    "item_knn": {"k": [10, 20, 50]},
    "ease": {"reg": [50.0, 100.0, 200.0, 400.0]},
    "weighted_als": {
        "n_factors": [16, 32, 64],
        "unobserved_weight": [0.1, 0.3, 1.0],
        "reg": [1.0, 3.0, 10.0],
        "n_iterations": [6],
    },
    "bpr": {"n_factors": [32], "reg": [0.003, 0.03], "n_epochs": [60, 120]},
    "softmax": {
        "hidden": [(), (64,)],
        "learning_rate": [0.005, 0.01],
        "n_epochs": [60, 120],
        "batch_size": [64],
    },
    "two_tower": {
        "temperature": [None, 0.1, 0.2],
        "log_q": [False, True],
        "n_epochs": [6, 12],
        "batch_size": [1024],
    },
    "biases": {"reg": [2.0, 5.0, 10.0]},
    "user_knn_stars": {"k": [20, 60], "shrinkage": [10.0, 50.0, 200.0]},
    "item_knn_stars": {"k": [20, 60], "shrinkage": [10.0, 50.0, 200.0]},
    "sgd": {
        "n_factors": [32],
        "reg": [0.05, 0.1, 0.2],
        "learning_rate": [0.03],
        "n_epochs": [20, 30],
    },
    "als": {"n_factors": [4, 8, 16], "reg": [2.0, 5.0, 10.0], "n_iterations": [8]},
    "fm": {"n_factors": [4, 8], "n_epochs": [60]},
}


def main():
    names = sys.argv[1:] or list(page.MODELS)
    for how in ("last", "time"):
        train, test = page.rehearsal(how)
        for name in names:
            best = None
            for values in product(*GRIDS[name].values()):
                values = dict(zip(GRIDS[name], values))
                start = time.process_time()
                model = page.fit_model(name, train, **values)
                score = quality(model, name, train, test)
                seconds = time.process_time() - start
                print(f"  {how} {name:15} {score:8.4f}  {seconds:5.1f} s  {values}", flush=True)
                if best is None or score > best[0]:
                    best = score, values
            print(f"{how}: {name!r}: {best[1]},", flush=True)


def quality(model, name, train, test):
    """Higher is better: NDCG@10 of a model that makes lists, −RMSE of one that predicts stars."""
    if page.MODELS[name].predicts_stars:
        guess = np.clip(model.predict(test.users, test.items), *page.SCALE)
        return -float(np.sqrt(np.mean((guess - test.values) ** 2)))
    return float(page.judge(model, name, train, test).ndcg.mean())


if __name__ == "__main__":
    main()
