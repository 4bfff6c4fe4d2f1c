"""The exercises of "Scoring": from a shelf by hand to two ways of breaking what should help."""

import numpy as np

from recsys_lab import scoring
from recsys_lab.exercises import Function, Mistake, Property, Search, Value

# --- 1 ------------------------------------------------------------------------------------------

_CLICKS = np.array([120, 90, 80, 70])  # of 1,000 views each, at places 1 to 4


def _read_the_shelf():
    chance = scoring.ips_ctr(_CLICKS, 1_000, np.arange(1, 5), eta=1)
    return [_CLICKS.argmax() + 1, chance.argmax() + 1, chance.max(), chance[0]]


by_hand = Value(
    title="Read the shelf, then read it again",
    task="""
Four films stood on a shelf and were shown 1,000 times each. The film at place 1 was clicked 120
times, the one at place 2 90 times, at place 3 80 times, at place 4 70 times. Eyes tire with
$\\eta = 1$: the second place is looked at by half of the visitors, the third by a third, the fourth
by a quarter. Work out

- `first_by_clicks`: the place (1 to 4) of the film that comes first if clicks are counted as they
  come,
- `first_by_looks`: the place of the film that comes first if clicks are divided by looks,
- `its_chance`: the chance that visitors click *that* film once they look at it,
- `top_chance`: the same chance for the film at place 1.
""",
    starter="""
answer = {
    "first_by_clicks": ...,
    "first_by_looks": ...,
    "its_chance": ...,
    "top_chance": ...,
}
""",
    names=["first_by_clicks", "first_by_looks", "its_chance", "top_chance"],
    expected=_read_the_shelf,
    mistakes=[
        Mistake(
            "from_zero",
            lambda seen, want: seen["first_by_clicks"] == 0,
            "Places are counted from 1 here: the uppermost is place 1.",
        ),
        Mistake(
            "clicks_not_rate",
            lambda seen, want: seen["its_chance"] > 1 or seen["top_chance"] > 1,
            "A chance lies between 0 and 1: divide by the 1,000 views too.",
        ),
        Mistake(
            "times_looks",
            lambda seen, want: abs(seen["its_chance"] - 0.070 / 4) < 1e-3,
            "You multiplied by the looks, which hides the film twice. Divide by them.",
        ),
        Mistake(
            "click_rate",
            lambda seen, want: abs(seen["its_chance"] - 0.070) < 1e-3,
            "That is the click rate of all who were shown the shelf. Only a quarter of them looked "
            "at place 4.",
        ),
        Mistake(
            "same_winner",
            lambda seen, want: seen["first_by_looks"] == want["first_by_clicks"],
            "Divide each of the four by the share that looked at its place, and compare again.",
        ),
    ],
    hints=[
        "1,000 views at place 3 are about 333 looks. How many of those clicked?",
        "A click at place k counts k: the four films have 120, 180, 240 and 280 such clicks.",
        "Divide by the 1,000 views, not by the looks once more.",
    ],
    why_it_matters=(
        "The same log has two readings, and they are each other's reverse. The film that most "
        "people would click is the one that a click counter would take off the programme."
    ),
)

# --- 2 ------------------------------------------------------------------------------------------


def _session_by_adding(p, minutes, stay):
    """The evening, clip after clip, until the next hardly counts."""
    if stay == 1:
        return np.inf if p * minutes > 0 else 0.0
    total, reached = 0.0, 1.0
    while reached > 1e-15:
        total += reached * p * minutes
        reached *= stay
    return total


def _evenings():
    yield 0.24, 7.0, 0.66  # the kelp
    yield 0.06, 70.0, 0.1
    yield 0.5, 10.0, 0.0
    yield 0.2, 5.0, 1.0  # never goes home
    yield 0.0, 5.0, 1.0  # never comes
    rng = np.random.default_rng(3)
    for _ in range(20):
        yield (
            float(rng.uniform(0, 1)),
            float(rng.uniform(0, 60)),
            float(rng.choice([rng.uniform(0, 0.95), 1.0], p=[0.9, 0.1])),
        )


