"""The exercises of "Retrieval": from counting comparisons to a walk led astray."""

import numpy as np

from recsys_lab.exercises import Function, Mistake, Property, Search, Value
from recsys_lab.retrieval import beam_search, hit_probability, lift_items, nearest_cells
from recsys_lab.similarity import euclidean
from recsys_lab.similarity import top_k as best_of

# --- 1 ------------------------------------------------------------------------------------------

_N, _PROBES = 1_000_000, 16


def _compared(n_cells):
    return n_cells + _PROBES * _N / n_cells


def _counted():
    cells = np.arange(1, 20_001)
    best = int(cells[_compared(cells).argmin()])
    return [_compared(1_000), best, _compared(best)]


def _says(part, value):
    return lambda seen, want: abs(seen[part] - value) < 0.5


how_many_cells = Value(
    title="How many cells?",
    task="""
A catalogue has a million films, in cells of equal size. A query is compared with every centre, and
then with all films of the 16 nearest cells. Pencil and paper:

- `compared`: how many vectors is it compared with, if there are 1,000 cells?
- `best_cells`: which number of cells makes this count smallest?
- `compared_best`: and how many comparisons are left then?
""",
    starter="""
answer = {
    "compared": ...,
    "best_cells": ...,
    "compared_best": ...,
}
""",
    names=["compared", "best_cells", "compared_best"],
    expected=_counted,
    tolerance=0.5,
    mistakes=[
        Mistake(
            "no_centers",
            _says("compared", 16_000),
            "Those are the films of 16 cells. The query was compared with the centres too.",
        ),
        Mistake(
            "one_probe",
            _says("compared", 2_000),
            "That would be one cell. Sixteen are looked into, of 1,000 films each.",
        ),
        Mistake(
            "root_n",
            _says("best_cells", 1_000),
            "√n is best for one probe. With 16 the films weigh more: let the derivative of "
            "c + 16 · n / c be 0.",
        ),
        Mistake(
            "probes_outside",
            _says("best_cells", 16_000),
            "The 16 belongs under the root: from c + 16 · n / c you get c² = 16 · n.",
        ),
        Mistake(
            "only_centers",
            _says("compared_best", 4_000),
            "At the best number of cells both costs are equal: 4,000 centres, and as many films.",
        ),
    ],
    hints=[
        "With c cells, each holds n / c films.",
        "The count is c + 16 · n / c. One part grows with c, the other falls.",
        "A sum of c and something / c is smallest where the two parts are equal.",
    ],
    why_it_matters=(
        "8,000 vectors instead of a million, before anything clever was done. And 4,000 cells "
        "instead of 1,000 halve the bill again: the two costs of an index want to be equal."
    ),
)

# --- 2 ------------------------------------------------------------------------------------------


def _top_cases():
    yield np.array([0.1, 0.9, 0.5, 0.7]), 2
    yield np.array([3.0, 1.0, 2.0]), 3  # all of them
    yield np.array([3.0, 1.0, 2.0]), 5  # more than there are
    yield np.array([2.0]), 1
    yield np.array([1.0, 5.0, 5.0, 5.0, 0.0]), 2  # a tie at the border
    yield np.array([0.0, 0.0, 0.0, 0.0]), 3
    yield np.array([-5.0, -1.0, -3.0]), 1
    rng = np.random.default_rng(0)
    for case in range(40):
        n = 5 + 10 * case
        scores = rng.normal(size=n) if case % 2 else rng.integers(0, 6, n).astype(float)
        yield scores, int(rng.integers(1, 12))


