"""The Harbour Cinema: a small invented world in which the truth behind the ratings is known."""

import numpy as np

from recsys_lab.data.dataset import Dataset
from recsys_lab.data.interactions import Interactions


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
    names = ["Ada", "Bo", "Cem", "Dee", "Eli", "Fay"]
    titles = [
        "Fog Signal",
        "Salt & Sugar",
        "The Quiet Vault",
        "Everything Regatta",
        "Pigeon Heist",
        "Lamp Oil",
    ]
    ratings = np.array(  # 0 where a member has not rated a film
        [
            [5, 4, 0, 1, 2, 0],  # Ada
            [3, 2, 0, 0, 1, 4],  # Bo, who is hard to please
            [5, 5, 4, 5, 4, 5],  # Cem, who is not
            [1, 2, 5, 5, 0, 2],  # Dee
            [0, 5, 1, 2, 1, 5],  # Eli
            [4, 0, 2, 1, 0, 0],  # Fay
        ]
    )
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
    stated = np.zeros((len(names), len(tag_names)))
    stated[0] = [1, 1, 0, 1, 0, 0]  # Ada: noir, sea, quiet
    users, items = np.nonzero(ratings)
    return Dataset(
        name="harbour-tiny",
        interactions=Interactions(users, items, ratings[users, items], *ratings.shape),
        users={"name": np.array(names), "tags": stated},
        items={"title": np.array(titles), "tags": film_tags},
        tag_names=tag_names,
    )
