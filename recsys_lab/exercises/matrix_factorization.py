"""The exercises of "Matrix factorization": from a budget by hand to a perfect, useless fit."""

import numpy as np

from recsys_lab.data import Interactions
from recsys_lab.exercises import Function, Mistake, Property, Search, Value
from recsys_lab.factorization import als_step, gravity
from recsys_lab.factorization import fold_in as folded

# --- 1 ------------------------------------------------------------------------------------------


def _budget():
    return [float(943 * 1682 // (943 + 1682)), (10 + 10**6) * 10 / (10 * 10**6)]


break_even = Value(
    title="Does it save room?",
    task="""
A table of $m$ members and $n$ films has $mn$ entries. Its factors of length $d$ have $(m + n)d$.

- `largest`: 943 members, 1,682 films. The largest whole $d$ with which the factors are still
  fewer numbers than the table.
- `ratio`: 10 members, 1,000,000 films and $d = 10$. Numbers in the factors divided by numbers in
  the table, to five decimals. Is anything saved?
""",
    starter="""
answer = {
    "largest": ...,
    "ratio": ...,
}
""",
    names=["largest", "ratio"],
    expected=_budget,
    tolerance=2e-6,
    mistakes=[
        Mistake(
            "rounded_up",
            lambda seen, want: seen["largest"] == want["largest"] + 1,
            "Rounded up, the factors are already more numbers than the table. Round down.",
        ),
        Mistake(
            "larger_side",
            lambda seen, want: seen["largest"] in (943, 1682),
            "Neither side alone decides. Set (m + n)d equal to mn and solve for d.",
        ),
        Mistake(
            "upside_down",
            lambda seen, want: abs(seen["ratio"] * want["ratio"] - 1) < 1e-7,
            "The ratio is upside down: factors over table.",
        ),
    ],
    hints=[
        "Write (m + n)d < mn, and bring d to one side.",
        "943 · 1682 / (943 + 1682) = 604.2. For the ratio: (10 + 1,000,000) · 10 over 10,000,000.",
    ],
    why_it_matters=(
        "d must be far below min(m, n), not below one of them: with ten members, ten factors "
        "store more than the table. And no system stores the table: the rival is the list of "
        "ratings."
    ),
)

# --- 2 ------------------------------------------------------------------------------------------


def _observed(A, M):
    return Interactions(*np.nonzero(M), A[M], *A.shape)


def _half_step(A, M, V, lam, w0):
    return als_step(V, _observed(A, M), lam, w0)


def _tables():
    for seed in range(8):
        rng = np.random.default_rng(seed)
        m, n, d = 3 + seed, 4 + seed, 1 + seed % 3
        M = rng.random((m, n)) < 0.6
        M[0, 0] = True
        A = np.where(M, rng.normal(size=(m, n)), 0)
        yield A, M, rng.normal(size=(n, d)), 0.5 + 0.1 * seed, (0.0, 0.1)[seed % 2]


def _like(*changed):
    """Whether the answer is what other arguments would give."""

    def when(seen, want, A, M, V, lam, w0):
        return any(np.allclose(seen, _half_step(*change(A, M, V, lam, w0))) for change in changed)

    return when


def _gradient_is_zero(step, A, M, V, lam, w0):
    U = np.asarray(step(A, M, V, lam, w0))
    W = np.where(M, 1.0, w0)
    return np.linalg.norm((W * (U @ V.T - A)) @ V + lam * U) < 1e-8


half_step = Function(
    title="One exact half-step",
    task="""
The films are fixed. Write `als_users(A, M, V, lam, w0)`, which returns the best `U`, of shape
`(m, d)`, for the loss

$$
\\begin{aligned}
& \\sum_{M_{ij}} (A_{ij} - \\langle U_i, V_j\\rangle)^2 \\\\
& + w_0 \\sum_{\\text{not } M_{ij}} \\langle U_i, V_j\\rangle^2 \\\\
& + \\lambda \\lVert U\\rVert^2 .
\\end{aligned}
$$

`A` holds ratings, with 0 where nothing is known; `M` is `True` where something is; `V` has shape
`(n, d)`.
""",
    starter='''
def als_users(A, M, V, lam, w0):
    """The U that minimizes the weighted loss for these films, shape (m, d)."""
    ...
''',
    cases=_tables,
    expected=_half_step,
    mistakes=[
        Mistake(
            "all_alike",
            _like(lambda A, M, V, lam, w0: (A, np.ones_like(M), V, lam, w0)),
            "Every entry counts 1 here, known or not. Give the unknown ones the weight w0.",
        ),
        Mistake(
            "forgot_w0",
            lambda seen, want, A, M, V, lam, w0: (
                w0 > 0 and np.allclose(seen, _half_step(A, M, V, lam, 0.0))
            ),
            "The unknown entries are missing: they pull towards 0 with weight w0.",
        ),
        Mistake(
            "half_penalty",
            _like(
                lambda A, M, V, lam, w0: (A, M, V, lam / 2, w0),
                lambda A, M, V, lam, w0: (A, M, V, lam * 2, w0),
            ),
            "The penalty is off by a factor 2: derive both squares, and the 2 cancels.",
        ),
    ],
    properties=[
        Property(
            "gradient",
            "the gradient of the loss is zero at your U",
            _gradient_is_zero,
            "Put the derivative with respect to U_i to zero, and solve for U_i.",
        )
    ],
    hints=[
        "Each member is a problem of their own: one d × d system per row.",
        "Weigh a known entry by 1, another by w0: (Vᵀ diag(w) V + λ I) U_i = Vᵀ (w · A[i]).",
    ],
    why_it_matters=(
        "This is half of alternating least squares. The rows do not know of each other, so a "
        "hundred machines can share them; that is why it became the workhorse at scale."
    ),
)

# --- 3 ------------------------------------------------------------------------------------------


def _pairs_of_tables():
    yield np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])
    for seed in range(4):
        rng = np.random.default_rng(seed)
        yield rng.normal(size=(5 + seed, 3)), rng.normal(size=(8, 3))
    rng = np.random.default_rng(9)
    yield rng.normal(size=(20_000, 32)), rng.normal(size=(20_000, 32))