top_k = Function(
    title="The k best without sorting them all",
    task="""
Write `top_k(scores, k)`. It gets an array of scores and returns the positions of the `k` largest,
best first. Where scores tie, the lower position comes first, at the border between in and out as
well: the same query must give the same shelf every time. If `k` exceeds the number of scores, all
positions come back.

Let `np.argpartition` or `np.partition` throw out most of them before you sort the rest. (A full
sort gives the same answer and passes. It only does more than it has to.)
""",
    starter='''
def top_k(scores, k):
    """Positions of the k largest scores, best first."""
    ...
''',
    cases=_top_cases,
    expected=lambda scores, k: np.lexsort((np.arange(len(scores)), -scores))[:k],
    mistakes=[
        Mistake(
            "scores",
            lambda seen, want, scores, k: (
                seen.dtype.kind == "f" and np.array_equal(seen, scores[want])
            ),
            "These are the scores themselves. Wanted are their positions.",
        ),
        Mistake(
            "too_many",
            lambda seen, want, scores, k: (
                len(seen) > len(want) and np.array_equal(seen[: len(want)], want)
            ),
            "Cut the order off after k.",
        ),
        Mistake(
            "unsorted",
            lambda seen, want, scores, k: (
                len(want) > 1
                and np.array_equal(np.sort(scores[seen]), np.sort(scores[want]))
                and not np.array_equal(scores[seen], scores[want])
            ),
            "The right ones, in the wrong order: argpartition does not sort. Sort the k that are "
            "left, best first.",
        ),
        Mistake(
            "border",
            lambda seen, want, scores, k: (
                np.array_equal(scores[seen], scores[want]) and set(seen) != set(want)
            ),
            "A tie at the border: argpartition keeps any of the equals. Take its k-th best score "
            "as a bar, keep all that reach it, sort those stably, and then cut off after k.",
        ),
        Mistake(
            "ties",
            lambda seen, want, scores, k: np.array_equal(scores[seen], scores[want]),
            'Only ties are the wrong way round. np.argsort(-scores, kind="stable") leaves the '
            "lower position first.",
        ),
        Mistake(
            "smallest",
            lambda seen, want, scores, k: np.array_equal(
                np.sort(scores[seen]), np.sort(scores)[: len(want)]
            ),
            "These are the smallest: partition and sort the negative scores.",
        ),
    ],
    hints=[
        "np.partition(scores, len(scores) - k)[len(scores) - k] is the k-th best score.",
        "np.flatnonzero(scores >= bar) are the positions that reach it, in ascending order.",
        'Among those, np.argsort(-scores[near], kind="stable")[:k] sorts only a handful. '
        "If k is larger than the array, make it smaller first.",
    ],
    why_it_matters=(
        "A sort of a million scores puts 999,990 losers in order. And a tie that falls this way "
        "today and that way tomorrow makes a page flicker, and a test of it fail."
    ),
)

# --- 3 ------------------------------------------------------------------------------------------


def _lift_cases():
    yield (np.array([[3.0, 4.0], [0.0, 0.0], [0.0, 3.0]]),)
    yield (np.array([[1.0, 2.0]]),)
    yield (np.array([[0.2, 0.5], [0.1, 0.9], [0.6, -1.0]]),)  # M² from a root comes out too small
    yield (np.array([[1.0, 0.0], [0.0, -1.0]]),)
    rng = np.random.default_rng(0)
    for case in range(100):
        n, d = 2 + case // 5, 1 + case % 6
        yield (rng.normal(size=(n, d)) * rng.lognormal(size=(n, 1)),)


def _on_one_sphere(seen, want, X):
    length = np.linalg.norm(seen, axis=1)
    return np.allclose(seen[:, :-1], X) and np.allclose(length, length[0], atol=1e-6)


def _heights(seen, X, height):
    return np.allclose(seen, np.column_stack([X, height]))


def _longest(X):
    return np.linalg.norm(X, axis=1).max()


def _nearest_is_best(lift, X):
    q = np.random.default_rng(len(X)).normal(size=X.shape[1])
    distance = euclidean([np.append(q, 0.0)], lift(X))[0]
    return np.isclose(X[distance.argmin()] @ q, (X @ q).max(), atol=1e-6)