evening = Function(
    title="What the bar wants to know",
    task="""
Write `session_minutes(p, minutes, stay)`: the minutes expected of an evening on which clips of one
kind are shown until the visitor leaves. Each clip is clicked with chance `p` and then watched for
`minutes`; with chance `stay` the visitor is still there for the next. All three are numbers.

Two evenings need care. With `stay = 1` nobody ever goes home: the answer is `np.inf` if there is
anything to watch, and 0 if there is nothing.

The kelp, `session_minutes(0.24, 7, 0.66)`, is worth 4.941 minutes.
""",
    starter='''
def session_minutes(p, minutes, stay):
    """Expected minutes of an evening of clips of one kind."""
    ...
''',
    cases=_evenings,
    expected=_session_by_adding,
    mistakes=[
        Mistake(
            "one_showing",
            lambda seen, want, p, minutes, stay: stay > 0 and np.isclose(seen, p * minutes),
            "That is the first clip alone. The second is reached with chance `stay`, the third "
            "with chance `stay` squared; add them all.",
        ),
        Mistake(
            "multiplied",
            lambda seen, want, p, minutes, stay: (
                0 < stay < 1 and np.isclose(seen, p * minutes * (1 - stay))
            ),
            "Whoever stays longer watches more, and here it gets less: divide by 1 − stay.",
        ),
        Mistake(
            "divided_by_stay",
            lambda seen, want, p, minutes, stay: stay > 0 and np.isclose(seen, p * minutes / stay),
            "The sum 1 + c + c² + … is 1 / (1 − c), not 1 / c.",
        ),
        Mistake(
            "two_clips",
            lambda seen, want, p, minutes, stay: (
                0 < stay < 1 and np.isclose(seen, p * minutes * (1 + stay))
            ),
            "You stopped after the second clip. The evening may go on.",
        ),
        Mistake(
            "only_if_clicked",
            lambda seen, want, p, minutes, stay: (
                0 < stay < 1 and np.isclose(seen, p * minutes / (1 - stay * p))
            ),
            "`stay` is already the chance to be there for the next clip, clicked or not: it is not "
            "multiplied by p once more.",
        ),
    ],
    properties=[
        Property(
            "twice_as_long",
            "clips twice as long make the evening twice as long",
            lambda f, p, minutes, stay: np.isclose(
                f(p, 2 * minutes, stay), 2 * f(p, minutes, stay)
            ),
            "The minutes of a clip multiply every term of the sum.",
        ),
    ],
    hints=[
        "Write down the first three terms: p·w, c·p·w, c²·p·w.",
        "1 + c + c² + … = 1 / (1 − c) as long as c is below 1.",
        "Deal with stay == 1 before you divide; in Python 1 / 0 is an error.",
    ],
    why_it_matters=(
        "One more number, c, and another clip wins: 4.94 minutes against 4.67. It is also the "
        "number that is hardest to know, and a wrong one is not noticed on the next click."
    ),
)

# --- 3 ------------------------------------------------------------------------------------------


def _shelves():
    five = np.array([5, 4, 3, 2, 1])
    yield np.array([60, 70, 83, 100, 150]), np.full(5, 1_000), five, 1.0, np.inf
    yield np.array([60, 70, 83, 100, 150]), np.full(5, 1_000), five, 1.0, 2.0
    yield np.array([3, 4]), np.array([10, 10]), np.array([1, 9]), 0.0, np.inf
    yield np.array([1, 0]), np.array([2, 0]), np.array([1, 3]), 1.0, np.inf  # never shown
    yield np.array([5]), np.array([50]), np.array([4]), 0.5, 1.5
    rng = np.random.default_rng(5)
    for case in range(25):
        n = 2 + case // 4
        impressions = rng.integers(1, 400, n)
        yield (
            rng.binomial(impressions, rng.uniform(0, 0.3, n)),
            impressions,
            rng.integers(1, 11, n),
            float(rng.choice([0.5, 0.7, 1.0, 1.5])),
            float(rng.choice([np.inf, 1.5, 3.0])),
        )


def _weighed(weight):
    """A mistake of the weight: does the answer equal clicks · weight / impressions?"""

    def fits(seen, want, clicks, impressions, position, eta, clip):
        rate = clicks / np.maximum(impressions, 1)
        return np.allclose(seen, rate * weight(position.astype(float), eta, clip))

    return fits


def _unbiased(ips, clicks, impressions, position, eta, clip):
    """Clicks as they are expected give back the chances, where nothing is clipped."""
    if not np.all(impressions > 0):
        return True
    r = np.linspace(0.9, 0.1, len(clicks))
    expected_clicks = impressions * r * scoring.examination(position, eta)
    return np.allclose(ips(expected_clicks, impressions, position, eta, np.inf), r)


