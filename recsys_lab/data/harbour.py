"""The Harbour Cinema: an invented world in which the truth behind the ratings is known.

``harbour_tiny`` is six members and six films, for examples done by hand. ``load_harbour`` is the
whole house: 200 films (``catalogue.csv``), 800 simulated members, two years. With s(t) the time
from -1/2 (first day) to +1/2 (last), and N a normal draw of its own each time:

=========  =====================================================================================
member i   taste u_i = (taste of the age group) + N(0, spread²);  leniency b_i = N(0, 0.35²)
film j     traits v_j = 1.4 (mean trait of its genres) + (its director's) + N(0, 0.2²), less the
           mean film;  quality q_j = (its director's) + N(0, 0.2²);  fame_j = 1.5 q_j + N(0, 1.6²)
           and drift_j = N(0, 1.5²)
liking     x_ij(t) = q_j + ⟨u_i + s(t) f, v_j⟩ - 1.5 [j is not in the language of i]: tastes
           drift with the fashion f
shown      a shelf of 10 films in the language of i, drawn one after the other with chance
           ∝ exp(fame_j + s(t) drift_j); the first drawn has position k = 1. On 10 % of the
           shelves one place goes to a film drawn from the whole house
clicked    with chance θ_k σ(1.2 x_ij(t) + 0.2); θ_k = k^-0.7 is the chance to be looked at
visited    after the first click on a film always, after each later one with chance 0.15
rated      once, after the first visit, with chance 0.25 + 0.15 · stars (the bored stay silent):
           stars = 3 + b_i + x_ij(t) + N(0, 0.45²), to the nearest half from 0.5 to 5
=========  =====================================================================================

So ratings are missing, and not at random: language, fame, place on the shelf and liking decide
what is seen, and the stars decide whether we hear of it. Five languages share the house, and their
audiences hardly meet. Fame makes the long tail. Half of the members are there from the first day,
the others join in the course of 16 months; how often a member comes is log-normal.
"""

import csv
from pathlib import Path

import numpy as np

from recsys_lab.data.dataset import Dataset
from recsys_lab.data.interactions import Interactions

_TINY_NAMES = ["Ada", "Bo", "Cem", "Dee", "Eli", "Fay"]
_TINY_RATINGS = np.array(  # 0 where a member has not rated a film
    [
        [5, 4, 0, 1, 2, 0],  # Ada
        [3, 2, 0, 0, 1, 4],  # Bo, who is hard to please
        [5, 5, 4, 5, 4, 5],  # Cem, who is not
        [1, 2, 5, 5, 0, 2],  # Dee
        [0, 5, 1, 2, 1, 5],  # Eli
        [4, 0, 2, 1, 0, 0],  # Fay
    ]
)


def harbour_tiny():
    """Six members, six films, 27 ratings: small enough to do everything by hand.

    Returns
    -------
    Dataset
        ``users``: ``name`` and ``tags``, shape (6, 6), the taste a member stated at the door.
        Only Ada stated one; a row of zeros is a member who said nothing.
        ``items``: ``title`` and ``tags``, shape (6, 6), 1 where a film has a tag of ``tag_names``.
        There are no timestamps, no visits, and no truth but what you make of it.
    """
    titles = [
        "Fog Signal",
        "Salt & Sugar",
        "The Quiet Vault",
        "Everything Regatta",
        "Pigeon Heist",
        "Lamp Oil",
    ]
    tag_names = ("noir", "sea", "comedy", "quiet", "family", "heist")
    film_tags = np.array(
        [
            [1, 1, 0, 1, 0, 0],  # Fog Signal
            [0, 1, 1, 0, 1, 0],  # Salt & Sugar
            [1, 0, 0, 1, 0, 1],  # The Quiet Vault
            [1, 1, 1, 1, 1, 1],  # Everything Regatta claims to be everything
            [0, 0, 1, 0, 1, 1],  # Pigeon Heist
            [0, 1, 0, 1, 0, 0],  # Lamp Oil
        ],
        dtype=float,
    )
    stated = np.zeros((len(_TINY_NAMES), len(tag_names)))
    stated[0] = [1, 1, 0, 1, 0, 0]  # Ada: noir, sea, quiet
    users, items = np.nonzero(_TINY_RATINGS)
    stars = _TINY_RATINGS[users, items]
    return Dataset(
        name="harbour-tiny",
        interactions=Interactions(users, items, stars, *_TINY_RATINGS.shape),
        users={"name": np.array(_TINY_NAMES), "tags": stated},
        items={"title": np.array(titles), "tags": film_tags},
        tag_names=tag_names,
    )