lift = Function(
    title="One more coordinate",
    task="""
Write `lift(X)`. It gets items `X` of shape `(n, d)` and returns an array of shape `(n, d + 1)`: the
same rows, each with one more number at its end, so that **all rows have the same length**.

Then a vector index that knows only distances can find the largest dot product: the query gets a 0
at its end, and its nearest item is the one it wants.

Take care with the longest item. Its new number is the root of something that should be 0.
""",
    starter='''
def lift(X):
    """Items (n, d) → (n, d + 1), all of one length."""
    ...
''',
    cases=_lift_cases,
    expected=lift_items,
    agree=_on_one_sphere,
    mistakes=[
        Mistake(
            "negative_root",
            lambda seen, want, X: np.isnan(seen).any(),
            "The longest item's M² − ‖x‖² came out a little below 0, and its root is NaN. Work out "
            "the squared lengths once, and take M² as their maximum, or clip at 0.",
        ),
        Mistake(
            "height_first",
            lambda seen, want, X: np.allclose(seen[:, 1:], X),
            "The new number stands in front. The query's 0 comes at the end, so it must too.",
        ),
        Mistake(
            "no_root",
            lambda seen, want, X: _heights(seen, X, _longest(X) ** 2 - (X**2).sum(axis=1)),
            "That is the height squared: take the root.",
        ),
        Mistake(
            "not_squared",
            lambda seen, want, X: (
                _heights(seen, X, _longest(X) - np.linalg.norm(X, axis=1))
                or _heights(seen, X, np.sqrt(_longest(X) - np.linalg.norm(X, axis=1)))
            ),
            "Lengths do not subtract, their squares do (Pythagoras): height² = M² − ‖x‖².",
        ),
        Mistake(
            "the_length",
            lambda seen, want, X: _heights(seen, X, np.linalg.norm(X, axis=1)),
            "You appended the length. What has to be appended is what an item lacks to be as long "
            "as the longest.",
        ),
        Mistake(
            "normalised",
            lambda seen, want, X: not np.allclose(seen[:, :-1], X),
            "The first d numbers must stay as they are, or the dot products change.",
        ),
        Mistake(
            "a_constant",
            lambda seen, want, X: len(X) > 1 and np.ptp(seen[:, -1]) < 1e-12,
            "The same number for all leaves them as unequal as they were: short items need more.",
        ),
    ],
    properties=[
        Property(
            "nearest_is_best",
            "the item nearest to (q, 0) has the largest dot product with q",
            _nearest_is_best,
            "Expand the squared distance: ‖q‖² + ‖lifted x‖² − 2⟨q, x⟩.",
        ),
    ],
    hints=[
        "With M the largest length, what must be added to ‖x‖² to make it M²?",
        "The new number squared is M² − ‖x‖².",
        "Work out the squared lengths of all rows, take each from the largest, and np.sqrt. "
        "np.column_stack([X, ...]) appends a column.",
    ],
    why_it_matters=(
        "One column, and every library that finds nearest vectors also finds the largest dot "
        "product. Without it such an index returns near films where long ones were wanted."
    ),
)

# --- 4 ------------------------------------------------------------------------------------------


def _smallest_number_of_tables():
    tables = range(1, 200)
    return next(n for n in tables if hit_probability(np.pi / 6, 8, n) >= 0.95)


enough_tables = Value(
    title="How many tables are enough?",
    task="""
A film stands at 30° to the query. Every table has eight random planes, and the film is met where
query and film are on the same side of all eight.

What is the smallest number of tables with which the film is met in at least one of them with a
chance of 95 % or more?
""",
    starter="""
tables = ...
""",
    expected=_smallest_number_of_tables,
    mistakes=[
        Mistake(
            "one_short",
            lambda seen, want: float(seen) == 11,
            "With 11 the chance is 94.6 %: just short.",
        ),
        Mistake(
            "not_whole",
            lambda seen, want: abs(float(seen) - round(float(seen))) > 1e-3,
            "Half a table finds nothing. Which whole number is the first to suffice?",
        ),
        Mistake(
            "one_plane",
            lambda seen, want: float(seen) == 2,
            "That is for tables of one plane. Eight must agree: (5/6)⁸.",
        ),
        Mistake(
            "expected_once",
            lambda seen, want: float(seen) in (4, 5),
            "With so many tables it is met once on average, and that is not nearly always. Ask "
            "for the chance that it is met in none.",
        ),
    ],
    hints=[
        "A plane separates them with chance 30/180. They agree on all eight with p = (5/6)⁸.",
        "p = 0.2326. The chance to miss in all L tables is (1 − p) to the power L.",
        "Find the first L with 0.7674 to the power L at most 0.05.",
    ],
    why_it_matters=(
        "Each table is one more copy of all the ids, and one more bucket to read. The last five "
        "percent of recall are what memory is bought for."
    ),
)

