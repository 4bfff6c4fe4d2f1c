"""One more coordinate turns the largest inner product into the nearest vector.

‖q − x‖² = ‖q‖² + ‖x‖² − 2⟨q, x⟩: nearest and largest inner product disagree only because items
differ in length. So give each item x the coordinate √(M² − ‖x‖²), with M the largest length:
all lifted items have length M. Give the query a 0: its inner products stay as they were.

    ‖(q, 0) − (x, √(M² − ‖x‖²))‖² = ‖q‖² + M² − 2⟨q, x⟩

The right side falls as ⟨q, x⟩ grows, and nothing else in it depends on x.

Source: Bachrach et al. 2014; Neyshabur and Srebro 2015.
"""

import numpy as np

from recsys_lab.retrieval.base import check_vectors


def lift_items(X):
    """Items (n, d) → (n, d + 1), all on the sphere whose radius is the longest item's length.

    ``float32`` is kept, all else becomes ``float64``. O(n·d) time.
    """
    X = check_vectors(X, "items")
    squared = np.einsum("nd,nd->n", X, X, dtype=np.float64)  # M² − ‖x‖² cancels: keep digits
    height = np.sqrt(squared.max(initial=0) - squared)
    return np.column_stack([X, height]).astype(X.dtype)


def lift_queries(Q):
    """Queries (q, d) → (q, d + 1): a 0 is appended, so that every inner product stays."""
    Q = check_vectors(Q, "queries")
    return np.column_stack([Q, np.zeros(len(Q), dtype=Q.dtype)])