_TAGS = ("noir", "sea", "comedy", "quiet", "family", "heist", "drama", "romance")
_TAGS += ("mystery", "ghost", "musical", "documentary")
_TRAITS = ("dark", "loud", "puzzling", "tender", "salty")
_GENRE_TRAITS = np.array(
    # dark, loud, puzzling, tender, salty
    [
        [1.1, 0.0, 0.4, -0.3, 0.0],  # noir
        [0.0, 0.1, 0.0, 0.0, 1.0],  # sea
        [-1.0, 0.6, 0.0, 0.0, 0.0],  # comedy
        [0.2, -1.3, 0.0, 0.2, 0.0],  # quiet
        [-0.7, 0.3, -0.2, 0.4, 0.0],  # family
        [0.1, 0.4, 1.0, -0.3, 0.0],  # heist
        [0.5, -0.3, -0.3, 0.5, 0.0],  # drama
        [-0.2, 0.0, -0.3, 1.1, 0.0],  # romance
        [0.4, -0.1, 1.2, 0.0, 0.0],  # mystery
        [0.8, -0.2, 0.2, 0.3, 0.1],  # ghost
        [-0.5, 1.2, -0.3, 0.4, 0.0],  # musical
        [0.1, -0.7, 0.1, -0.6, 0.0],  # documentary
    ]
)
_AGES = ("under 25", "25 to 39", "40 to 59", "60 and over")
_AGE_TASTES = np.array(
    [
        [0.2, 0.5, 0.2, -0.1, -0.1],
        [0.3, 0.1, 0.2, -0.1, 0.0],
        [0.0, -0.2, 0.0, 0.1, 0.1],
        [-0.5, -0.4, -0.3, 0.2, 0.1],
    ]
)
_SPREAD = np.array([0.8, 0.7, 0.6, 0.6, 0.5])  # of taste within an age group, by trait
_TINY_TASTES = np.array(
    # dark, loud, puzzling, tender, salty, and leniency
    [
        [0.7, -1.0, -0.3, 0.1, 1.0, 0.0],  # Ada: noir, sea, quiet
        [0.5, -0.9, -0.2, 0.3, 0.8, -0.6],  # Bo
        [0.2, -0.3, 0.0, 0.2, 0.2, 0.8],  # Cem
        [0.3, 0.4, 1.3, -0.6, -0.8, 0.1],  # Dee
        [-0.6, -0.9, -1.0, 0.7, 1.0, 0.1],  # Eli
        [0.8, -0.8, -0.4, 0.0, 0.4, -0.1],  # Fay
    ]
)
_FASHION = np.array([0.6, -0.7, 0.3, -0.2, 0.0])  # the town grows fond of dark, quiet films
_MEAN = 3.0  # stars
_BARRIER = 1.5  # stars lost where a film is in another language
_SHELF = 10  # positions
_OPENING = 1704067200  # 2024-01-01 00:00 UTC, in seconds
_SECONDS = 731 * 86400  # 2024 and 2025