# --- 5 ------------------------------------------------------------------------------------------


def _cell_cases():
    X = np.array([[0.0, 1.0], [0.0, -1.0], [1.8, 0.0], [4.0, 1.0], [4.0, -1.0], [2.2, 0.0]])
    centers = np.array([[0.6, 0.0], [3.4, 0.0]])
    cells = np.array([0, 0, 0, 1, 1, 1])
    q = np.array([1.98, 0.1])
    for n_probes, k in ((1, 1), (1, 2), (2, 2), (1, 5), (2, 9)):
        yield q, X, centers, cells, n_probes, k
    yield q, X, np.vstack([[[2.0, 0.0]], centers]), cells + 1, 1, 3  # the nearest cell is empty
    rng = np.random.default_rng(0)
    for case in range(40):
        n, d, n_cells = 8 + 3 * case, 2 + case % 3, 3 + case % 5
        X, centers = rng.normal(size=(n, d)), rng.normal(size=(n_cells, d))
        cells = euclidean(X, centers).argmin(axis=1)
        n_probes = n_cells if case % 4 == 3 else 1 + case % 3
        yield rng.normal(size=d), X, centers, cells, n_probes, 1 + case % 6


def _searched(q, X, centers, cells, n_probes, k):
    probes = nearest_cells([q], centers, n_probes)[0]
    near = np.flatnonzero(np.isin(cells, probes))
    return near[best_of(-euclidean([q], X[near])[0], k)]


def _in_all(q, X, centers, cells, n_probes, k):
    return best_of(-euclidean([q], X)[0], k)


def _in_farthest(q, X, centers, cells, n_probes, k):
    far = best_of(euclidean([q], centers)[0], n_probes)
    near = np.flatnonzero(np.isin(cells, far))
    return near[best_of(-euclidean([q], X[near])[0], k)]


def _positions(q, X, centers, cells, n_probes, k):
    probes = nearest_cells([q], centers, n_probes)[0]
    near = np.flatnonzero(np.isin(cells, probes))
    return best_of(-euclidean([q], X[near])[0], k)


ivf_search = Function(
    title="Look into a few cells",
    task="""
Write `ivf_search(q, X, centers, cells, n_probes, k)`, the search of an inverted file by distance.

- `q` is the query, shape `(d,)`; `X` holds the items, shape `(n, d)`;
- `centers` has shape `(n_cells, d)`; `cells[j]` is the number of the cell item `j` is in.

Look only into the `n_probes` cells whose centres are nearest to `q`. Return the row numbers in `X`
of the `k` nearest items found there, nearest first; fewer, if there are fewer. A cell may be empty.
""",
    starter='''
def ivf_search(q, X, centers, cells, n_probes, k):
    """Row numbers of the k nearest items in the n_probes nearest cells."""
    ...
''',
    cases=_cell_cases,
    expected=_searched,
    mistakes=[
        Mistake(
            "everything",
            lambda seen, want, *args: np.array_equal(seen, _in_all(*args)),
            "That is exact search: items outside the probed cells have no chance to be seen.",
        ),
        Mistake(
            "one_probe",
            lambda seen, want, q, X, centers, cells, n_probes, k: (
                n_probes > 1 and np.array_equal(seen, _searched(q, X, centers, cells, 1, k))
            ),
            "Only the nearest cell was opened. n_probes says how many.",
        ),
        Mistake(
            "positions",
            lambda seen, want, *args: np.array_equal(seen, _positions(*args)),
            "These are positions among the items that were looked at. Keep their row numbers, and "
            "look them up at the end.",
        ),
        Mistake(
            "farthest_cells",
            lambda seen, want, *args: np.array_equal(seen, _in_farthest(*args)),
            "You opened the cells farthest from the query: a small distance is a near centre.",
        ),
        Mistake(
            "farthest_items",
            lambda seen, want, q, X, centers, cells, n_probes, k: np.array_equal(
                seen, _searched(q, X, centers, cells, n_probes, len(X))[::-1][: len(want)]
            ),
            "Nearest first: sort the distances upwards.",
        ),
        Mistake(
            "not_cut",
            lambda seen, want, q, X, centers, cells, n_probes, k: np.array_equal(
                seen, _searched(q, X, centers, cells, n_probes, len(X))
            ),
            "All items of the probed cells came back. Stop after k.",
        ),
    ],
    properties=[
        Property(
            "all_cells_exact",
            "with all cells opened the search is exact",
            lambda search, q, X, centers, cells, n_probes, k: np.array_equal(
                search(q, X, centers, cells, len(centers), k),
                _in_all(q, X, centers, cells, n_probes, k),
            ),
            "n_probes may be as large as the number of cells.",
        ),
    ],
    hints=[
        "First the cells: np.argsort of the distances from q to the centres, the first n_probes.",
        "np.flatnonzero(np.isin(cells, probes)) are the rows of X to look at.",
        "Sort those rows by their distance to q, and give back rows, not positions.",
    ],
    why_it_matters=(
        "This is the loop inside the most used kind of vector index. Its two dials, the number "
        "of cells and the number of probes, are the first you will be asked to set."
    ),
)