divide = Function(
    title="Divide the shelf out",
    task="""
Write `ips_ctr(clicks, impressions, position, eta, clip)`. The first three are arrays, one entry a
film: how often it was clicked, how often shown, and at which place (from 1) it stood. A place $k$
is looked at with chance $k^{-\\eta}$. Return, for each film, the estimated chance of a click once
it is looked at:

- a click counts one divided by the chance that its place is looked at,
- but never more than `clip` (which is `np.inf` where there is no limit),
- and a film that was never shown gets 0, not NaN.
""",
    starter='''
def ips_ctr(clicks, impressions, position, eta, clip):
    """Chance of a click once looked at, for each film."""
    ...
''',
    cases=_shelves,
    expected=scoring.ips_ctr,
    mistakes=[
        Mistake(
            "as_they_come",
            _weighed(lambda k, eta, clip: 1.0),
            "These are plain click rates: let a click further down count more.",
        ),
        Mistake(
            "times_looks",
            _weighed(lambda k, eta, clip: k**-eta),
            "You multiplied by the chance to be looked at. A click that few could make must count "
            "more, not less.",
        ),
        Mistake(
            "no_clip",
            lambda seen, want, clicks, impressions, position, eta, clip: (
                np.isfinite(clip)
                and _weighed(lambda k, eta, clip: k**eta)(
                    seen, want, clicks, impressions, position, eta, clip
                )
            ),
            "The limit has no effect. It is the weight of one click that must not exceed `clip`, "
            "not the result: np.minimum(weight, clip).",
        ),
        Mistake(
            "clip_as_floor",
            _weighed(lambda k, eta, clip: np.maximum(k**eta, clip)),
            "With np.maximum every click counts at least `clip`. A limit from above is np.minimum.",
        ),
        Mistake(
            "from_zero",
            _weighed(lambda k, eta, clip: np.minimum((k + 1) ** eta, clip)),
            "The places start at 1 already, so nothing is to be added to them.",
        ),
    ],
    properties=[
        Property(
            "unbiased",
            "expected clicks, impressions · r · looks, give back r where nothing is clipped",
            _unbiased,
            "Put r · k^(−η) clicks a view into your function and see what becomes of r.",
        ),
    ],
    hints=[
        "weight = position**eta is one divided by the chance to be looked at.",
        "Limit the weight first, with np.minimum; then clicks · weight / impressions.",
        "For films never shown, divide by 1 instead of 0: np.where(impressions > 0, impressions, "
        "1). Whole numbers to a negative power are an error in NumPy; 1.0 * position helps.",
    ],
    why_it_matters=(
        "In the Harbour Cinema this one division moved the film click rates from 0.35 off to 0.05 "
        "off. The clip is the part to be careful with: it takes away from the films at the bottom."
    ),
)

# --- 4 ------------------------------------------------------------------------------------------


def _by_log_odds(p, kept):
    p = np.asarray(p, dtype=float)
    with np.errstate(divide="ignore"):
        return scoring.sigmoid(np.log(p) - np.log1p(-p) + np.log(kept))