# Language: country, members, and how the given names of its speakers begin and end.
_LANGUAGES = {
    "Kelder": (
        "Kelderland",
        300,
        "Al Ber Cor Dag Ed Fen Ger Hal In Jor Kat Lin Mar Nel Ol Pet Rik Sol Tor Wil",
        "a e o ina ette is us ke mar wyn da je ula and en ix",
    ),
    "Ostrin": (
        "Ostrinia",
        200,
        "Bor Dan Dor Iv Jan Kam Lud Mil Nad Ond Rad Stan Tad Vas Yel Zor",
        "a an ka ek ena imir islav osh omil usha ir ya ik",
    ),
    "Talu": (
        "Talu Islands",
        140,
        "Ama Ike Kalo Lani Mana Noa Ofa Pele Sefa Tali Una Vai Wai Lolo",
        "ri lei to na tua mo ka fi se lu hina",
    ),
    "Mirrish": (
        "Mirrah",
        100,
        "Az Far Jam Kav Lal Nas Om Par Rosh Sam Tar Yas Zah",
        "an ira een im oud ana iyar ar",
    ),
    "Fenn": (
        "Fennmark",
        60,
        "Ang Bran Car Dil Gwen Hed Mer Pen Tam",
        "ys wen ow eth ick enna ion",
    ),
}


def load_harbour(seed=0):
    """The Harbour Cinema: 800 members, 200 films, two years of shelves, visits and ratings.

    Parameters
    ----------
    seed : int or numpy.random.Generator
        The films are always those of ``catalogue.csv``; the rest is drawn anew for each seed.

    Returns
    -------
    Dataset
        ``interactions`` are the ratings in stars, ``visits`` the number of visits; both carry
        timestamps (of the rating, and of the first visit) in seconds.
        ``users``: ``name``, ``age``, ``country``, ``language``, ``joined`` (seconds).
        ``items``: ``title``, ``year``, ``genres``, ``tags``, ``language``, ``director``, ``plot``,
        ``added`` (seconds; the first day for most films).
        ``impressions``, in order of time: ``user``, ``item``, ``position`` (from 1), ``timestamp``
        and ``clicked``.
        ``truth``: ``mean``, ``user_bias``, ``item_bias``, ``user_factors`` (m, 5),
        ``item_factors`` (n, 5) and ``trait_names``; ``barrier``, the stars lost where languages
        differ; ``user_group`` and ``item_group``, the languages as numbers into ``group_names``;
        ``ratings`` (m, n), the stars halfway through the two years before noise and rounding:
        ``mean + user_bias[:, None] + item_bias + user_factors @ item_factors.T`` less the barrier;
        ``appeal`` (m, n), the chance of a click once looked at, at the same moment;
        ``examination`` (10,), the chance to be looked at by position; ``fashion`` (5,), ``fame``
        and ``fame_drift`` (n,).

    Notes
    -----
    The first six films and members are those of :func:`harbour_tiny`: the films have the same tags,
    and the members tastes that fit their ratings there. What they see and rate here is simulated.
    About 0.2 s and 20 MB.
    """
    rng = np.random.default_rng(seed)
    items = _catalogue()
    languages = tuple(_LANGUAGES)
    item_group = np.array([languages.index(own) for own in items["language"]])
    traits, quality = _make_films(rng, items)
    users, user_group, taste, leniency = _make_members(rng)
    fame, fame_drift, items["added"] = _make_programme(rng, items, quality, item_group)

    sessions = _make_sessions(rng, users)  # (user, timestamp), in order of time
    shelf = _fill_shelves(rng, sessions, user_group, item_group, fame, fame_drift, items["added"])
    user = np.repeat(sessions[0], _SHELF)
    when = np.repeat(sessions[1], _SHELF)
    item = shelf.ravel()
    position = np.tile(np.arange(1, _SHELF + 1), len(shelf))

    fashionable = taste[user] + _since(when)[:, None] * _FASHION
    liking = quality[item] + np.einsum("td,td->t", fashionable, traits[item])
    liking -= _BARRIER * (user_group[user] != item_group[item])
    examination = np.arange(1, _SHELF + 1) ** -0.7
    chance = examination[position - 1] * _appeal(liking)
    clicked = rng.random(len(user)) < chance

    visitor, film, first, times = _visits(rng, user, item, clicked)
    stars = _MEAN + leniency[visitor] + liking[first] + rng.normal(0, 0.45, len(first))
    stars = np.clip(np.round(2 * stars) / 2, 0.5, 5)
    told = rng.random(len(stars)) < 0.25 + 0.15 * stars
    rated_at = when[first] + rng.integers(2 * 3600, 48 * 3600, len(first))

    shape = len(taste), len(traits)
    foreign = user_group[:, None] != item_group
    preference = quality + taste @ traits.T - _BARRIER * foreign  # x_ij at s = 0, shape (m, n)
    return Dataset(
        name="harbour",
        interactions=Interactions(
            visitor[told], film[told], stars[told], *shape, timestamps=rated_at[told]
        ),
        users=users,
        items=items,
        tag_names=_TAGS,
        truth={
            "mean": _MEAN,
            "user_bias": leniency,
            "item_bias": quality,
            "user_factors": taste,
            "item_factors": traits,
            "trait_names": _TRAITS,
            "ratings": _MEAN + leniency[:, None] + preference,
            "appeal": _appeal(preference),
            "examination": examination,
            "barrier": _BARRIER,
            "fashion": _FASHION,
            "fame": fame,
            "fame_drift": fame_drift,
            "user_group": user_group,
            "item_group": item_group,
            "group_names": languages,
        },
        visits=Interactions(visitor, film, times, *shape, timestamps=when[first]),
        impressions={
            "user": user,
            "item": item,
            "position": position,
            "timestamp": when,
            "clicked": clicked,
        },
    )


