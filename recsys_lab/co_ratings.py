"""How alike are two users, judging by the items both rated? One pass over all shared ratings.

A *row* is what is compared, a *column* what it is compared by: with users as rows, a column is an
item (and the other way round for `Interactions.transpose`). Every measure here is a quotient of
sums over the columns that both rows a and b know, of r the ratings less what the measure calls
normal:

    s(a, b) = Σ r_a r_b / √(Σ r_a² · Σ r_b²)

    cosine            r as it is, and the sums below the line over *all* columns of a row:
                      what is unknown counts as 0
    corated_cosine    r as it is
    pearson           r less the row's mean over the shared columns
    adjusted_cosine   r less the column's mean (Sarwar et al. 2001)
    pearson_baseline  r less the baseline μ + b_user + b_item

Only `cosine` asks what is known. The others compare what was given where both gave something,
and so are undefined (here: 0) for fewer than two shared columns, or where a row does not vary.
"""

import numpy as np

from recsys_lab.popularity import baseline, check_some, mean_of
from recsys_lab.recommender import check_positive

MEASURES = ("cosine", "corated_cosine", "pearson", "adjusted_cosine", "pearson_baseline")


def similarity_table(matrix, measure, shrinkage=0.0):
    """Similarity of every two rows of a feedback matrix.

    Parameters
    ----------
    matrix : Interactions
        Its users are the rows; pass ``interactions.transpose()`` to compare items.
    measure : str
        One of ``MEASURES``.
    shrinkage : float
        β in s · c / (c + β), where c counts the shared columns: a likeness seen on few columns
        is believed less (Herlocker et al. 1999 weigh significance, Koren 2008 in this form).

    Returns
    -------
    float32 array, shape (m, m), symmetric. The diagonal is 0: no row is its own neighbour.

    Notes
    -----
    O(m² + P) time, where P = Σ over columns of (ratings of the column)² counts the shared ratings,
    and 4·m² bytes: 380 MB for the 9,724 films of MovieLens latest-small. The table is dense by
    nature, because any two rows may be asked for.
    """
    check_some(matrix)
    check_positive(shrinkage, "shrinkage", zero=True)
    if measure not in MEASURES:
        raise ValueError(f"similarity must be one of {MEASURES}, got {measure!r}")
    m = matrix.n_users
    by_row = centered(matrix, measure)
    by_column = by_row[np.argsort(matrix.items, kind="stable")]
    length = np.bincount(matrix.users, by_row**2, minlength=m)
    table = np.zeros((m, m), dtype=np.float32)
    for start, stop, left, right, cell in shared_columns(matrix):
        count = np.bincount(cell)
        cells = np.flatnonzero(count >= (1 if measure == "cosine" else 2))  # most stay empty
        count = count[cells]
        a, b = by_row[left], by_column[right]
        product, square_a, square_b = _totals(cell, cells, a * b, a * a, b * b)
        if measure == "cosine":
            square_a, square_b = length[start + cells // m], length[cells % m]
        elif measure == "pearson":
            sum_a, sum_b = _totals(cell, cells, a, b)
            product = product - sum_a * sum_b / count
            square_a = _spread(square_a, sum_a, count)
            square_b = _spread(square_b, sum_b, count)
        below = np.sqrt(square_a * square_b)
        similar = np.divide(product, below, out=np.zeros_like(below), where=below > 0)
        similar *= count / (count + shrinkage)
        table[start:stop].reshape(-1)[cells] = np.clip(similar, -1, 1)
    np.fill_diagonal(table, 0)
    return table


def centered(matrix, measure):
    """Ratings less what a measure calls normal, shape (N,), aligned with ``matrix.users``."""
    rows, columns, values = matrix.users, matrix.items, matrix.values.astype(float)
    if measure == "pearson":  # only for the precision of the sums: their own mean goes later
        rest = values - mean_of(values, rows, matrix.n_users)[rows]
    elif measure == "adjusted_cosine":
        rest = values - mean_of(values, columns, matrix.n_items)[columns]
    elif measure == "pearson_baseline":
        mean, row_bias, column_bias = baseline(matrix)
        rest = values - mean - row_bias[rows] - column_bias[columns]
    else:
        return values
    # What rounding leaves of a difference that is 0 would correlate perfectly with other dust.
    rest[np.abs(rest) < 1e-9 * np.abs(values).max()] = 0
    return rest


def _totals(cell, cells, *terms):
    """Each of the terms summed by cell, for the cells asked for."""
    return [np.bincount(cell, term)[cells] for term in terms]


def _spread(squares, sums, count):
    """Σ (x − x̄)² from Σ x², Σ x and the count; exactly 0 where rounding is all that is left."""
    spread = squares - sums**2 / count
    return np.where(spread > 1e-10 * squares, spread, 0)


def shared_columns(matrix, size=1 << 21):
    """Every pair of ratings in one column, for a block of rows at a time.

    Yields ``(start, stop, left, right, cell)``: for rows start to stop, the positions of the two
    ratings of each pair (left in order of rows, right in order of columns), and the cell of the
    block's (stop − start) × m table to which the pair belongs. ``np.bincount(cell, x)`` then sums
    x over the shared columns of each two rows. Blocks have about ``size`` pairs and cells.
    """
    m = matrix.n_users
    row_start, columns, _ = matrix.by_user
    column_start, rows, _ = matrix.by_item
    partners = np.diff(column_start)[columns]  # (N,)
    pairs_before = np.concatenate(([0], np.cumsum(partners)))[row_start]  # (m + 1,)
    start = 0
    while start < m:
        fitting = np.searchsorted(pairs_before, pairs_before[start] + size, side="right") - 1
        stop = max(start + 1, min(fitting, start + size // m))
        own = np.arange(row_start[start], row_start[stop])
        left = np.repeat(own, partners[own])
        first = np.cumsum(partners[own]) - partners[own]  # where the partners of each begin
        right = np.arange(len(left)) + np.repeat(column_start[columns[own]] - first, partners[own])
        yield start, stop, left, right, (matrix.users[left] - start) * m + rows[right]
        start = stop
