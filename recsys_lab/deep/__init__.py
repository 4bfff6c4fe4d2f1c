"""Deep models: a network turns what is known of a user (and of an item) into its embedding.

`SoftmaxRecommender` is one tower and a free vector for each item, asked "which item comes next?"
over the whole catalogue. `TwoTower` has a tower for the items as well, so that a new item gets
its place from its features; it is asked among sampled items, with the correction that this
needs. Layers, losses and Adam stand in `recsys_lab.nn`.
"""

from recsys_lab.deep.losses import grad_psi, sampled_log_normalizer
from recsys_lab.deep.softmax import SoftmaxRecommender
from recsys_lab.deep.two_tower import TwoTower, linear_tower
from recsys_lab.nn import sampled_softmax_loss

__all__ = [
    "SoftmaxRecommender",
    "TwoTower",
    "grad_psi",
    "linear_tower",
    "sampled_log_normalizer",
    "sampled_softmax_loss",
]