heavy = Function(
    title="Four hundred million squares",
    task="""
Write `gravity(U, V)`, the sum of $\\langle U_i, V_j\\rangle^2$ over *all* pairs of a member and a
film. The last test has 20,000 of each: the table $UV^\\top$ alone would take 3.2 GB. Do not make
it.
""",
    starter='''
def gravity(U, V):
    """Σ_i Σ_j ⟨U_i, V_j⟩², without forming U @ V.T."""
    ...
''',
    cases=_pairs_of_tables,
    expected=gravity,
    mistakes=[
        Mistake(
            "one_trace",
            lambda seen, want, U, V: np.isclose(seen, (U**2).sum() * (V**2).sum()),
            "That multiplies all lengths and forgets the angles. Use the d × d tables UᵀU and VᵀV.",
        ),
        Mistake(
            "not_squared",
            lambda seen, want, U, V: np.isclose(seen, U.sum(axis=0) @ V.sum(axis=0)),
            "That is the sum of the products, not of their squares.",
        ),
        Mistake(
            "root",
            lambda seen, want, U, V: np.isclose(seen, np.sqrt(want)),
            "Leave the square root out: the sum of the squares is wanted.",
        ),
    ],
    hints=[
        "Write the square as Σ_k Σ_l U_ik V_jk U_il V_jl. Which sums can go first?",
        "The sum over i makes UᵀU, the sum over j makes VᵀV. Multiply them entry by entry.",
    ],
    why_it_matters=(
        "Every pair that was not seen pulls on the model, and it costs (m + n)d² operations "
        "instead of mnd. Without this, weighted factorization would not fit a real catalogue."
    ),
)

# --- 4 ------------------------------------------------------------------------------------------


def _newcomers():
    for seed in range(6):
        rng = np.random.default_rng(seed)
        V = rng.normal(size=(9, 1 + seed % 3))
        items = rng.permutation(9)[: (2, 1, 4, 0, 9, 3)[seed]]
        yield items, rng.normal(size=len(items)), V, 0.3 + 0.2 * seed


