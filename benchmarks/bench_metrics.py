"""`metrics.evaluate` and implicit's evaluation, on the same factors and the same split."""

import numpy as np
from harness import race
from implicit.als import AlternatingLeastSquares
from implicit.evaluation import ranking_metrics_at_k
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from recsys_lab import metrics
from recsys_lab.data import load_movielens, split_random
from recsys_lab.recommender import Recommender


class Factors(Recommender):
    """The peer's factors, scored our way."""

    def __init__(self, peer):
        self.users, self.items = peer.user_factors, peer.item_factors

    def score_all(self, users):
        return self.users[users] @ self.items.T


def _for_implicit(interactions):
    indptr, items, values = interactions.by_user
    columns = values.astype(np.float32), items.astype(np.int32), indptr.astype(np.int32)
    return csr_matrix(columns, shape=interactions.shape)


def races():
    """One race: three metrics at 10 of every user, over the whole catalogue."""
    train, test = split_random(load_movielens().interactions, test=0.2, random_state=0)
    seen, hidden = _for_implicit(train), _for_implicit(test)
    peer = AlternatingLeastSquares(factors=64, iterations=15, random_state=0, num_threads=2)
    # implicit asks for one BLAS thread beside its own two. We get no more than that one either:
    # the products are small, and two BLAS threads lose more than they gain on a busy machine.
    with threadpool_limits(1, "blas"):
        peer.fit(seen, show_progress=False)
        model = Factors(peer)
        names = ("ndcg_at_k", "average_precision", "precision_at_k")
        return [
            race(
                "metrics.evaluate, all users, whole catalogue",
                "implicit.evaluation.ranking_metrics_at_k",
                lambda: metrics.evaluate(model, train, test, 10, names),
                lambda: ranking_metrics_at_k(
                    peer, seen, hidden, K=10, show_progress=False, num_threads=2
                ),
                quality=lambda table: table.get("ndcg_at_k", table.get("ndcg")),
                target=1.0,
                repeats=15,
                note="quality is NDCG@10; implicit's own 64 factors; ours one thread, peer two",
            )
        ]
