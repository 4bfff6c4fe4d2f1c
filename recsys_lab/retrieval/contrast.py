"""What many dimensions do to nearness: distances grow alike, and a few points become hubs."""

import numpy as np

from recsys_lab.similarity import euclidean


def relative_contrast(points, query):
    """(farthest − nearest) / nearest distance from a query (d,) to points (n, d).

    Large: "nearest" means something. Near 0: all points are about equally far. inf where a
    point lies on the query. Source: Beyer et al. 1999.
    """
    distance = euclidean([query], points)[0]
    if not distance.size:
        raise ValueError("points must hold at least one vector, got none")
    nearest, farthest = distance.min(), distance.max()
    return float((farthest - nearest) / nearest) if nearest > 0 else np.inf


def k_occurrences(neighbors, n_items):
    """How often each item stands in the neighbour lists of others, shape (n_items,).

    Parameters
    ----------
    neighbors : int array, shape (n_items, k)
        As of `neighbor_table`; -1 means nothing.
    n_items : int

    Notes
    -----
    The mean is k. Hubs have many times that; items with 0 can never be found as related items.
    Source: Radovanović, Nanopoulos and Ivanović 2010.
    """
    neighbors = np.asarray(neighbors)
    if neighbors.size and neighbors.max() >= n_items:
        raise ValueError(
            f"neighbors holds id {neighbors.max()}, expected at most {n_items - 1}; raise n_items"
        )
    return np.bincount(neighbors[neighbors >= 0], minlength=n_items)
