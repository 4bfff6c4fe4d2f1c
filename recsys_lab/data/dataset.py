"""A data set: the feedback, and what is known about the users and the items."""

from dataclasses import dataclass

import numpy as np

from recsys_lab.data.interactions import Interactions


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Everything a chapter needs about one world, invented or real.

    Attributes
    ----------
    name : str
    interactions : Interactions
        Explicit feedback: ratings in stars, shape (m, n).
    users, items : dict of str to array or list
        One column a key, one row a user (m) or an item (n). Arrays are read-only.
        ``items["title"]`` is always there. ``items["genres"]`` is a list of tuples, and
        ``items["tags"]`` the same as a 0/1 matrix, shape (n, n_tags).
    tag_names : tuple of str
        What the columns of ``items["tags"]`` mean.
    truth : dict or None
        What made the feedback, where the world is invented: true factors, biases and more.
    visits : Interactions or None
        Implicit feedback of the same users and items: how often, shape (m, n).
    impressions : dict of str to array or None
        One row a film shown to a member: who, what, where on the shelf, when, clicked or not.

    Raises
    ------
    ValueError
        When a column has not one row a user or item; the message names the column.
    """

    name: str
    interactions: Interactions
    users: dict
    items: dict
    tag_names: tuple = ()
    truth: dict | None = None
    visits: Interactions | None = None
    impressions: dict | None = None

    def __post_init__(self):
        n_users, n_items = self.interactions.shape
        tables = {"users": (self.users, n_users), "items": (self.items, n_items)}
        for table, (columns, n_rows) in tables.items():
            for key, column in columns.items():
                if len(column) != n_rows:
                    raise ValueError(
                        f"{table}[{key!r}] has {len(column)} rows, expected {n_rows}: one for each "
                        f"of the {table} of the interactions"
                    )
        if self.visits is not None and self.visits.shape != self.interactions.shape:
            raise ValueError(
                f"visits have shape {self.visits.shape}, expected {self.interactions.shape} "
                f"as the interactions have"
            )
        for table in (self.users, self.items, self.truth, self.impressions):
            for column in (table or {}).values():
                if isinstance(column, np.ndarray):
                    column.flags.writeable = False  # a slip in one cell must not change the next

    def __repr__(self):
        return f"Dataset({self.name!r}, {self.interactions!r})"

    def title(self, item):
        """Title of one item, with its year where one is known: ``'Fog Signal (1954)'``."""
        title = str(self.items["title"][item])
        year = int(self.items["year"][item]) if "year" in self.items else 0
        return f"{title} ({year})" if year else title