def _catalogue():
    with open(Path(__file__).with_name("catalogue.csv"), encoding="utf-8", newline="") as file:
        films = list(csv.DictReader(file))
    items = {key: np.array([film[key] for film in films]) for key in ("title", "language")}
    items["year"] = np.array([int(film["year"]) for film in films])
    items["genres"] = [tuple(film["genres"].split("|")) for film in films]
    items["tags"] = np.array([[float(tag in own) for tag in _TAGS] for own in items["genres"]])
    items["director"] = np.array([film["director"] for film in films])
    items["plot"] = [film["plot"] for film in films]
    return items


def _make_films(rng, items):
    """True traits (n, 5) and quality (n,)."""
    tags = items["tags"]
    director = np.unique(items["director"], return_inverse=True)[1]
    style = rng.normal(0, 0.25, (director.max() + 1, len(_TRAITS)))
    skill = rng.normal(0, 0.3, director.max() + 1)
    traits = 1.4 * tags @ _GENRE_TRAITS / tags.sum(axis=1, keepdims=True) + style[director]
    traits += rng.normal(0, 0.2, traits.shape)
    return traits - traits.mean(axis=0), skill[director] + rng.normal(0, 0.2, len(tags))


def _make_members(rng):
    """Users table, language (m,), true taste (m, 5) and leniency (m,)."""
    names, group = [], []
    for number, (_, size, starts, ends) in enumerate(_LANGUAGES.values()):
        invented = [start + end for start in starts.split() for end in ends.split()]
        names += list(rng.permutation(invented)[:size])
        group += [number] * size
    names[:6] = _TINY_NAMES  # all six speak Kelder, as their six films do
    order = np.concatenate((np.arange(6), 6 + rng.permutation(len(names) - 6)))
    names, group = np.array(names)[order], np.array(group)[order]

    age = rng.choice(len(_AGES), size=len(names), p=[0.2, 0.3, 0.3, 0.2])
    taste = _AGE_TASTES[age] + rng.normal(0, 1, (len(names), len(_TRAITS))) * _SPREAD
    leniency = rng.normal(0, 0.35, len(names))
    taste[:6], leniency[:6] = _TINY_TASTES[:, :-1], _TINY_TASTES[:, -1]

    abroad = rng.random(len(names)) < 0.15
    country = np.where(abroad, rng.integers(0, len(_LANGUAGES), len(names)), group)
    users = {
        "name": names,
        "age": np.array(_AGES)[age],
        "country": np.array([country for country, *_ in _LANGUAGES.values()])[country],
        "language": np.array(list(_LANGUAGES))[group],
        # Half are there from the first day, the others come in the course of 16 months.
        "joined": _OPENING
        + np.maximum(0, rng.uniform(-0.66, 0.66, len(names)) * _SECONDS).astype(np.int64),
    }
    return users, group, taste, leniency