def _samples():
    yield np.array([0.5]), 0.1
    yield np.array([0.0, 0.25, 1.0]), 0.5
    yield np.array([0.1, 0.6]), 1.0
    rng = np.random.default_rng(4)
    for case in range(20):
        yield rng.uniform(0, 1, 1 + case // 4), float(rng.uniform(0.01, 0.9))


def _sampled(p, kept):
    return p / (p + kept * (1 - p))


undo = Function(
    title="Undo the sampling",
    task="""
To train faster, all clicks were kept and only the share `kept` of the showings without a click.
The model is right about the rows it was given. Write `undo_downsampling(p, kept)`, which turns its
probabilities, an array, into those of all rows.

It must also work for 0 and for 1. Where the model says 0.5 and a tenth was kept, the truth is
.0909.
""",
    starter='''
def undo_downsampling(p, kept):
    """Probabilities of all rows, from those of a log with few no-clicks."""
    ...
''',
    cases=_samples,
    expected=_by_log_odds,
    mistakes=[
        Mistake(
            "times_share",
            lambda seen, want, p, kept: np.allclose(seen, p * kept),
            "Multiplying is nearly right for small p only: 1 would become `kept`. It is the odds, "
            "p / (1 − p), that shrink by that factor.",
        ),
        Mistake(
            "wrong_way",
            lambda seen, want, p, kept: kept < 1 and np.allclose(seen, _sampled(p, kept)),
            "That does the sampling once more: with fewer no-clicks the model says too much, so "
            "the truth must come out smaller.",
        ),
        Mistake(
            "odds",
            lambda seen, want, p, kept: np.all(p < 1) and np.allclose(seen, kept * p / (1 - p)),
            "These are the odds. A probability is odds / (1 + odds).",
        ),
        Mistake(
            "no_clicks_shrunk",
            lambda seen, want, p, kept: np.allclose(seen, 1 - (1 - p) / kept),
            "Each kept no-click stands for 1 / kept of them, which is right; but then the two "
            "parts no longer add up to one. Divide by their sum.",
        ),
    ],
    properties=[
        Property(
            "nothing_left_out",
            "with kept = 1 nothing changes",
            lambda f, p, kept: np.allclose(f(p, 1.0), p),
            "If all rows were kept, there is nothing to undo.",
        ),
        Property(
            "round_trip",
            "sampling and undoing it gives the probability back",
            lambda f, p, kept: np.allclose(f(_sampled(p, kept), kept), p),
            "Of a row with chance p, p clicks and kept · (1 − p) no-clicks were left.",
        ),
        Property(
            "same_order",
            "the order of the probabilities stays",
            lambda f, p, kept: np.array_equal(np.argsort(f(p, kept)), np.argsort(p)),
            "The correction is a rising curve.",
        ),
    ],
    hints=[
        "Take 11 rows that the model calls 0.5 … how many of them were clicks, and how many "
        "no-clicks were there before the sampling?",
        "p clicks stand beside (1 − p) / kept no-clicks.",
        "The share of the clicks in both together is the answer.",
    ],
    why_it_matters=(
        "It is one line, and forgetting it multiplies every small probability by ten. The order "
        "stays, so no ranking metric notices; the invoice does."
    ),
)

# --- 5 ------------------------------------------------------------------------------------------


def _values(p, price, kept):
    says = _sampled(p, kept)
    return p * price, says * price, says


def _invoice(p, price, kept):
    true, says, model = _values(p, price, kept)
    return "\n".join(
        f"advert {name}: true chance {p[j]:.3f}, model {model[j]:.3f}, price {price[j]:g}; "
        f"chance × price {true[j]:.3f}, model × price {says[j]:.3f}"
        for j, name in enumerate("AB")
    )


other_winner = Search(
    title="Break it: the same order, the other winner",
    task="""
A model was trained on all clicks and on a share of the no-clicks, and nobody undid it. Find two
adverts that it keeps in the right order by chance of a click, and in the wrong order by
*chance × price*. Hand in

- `p`: their two true chances,
- `price`: what the house earns a click of each,
- `kept`: the share of the no-clicks that was kept.

The model says $p / (p + \\texttt{kept}\\,(1 - p))$. Let the wrong choice cost at least 10 % of
what the better advert would earn.
""",
    starter="""
p = (..., ...)
price = (..., ...)
kept = ...
answer = (p, price, kept)
""",
    parts={"p": (2,), "price": (2,), "kept": ()},
    says=_invoice,
    mistakes=[
        Mistake(
            "no_chances",
            lambda p, price, kept: not np.all((p > 0) & (p < 1)),
            "The two chances must lie between 0 and 1, and be neither.",
        ),
        Mistake(
            "no_price",
            lambda p, price, kept: not np.all(price > 0),
            "Both prices must be above 0.",
        ),
        Mistake(
            "no_share",
            lambda p, price, kept: not 0 < kept <= 1,
            "kept is a share: above 0, and 1 at most.",
        ),
        Mistake(
            "all_kept",
            lambda p, price, kept: kept > 0.999,
            "If all no-clicks are kept, the model is right and cannot be caught. Keep fewer.",
        ),
        Mistake(
            "same_chance",
            lambda p, price, kept: abs(p[0] - p[1]) < 1e-4,
            "With equal chances the price alone decides, for truth and model alike. Make the "
            "chances differ.",
        ),
        Mistake(
            "same_choice",
            lambda p, price, kept: (
                _values(p, price, kept)[0].argmax() == _values(p, price, kept)[1].argmax()
            ),
            "Truth and model put the same advert first. The sampling lifts the small chance by the "
            "larger factor: so let the advert with the *large* chance be the better one, narrowly, "
            "and give the other a price that is only just too low.",
        ),
        Mistake(
            "too_cheap",
            lambda p, price, kept: (
                _values(p, price, kept)[0].min() > 0.9001 * _values(p, price, kept)[0].max()
            ),
            "They change places, well done. But it costs less than 10 %: lower the price of the "
            "advert that the model wrongly prefers, or keep fewer no-clicks.",
        ),
    ],
    hints=[
        "By what factor does the model exaggerate a chance of .01, and by what factor one of .5, "
        "when a tenth was kept?",
        "Small chances grow nearly tenfold, large ones hardly. So the model loves the rare click "
        "with the high price.",
        "Take the chances 0.5 and 0.1, choose prices with which the first earns 20 % more, and "
        "look at the model's two products.",
    ],
    why_it_matters=(
        "Ten per cent at every showing, and every measure of order that looks at clicks alone says "
        "that the model is perfect."
    ),
)

# --- 6 ------------------------------------------------------------------------------------------


def _rows_of_outcomes():
    for row in ([1.0], [0, 1], [1, 0], [0, 1, 0, 0, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1]):
        yield (np.array(row, dtype=float),)
    yield (np.array([1, 0, 1, 0, 1, 0], dtype=float),)
    yield (np.array([0.2, 0.9, 0.1, 0.5, 0.4, 0.3]),)
    rng = np.random.default_rng(7)
    for case in range(25):
        n = 3 + 2 * case
        yield ((rng.random(n) < np.linspace(0.1, 0.9, n)).astype(float),)


def _melted(clicked):
    return scoring.isotonic(np.arange(len(clicked)), clicked)[1]


def _melt_once(clicked):
    """Neighbours that fall are melted in one walk, without looking back."""
    heights = clicked.copy()
    for j in range(len(heights) - 1):
        if heights[j] > heights[j + 1]:
            heights[j : j + 2] = heights[j : j + 2].mean()
    return heights


def _melt_unweighted(clicked):
    """Blocks are melted into the plain mean of their two means."""
    blocks = []
    for value in clicked:
        blocks.append([value, 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            last, count = blocks.pop()
            blocks[-1] = [(blocks[-1][0] + last) / 2, blocks[-1][1] + count]
    return np.repeat([mean for mean, _ in blocks], [count for _, count in blocks])


melt = Function(
    title="Melt what falls",
    task="""
Write `isotonic_heights(clicked)`. It gets outcomes in the order of their scores, the lowest score
first, and returns as many numbers: the row that never falls and is nearest to the outcomes in
squared error.

Walk up. As long as the last block is not below the new one, melt both into the mean of *all* their
outcomes. `[0, 1, 0, 0, 1, 1]` becomes `[0, 1/3, 1/3, 1/3, 1, 1]`.
""",
    starter='''
def isotonic_heights(clicked):
    """The row nearest to clicked that never falls."""
    ...
''',
    cases=_rows_of_outcomes,
    expected=_melted,
    mistakes=[
        Mistake(
            "sorted",
            lambda seen, want, clicked: np.allclose(seen, np.sort(clicked)),
            "Sorting also gives a row that never falls, but it moves outcomes to other scores. "
            "Means stay where they are.",
        ),
        Mistake(
            "highest_so_far",
            lambda seen, want, clicked: np.allclose(seen, np.maximum.accumulate(clicked)),
            "The highest so far never falls, but one early click lifts all that follow. Melt into "
            "a mean instead.",
        ),
        Mistake(
            "running_mean",
            lambda seen, want, clicked: np.allclose(
                seen, np.cumsum(clicked) / np.arange(1, len(clicked) + 1)
            ),
            "A running mean mixes everything before, and it may fall. Melt only where a block is "
            "not below the next.",
        ),
        Mistake(
            "unweighted",
            lambda seen, want, clicked: np.allclose(seen, _melt_unweighted(clicked)),
            "A block of three counts three: keep its size, and take the mean of all outcomes in "
            "both blocks.",
        ),
        Mistake(
            "no_look_back",
            lambda seen, want, clicked: np.allclose(seen, _melt_once(clicked)),
            "A melted block may now lie below the one before it: look back, and melt again, until "
            "nothing falls.",
        ),
        Mistake(
            "mirrored",
            lambda seen, want, clicked: np.allclose(seen, 1 - _melted(1 - clicked[::-1])),
            "This is the curve of the row read backwards. The first outcome has the lowest score.",
        ),
    ],
    properties=[
        Property(
            "same_sum",
            "the heights add up to the clicks",
            lambda f, clicked: np.isclose(np.sum(f(clicked)), clicked.sum()),
            "Melting into a mean keeps the sum.",
        ),
        Property(
            "again",
            "doing it twice changes nothing more",
            lambda f, clicked: np.allclose(f(np.array(f(clicked), dtype=float)), f(clicked)),
            "A row that never falls is its own nearest.",
        ),
    ],
    hints=[
        "Keep a list of blocks, each with its mean and its size.",
        "Put the new outcome on the list as a block of one. While the block before it is not below "
        "it, pop both and push one with the common mean.",
        "The common mean of (a, n) and (b, m) is (a·n + b·m) / (n + m). np.repeat(means, sizes) "
        "spreads the blocks out again.",
    ],
    why_it_matters=(
        "Ten lines turn any score that sorts well into a probability that may be multiplied. And "
        "the blocks tell you honestly where the score cannot tell items apart."
    ),
)

# --- 7 ------------------------------------------------------------------------------------------


def _corrected(r, believed):
    place = np.arange(1, 4)
    return r * scoring.examination(place, 1) / place ** -np.clip(believed, -50, 50)


def _two_orders(r, believed):
    looked = r * scoring.examination(np.arange(1, 4), 1)
    return (
        f"truth:            {', '.join(f'{x:.3f}' for x in r)}\n"
        f"clicks a view:    {', '.join(f'{x:.3f}' for x in looked)}\n"
        f"after correction: {', '.join(f'{x:.3f}' for x in _corrected(r, believed))}"
    )


too_much = Search(
    title="Break it: a correction that harms",
    task="""
Three films stand at places 1, 2 and 3, and by luck in the right order: the best one on top. Eyes
tire with $\\eta = 1$, but you believe in another $\\eta$. Find three chances $r$ of a click once
looked at, in falling order, and a believed $\\eta$ from 0 to 2, so that

- clicks counted as they come give the right order,
- and clicks divided by the looks that you believe in put the film from the *bottom* on top.

Take as many visitors as you like: expected clicks count. Let the winner win clearly, by at least
1 % of its number.
""",
    starter="""
r = (..., ..., ...)
believed = ...
answer = (r, believed)
""",
    parts={"r": (3,), "believed": ()},
    says=_two_orders,
    mistakes=[
        Mistake(
            "no_chances",
            lambda r, believed: not np.all((r > 0) & (r <= 1)),
            "The three chances must be above 0 and at most 1.",
        ),
        Mistake(
            "not_falling",
            lambda r, believed: not np.all(np.diff(r) < -1e-6),
            "The best film stands on top here: r must fall from place to place.",
        ),
        Mistake(
            "no_eta",
            lambda r, believed: not 0 <= believed <= 2,
            "Believe in an η from 0 to 2.",
        ),
        Mistake(
            "too_little",
            lambda r, believed: believed <= 1,
            "With a believed η up to the true one, each place is corrected by too little or by "
            "just enough, and the film on top stays there. Which error helps the bottom?",
        ),
        Mistake(
            "second_wins",
            lambda r, believed: np.argmax(_corrected(r, believed)) == 1,
            "The correction does harm, but it is the film in the middle that wins. Bring the third "
            "nearer to the second.",
        ),
        Mistake(
            "top_stays",
            lambda r, believed: (
                _corrected(r, believed)[2] <= 1.01 * np.max(_corrected(r, believed)[:2])
            ),
            "The bottom film does not win, or not clearly. Its chance is multiplied by 3^(η − 1): "
            "make the films more alike, or believe in more.",
        ),
    ],
    hints=[
        "Work out what a wrong belief does: the estimate is r · k^(believed − 1).",
        "Above 1, that factor is larger further down.",
        "Chances that hardly differ are turned round by a small error.",
    ],
    why_it_matters=(
        "No number of visitors would have shown it: the estimate is certain and wrong. Measure η "
        "with films that change places, before you divide by it."
    ),
)

EXERCISES = [by_hand, evening, divide, undo, other_winner, melt, too_much]
