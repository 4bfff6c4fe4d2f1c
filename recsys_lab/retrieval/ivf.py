"""Inverted file: cut the space into cells, and look only into the cells nearest to the query.

k-means finds the cell centers; each cell keeps a list of its items. A query is compared with
all centers, then with the items of its ``n_probes`` nearest cells. What it misses are neighbours
just beyond a border, and the more dimensions, the more of space lies near a border.

Source: Jégou, Douze and Schmid 2011 (the inverted file, there with compressed vectors).
"""

import numpy as np

from recsys_lab.recommender import check_positive
from recsys_lab.retrieval.base import Index, check_vectors, keep_best
from recsys_lab.retrieval.lift import lift_items, lift_queries
from recsys_lab.similarity import normalize, top_k


def kmeans(points, n_clusters, n_iterations=10, random_state=0):
    """Lloyd's algorithm: points to their nearest center, centers to the mean of their points.

    Starts from ``n_clusters`` different rows drawn at random. A center that loses all its
    points stays where it is.

    Parameters
    ----------
    points : array-like, shape (n, d)
    n_clusters : int
        At most n.
    n_iterations : int
        Fewer are done where nothing moves any more.
    random_state : int or numpy.random.Generator

    Returns
    -------
    centers : array, shape (n_clusters, d)
    cells : int array, shape (n,)
        The nearest center of each point. O(n · n_clusters · d) time an iteration.
    """
    points = check_vectors(points, "points")
    check_positive(n_clusters, "n_clusters", integer=True)
    check_positive(n_iterations, "n_iterations", integer=True)
    if n_clusters > len(points):
        raise ValueError(
            f"{n_clusters} clusters need at least as many points, got {len(points)}; ask for fewer"
        )
    rng = np.random.default_rng(random_state)
    centers = points[rng.choice(len(points), n_clusters, replace=False)]
    cells = _nearest(points, centers)
    for _ in range(n_iterations):
        order = np.argsort(cells, kind="stable")
        count = np.bincount(cells, minlength=n_clusters)
        filled = count > 0
        start = (np.cumsum(count) - count)[filled]
        sums = np.add.reduceat(points[order], start, axis=0)
        centers[filled] = sums / count[filled, None].astype(points.dtype)
        before, cells = cells, _nearest(points, centers)
        if np.array_equal(before, cells):
            break
    return centers, cells


def nearest_cells(points, centers, n_probes):
    """Ids of the ``n_probes`` nearest centers of each point, (q, n_probes), nearest first.

    Where there are fewer centers, all come back.
    """
    points, centers = check_vectors(points, "points"), check_vectors(centers, "centers")
    if points.shape[1] != centers.shape[1]:
        raise ValueError(
            f"points have {points.shape[1]} dimensions and centers {centers.shape[1]}; "
            f"both must live in the same space"
        )
    check_positive(n_probes, "n_probes", integer=True)
    return top_k(_nearness(points, centers), n_probes)


def _nearness(points, centers):
    # −‖p − c‖²/2 up to ‖p‖²/2, which is the same for all centers of a point.
    return points @ centers.T - np.einsum("cd,cd->c", centers, centers) / 2


def _nearest(points, centers):
    batches = range(0, len(points), 4_096)  # bounds the table of distances
    return np.concatenate([_nearness(points[b : b + 4_096], centers).argmax(1) for b in batches])


class IVFIndex(Index):
    """Cells by k-means on the lifted items; compares the items of the nearest cells.

    Parameters
    ----------
    n_cells : int
        Around √n balances the two costs of a query.
    n_probes : int
        Cells looked into; all of them make the search exact.
    random_state : int or numpy.random.Generator

    Attributes
    ----------
    centers_ : array, shape (n_cells, d + 1)
    cells_ : int array, shape (n,)
        The cell of each item.
    n_compared_ : int array, shape (q,)
        Items compared, the ``n_cells`` centers not counted.

    Notes
    -----
    Fit is ten rounds of k-means, O(n · n_cells · d) time each, and keeps a second copy of the
    items, sorted by cell. A query costs O((n_cells + n_probes · n / n_cells) · d) where cells
    are of like size.
    """

    def __init__(self, n_cells, n_probes, random_state=0):
        self.n_cells = n_cells
        self.n_probes = n_probes
        self.random_state = random_state

    def _build(self, items):
        check_positive(self.n_cells, "n_cells", integer=True)
        check_positive(self.n_probes, "n_probes", integer=True)
        if not self.n_probes <= self.n_cells <= len(items):
            raise ValueError(
                f"need n_probes <= n_cells <= number of items, "
                f"got {self.n_probes}, {self.n_cells} and {len(items)}"
            )
        lifted = lift_items(items)
        self._radius = np.linalg.norm(lifted[0])
        self.centers_, self.cells_ = kmeans(lifted, self.n_cells, random_state=self.random_state)
        self._members = np.argsort(self.cells_, kind="stable")  # ids, cell after cell
        self._sizes = np.bincount(self.cells_, minlength=self.n_cells)
        self._starts = np.cumsum(self._sizes) - self._sizes
        self._vectors = items[self._members]

    def _search(self, queries, k):
        # A query's length does not change its order of items. On the items' sphere it is as far
        # from a center as an item would be; nearer the origin it would prefer the widest cells.
        on_sphere = normalize(queries).astype(queries.dtype) * self._radius
        probes = nearest_cells(lift_queries(on_sphere), self.centers_, self.n_probes)  # (q, p)
        ids = np.empty((len(queries), k), dtype=int)
        scores = np.empty((len(queries), k), dtype=queries.dtype)
        for start in range(0, len(queries), 1_024):
            batch = slice(start, start + 1_024)
            ids[batch], scores[batch] = self._scan(queries[batch], probes[batch], k)
        return ids, scores, self._sizes[probes].sum(axis=1)

    def _scan(self, queries, probes, k):
        # All queries that probe a cell go through it together: one product of two matrices.
        by_cell = np.argsort(probes, axis=None, kind="stable")
        cells, first = np.unique(probes.ravel()[by_cell], return_index=True)
        bar = np.full(len(queries), -np.inf, dtype=queries.dtype)  # the k-th best is no lower
        kept = []
        for cell, asking in zip(cells, np.split(by_cell // probes.shape[1], first[1:])):
            size, start = self._sizes[cell], self._starts[cell]
            fresh = queries[asking] @ self._vectors[start : start + size].T  # (asking, size)
            if size > k:
                kth = np.partition(fresh, size - k, axis=1)[:, size - k]
                bar[asking] = np.maximum(bar[asking], kth)
            good = np.flatnonzero(fresh >= bar[asking, None])
            row, column = np.divmod(good, max(size, 1))
            kept.append((asking[row], self._members[start + column], fresh.ravel()[good]))
        rows, ids, scores = map(np.concatenate, zip(*kept))
        return keep_best(rows, ids, scores, len(queries), k)