def _make_programme(rng, items, quality, item_group):
    """Fame (log chance on the shelf), its drift over the two years, and when a film is added."""
    n = len(quality)
    fame = 1.5 * quality + rng.normal(0, 1.6, n)
    fame_drift = rng.normal(0, 1.5, n)
    premiere = (items["year"] - 2024) * 366 * 86400 + rng.integers(0, 300 * 86400, n)
    added = np.where(items["year"] >= 2024, premiere, 0)
    for group in range(len(_LANGUAGES)):  # and a tenth of the old films comes out of the archive
        old = np.flatnonzero((item_group == group) & (items["year"] < 2024))
        found = rng.permutation(old)[: len(old) // 10]
        added[found] = rng.integers(0, 600 * 86400, len(found))
    return fame, fame_drift, _OPENING + added


def _make_sessions(rng, users):
    """Who comes when: (user, timestamp) of each visit to the foyer, in order of time."""
    often = np.minimum(3 + rng.lognormal(3.4, 1.0, len(users["joined"])), 250).astype(np.int64)
    user = np.repeat(np.arange(len(often)), often)
    joined = users["joined"][user]
    when = joined + (rng.random(len(user)) * (_OPENING + _SECONDS - joined)).astype(np.int64)
    order = np.argsort(when, kind="stable")
    return user[order], when[order]


def _fill_shelves(rng, sessions, user_group, item_group, fame, fame_drift, added):
    """The films on each shelf, first place first: shape (n_sessions, 10)."""
    user, when = sessions
    shelves = np.empty((len(user), _SHELF), dtype=np.int64)
    for group in range(len(_LANGUAGES)):
        films = np.flatnonzero(item_group == group)
        rows = np.flatnonzero(user_group[user] == group)
        # The first of independent exponential clocks to ring is film j with chance ∝ its rate,
        # so the ten first rings are ten draws without replacement.
        rate = np.exp(fame[films] + _since(when[rows])[:, None] * fame_drift[films])
        rings = rng.standard_exponential(rate.shape) / rate
        rings[added[films] > when[rows][:, None]] = np.inf  # not in the house yet
        shelves[rows] = films[np.argsort(rings, axis=1)[:, :_SHELF]]
    guest = np.flatnonzero(rng.random(len(user)) < 0.1)
    film = rng.integers(0, len(fame), len(guest))
    foreign = (item_group[film] != user_group[user[guest]]) & (added[film] <= when[guest])
    guest, film = guest[foreign], film[foreign]
    shelves[guest, rng.integers(0, _SHELF, len(guest))] = film
    return shelves


def _visits(rng, user, item, clicked):
    """Pairs (user, item), the row of the first click of each, and the number of visits."""
    clicks = np.flatnonzero(clicked)
    pair = user[clicks] * (item.max() + 1) + item[clicks]
    pair, first, which = np.unique(pair, return_index=True, return_inverse=True)
    again = rng.random(len(clicks)) < 0.15
    again[first] = True
    times = np.bincount(which, weights=again)
    return user[clicks[first]], item[clicks[first]], clicks[first], times


def _appeal(liking):
    return 1 / (1 + np.exp(-0.2 - 1.2 * liking))


def _since(when):
    return (when - _OPENING) / _SECONDS - 0.5
