"""Matrix factorization: a vector for every user, a vector for every item, a product for every pair.

One algorithm a file, in the order of the chapter: stochastic gradient descent (`sgd`), alternating
least squares on the observed ratings (`als`), one half-step of it with all pairs in view
(`half_step`), the model made of those (`weighted_als`), ranking pairs (`bpr`), the bad example
(`svd`), the newcomer (`cold_start`). The linear algebra they share is in `linalg`, small worlds to
try them on in `worlds`.
"""

from recsys_lab.factorization.als import ALS
from recsys_lab.factorization.bpr import BPR
from recsys_lab.factorization.cold_start import fold_in, maker_average
from recsys_lab.factorization.half_step import als_step
from recsys_lab.factorization.linalg import balance, gravity
from recsys_lab.factorization.sgd import SGDFactorization
from recsys_lab.factorization.svd import filled_svd
from recsys_lab.factorization.weighted_als import WeightedALS
from recsys_lab.factorization.worlds import length_world, low_rank_world, taste_world

__all__ = [
    "ALS",
    "BPR",
    "SGDFactorization",
    "WeightedALS",
    "als_step",
    "balance",
    "filled_svd",
    "fold_in",
    "gravity",
    "length_world",
    "low_rank_world",
    "maker_average",
    "taste_world",
]