# --- 6 ------------------------------------------------------------------------------------------


def _split(q, left, right):
    """(distances from q to the centres, nearest distance on the left, and on the right)."""
    centers = np.array([left.mean(axis=0), right.mean(axis=0)])
    to_centers = euclidean([q], centers)[0]
    return to_centers, *(euclidean([q], side)[0].min() for side in (left, right))


def _clearly_less(a, b):
    return a < b - 1e-9 * max(1.0, abs(b))


def _stable(q, left, right):
    centers = np.array([left.mean(axis=0), right.mean(axis=0)])
    own, other = euclidean(left, centers).T
    other_r, own_r = euclidean(right, centers).T
    return bool((own < other).all() and (own_r < other_r).all())


def _opened_and_closed(q, left, right):
    (to_left, to_right), near_left, near_right = _split(q, left, right)
    return (near_left, near_right) if to_left < to_right else (near_right, near_left)


def _what_is_found(q, left, right):
    (to_left, to_right), near_left, near_right = _split(q, left, right)
    return (
        f"left:  centre {to_left:.3f} away, nearest film {near_left:.3f}\n"
        f"right: centre {to_right:.3f} away, nearest film {near_right:.3f}"
    )


hide_the_nearest = Search(
    title="Break it: hide the nearest film",
    task="""
Six films in the plane lie in two cells, three `left` and three `right`. Place them, and a query
`q`, so that a search with **one probe** goes wrong badly: the nearest film of all is in the cell
that stays closed, and the best film in the open cell is **at least three times as far away**.

The cells must be such as k-means leaves them: a centre is the mean of its three films, and each
film is nearer to its own centre than to the other.
""",
    starter="""
q = (..., ...)
left = [(..., ...), (..., ...), (..., ...)]
right = [(..., ...), (..., ...), (..., ...)]
answer = (q, left, right)
""",
    parts={"q": (2,), "left": (3, 2), "right": (3, 2)},
    says=_what_is_found,
    mistakes=[
        Mistake(
            "not_k_means",
            lambda q, left, right: not _stable(q, left, right),
            "A film is nearer to the other centre than to its own; k-means would move it over. "
            "Move it, or its two companions.",
        ),
        Mistake(
            "undecided",
            lambda q, left, right: bool(
                abs(np.subtract(*_split(q, left, right)[0]))
                < 1e-9 * (1 + max(_split(q, left, right)[0]))
            ),
            "Both centres are equally far from the query: it must be clear which cell is opened.",
        ),
        Mistake(
            "found_it",
            lambda q, left, right: not _clearly_less(*_opened_and_closed(q, left, right)[::-1]),
            "The nearest film is in the open cell, and is found. It should stand just beyond the "
            "border, and the query just before it.",
        ),
        Mistake(
            "not_badly",
            lambda q, left, right: (
                _opened_and_closed(q, left, right)[0]
                < 3 * _opened_and_closed(q, left, right)[1] - 1e-9
            ),
            "The nearest film is missed, well done. But the one that is found is nearly as near: "
            "move the films of the open cell away from the border.",
        ),
    ],
    hints=[
        "The border between two cells is the line half way between their centres.",
        "One film of a cell can stand near the border if its two companions hold the centre back.",
        "Put the films of the open cell far behind their border, and the query close before it.",
    ],
    why_it_matters=(
        "Nothing in the answer tells you that it is wrong: one probe returns a film, with a "
        "score, in good order. Only a comparison with exact search on a sample of queries shows "
        "what was missed. And in many dimensions most queries stand near a border."
    ),
)