newcomer = Function(
    title="The newcomer",
    task="""
Gil joins the Harbour Cinema and rates a few films. Write `fold_in(items, values, V, lam)`: given
the row numbers of those films, the ratings, the films' factors `V` of shape `(n, d)` and the
penalty, return Gil's vector, of shape `(d,)`. Somebody without ratings gets zeros.
""",
    starter='''
def fold_in(items, values, V, lam):
    """The ridge regression of one newcomer, shape (d,)."""
    ...
''',
    cases=_newcomers,
    expected=lambda items, values, V, lam: folded(V, items, values, lam),
    mistakes=[
        Mistake(
            "no_penalty",
            lambda seen, want, items, values, V, lam: np.allclose(
                seen, np.linalg.lstsq(V[items], values, rcond=None)[0]
            ),
            "The penalty is missing: add λ to the diagonal.",
        ),
        Mistake(
            "mean",
            lambda seen, want, items, values, V, lam: np.allclose(seen, values @ V[items]),
            "That adds up the films, each times its rating. Now solve with HᵀH + λI, H = V[items].",
        ),
        Mistake(
            "everything",
            lambda seen, want, items, values, V, lam: np.allclose(
                seen, np.linalg.solve(V.T @ V + lam * np.eye(V.shape[1]), values @ V[items])
            ),
            "The system holds all films, as if Gil had rated the others 0. Take V[items] alone.",
        ),
    ],
    hints=[
        "It is one row of the half-step: only Gil moves.",
        "H = V[items]; solve (HᵀH + λI) x = Hᵀ values.",
    ],
    why_it_matters=(
        "One small system, and a stranger has recommendations, without training anything anew. "
        "It is a d × d system, so it can be solved when the stranger asks."
    ),
)

# --- 5 ------------------------------------------------------------------------------------------

_VISITS = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]], bool)


def _useless(U, V):
    S = U @ V.T
    return (
        f"largest gap on the visits: {np.abs(S - 1)[_VISITS].max():.3f}\n"
        f"largest gap to 1 on all pairs: {np.abs(S - 1).max():.3f}\n"
        f"weighted loss with w0 = 1: {((S - _VISITS) ** 2).sum():.3f}"
    )


perfect = Search(
    title="Break it: a perfect and useless model",
    task="""
Four members, four films. The first two members visited the first two films, the others the other
two: eight visits, eight ones, and nothing is known of the rest.

Find `U` and `V`, four rows of two numbers each, that

- predict every visit to within 0.01, so that the observed loss is nearly zero,
- predict 1, to within 0.01, for *all sixteen* pairs, so that nobody learns anything,
- and in which no two members have the same vector (0.1 apart at least).
""",
    starter="""
U = np.full((4, 2), np.nan)
V = np.full((4, 2), np.nan)
answer = (U, V)
""",
    parts={"U": (4, 2), "V": (4, 2)},
    says=_useless,
    mistakes=[
        Mistake(
            "not_fitted",
            lambda U, V: np.abs(U @ V.T - 1)[_VISITS].max() > 0.01,
            "Some visits are missed. Every visit should come out as 1.",
        ),
        Mistake(
            "still_useful",
            lambda U, V: np.abs(U @ V.T - 1).max() > 0.01,
            "The visits fit, but this model still tells pairs apart. Make all sixteen 1.",
        ),
        Mistake(
            "same_members",
            lambda U, V: min(np.linalg.norm(U[i] - U[j]) for i in range(4) for j in range(i)) < 0.1,
            "Useless, well done. Now let the members differ where no film can see it.",
        ),
    ],
    hints=[
        "One factor is enough for ones everywhere: all first coordinates 1.",
        "The second coordinate of the members is free wherever the films have a 0 there.",
    ],
    why_it_matters=(
        "On data that only ever says yes, the best fit says yes to everything. The observed loss "
        "cannot see it; a weight w0 on the other pairs can: here it would add eight squared gaps."
    ),
)

EXERCISES = [break_even, half_step, heavy, newcomer, perfect]