# --- 7 ------------------------------------------------------------------------------------------

PLACES = np.array([[0, 0], [1, 0], [2, 0], [0, 1], [1, 2], [3, 2], [4, 1], [4, 0]], dtype=float)
LINKS = [[1, 3], [0, 2], [1], [0, 4], [3, 5], [4, 6], [5, 7], [6]]


def _ends_at(q, ef):
    found, _ = beam_search(lambda nodes: -euclidean([q], PLACES[nodes])[0], LINKS, [0], ef)
    return found[0][1]


def _goal(q):
    return int(euclidean([q], PLACES)[0].argmin())


def _where_it_ends(q, ef):
    width = int(np.clip(round(float(ef)), 1, 99))
    return (
        f"nearest film: {_goal(q)}\n"
        f"beam 1 ends at film {_ends_at(q, 1)}, beam {width} at film {_ends_at(q, width)}"
    )


def _whole(ef):
    return float(ef).is_integer() and 1 <= ef <= 99


lead_astray = Search(
    title="Break it: lead the walk astray",
    task="""
Eight films and their links:

    places = [(0, 0), (1, 0), (2, 0), (0, 1), (1, 2), (3, 2), (4, 1), (4, 0)]
    links = [[1, 3], [0, 2], [1], [0, 4], [3, 5], [4, 6], [5, 7], [6]]

Draw them. Every walk is a `beam_search` from film 0, and near means near in distance. Find a query
`q` for which the greedy walk, `ef=1`, ends at a film that is not the nearest. Then say how wide the
beam has to be: `ef` is the smallest width with which the walk finds the nearest film.
""",
    starter="""
q = (..., ...)
ef = ...
answer = (q, ef)
""",
    parts={"q": (2,), "ef": ()},
    says=_where_it_ends,
    mistakes=[
        Mistake(
            "not_a_width",
            lambda q, ef: not _whole(ef),
            "ef counts the ways kept open: a whole number from 1.",
        ),
        Mistake(
            "arrives",
            lambda q, ef: _ends_at(q, 1) == _goal(q),
            "The greedy walk arrives. Look for a film whose only links lead away from the query.",
        ),
        Mistake(
            "too_narrow",
            lambda q, ef: _ends_at(q, int(ef)) != _goal(q),
            "The greedy walk is lost, well done. But this beam is lost too: it has to be wider.",
        ),
        Mistake(
            "too_wide",
            lambda q, ef: any(_ends_at(q, width) == _goal(q) for width in range(1, int(ef))),
            "The walk is lost and found again. But a narrower beam would do: try each from 2.",
        ),
    ],
    hints=[
        "Film 2 is at the end of a blind alley. Which queries lure the walk into it?",
        "Put the query near film 7, on the far side of the gap.",
        "A beam of width ef stops once its worst film is nearer than every way still open. To "
        "leave the alley it must hold films 2, 1 and 0, and then film 3.",
    ],
    why_it_matters=(
        "A greedy walk never steps back, so a gap in the map is a wall. A wider beam buys the way "
        "round it with comparisons, and a long link jumps over it. Real indexes use both."
    ),
)

EXERCISES = [
    how_many_cells,
    top_k,
    lift,
    enough_tables,
    ivf_search,
    hide_the_nearest,
    lead_astray,
]
