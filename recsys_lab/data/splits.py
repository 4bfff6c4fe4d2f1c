"""Hide some feedback to test a model on it. What is hidden decides what is measured.

Each split returns ``(train, test)``. Both keep the shape (m, n), so a user or an item may be left
without any interaction on one side. ``test.note`` says what was held out.
"""

import numpy as np


def split_random(interactions, test=0.2, random_state=0):
    """Hold out a random share of all interactions, whoever and whenever they are from.

    Fine for the question "how well are missing ratings filled in?". It lets a model learn from
    the future: to ask how well tomorrow is foretold, use :func:`split_by_time`.

    Parameters
    ----------
    interactions : Interactions
    test : float
        Share held out, strictly between 0 and 1; the count is rounded to a whole number.
    random_state : int or numpy.random.Generator

    Returns
    -------
    train, test : Interactions

    Raises
    ------
    ValueError
        For a share out of range, or one that leaves either side empty.

    Notes
    -----
    O(N log N) time, O(N) memory for N interactions.
    """
    n_test = _size(interactions, test)
    drawn = np.random.default_rng(random_state).permutation(len(interactions))[:n_test]
    held_out = np.zeros(len(interactions), dtype=bool)
    held_out[drawn] = True
    return _cut(interactions, held_out, f"held out: {n_test:,} interactions drawn at random")


def split_leave_last(interactions, n=1):
    """Hold out the n latest interactions of each user: "what comes next?".

    A user with n interactions or fewer is not held out at all, so that everybody in ``test``
    has something in ``train``. Of two interactions at the same second the one with the higher
    item number counts as the later.

    Parameters
    ----------
    interactions : Interactions
        With timestamps.
    n : int
        Number held out for each user, at least 1.

    Returns
    -------
    train, test : Interactions

    Raises
    ------
    ValueError
        Without timestamps, for n below 1, or where no user has more than n interactions.

    Notes
    -----
    Each user is cut at another moment: ``train`` still knows what other users did later.
    O(N log N) time, O(N) memory.
    """
    when = _timestamps(interactions)
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise ValueError(f"n must be a whole number of at least 1, got {n!r}")
    indptr, items, _ = interactions.by_user
    count = np.diff(indptr)[interactions.users]  # interactions of the same user, shape (N,)
    order = np.lexsort((items, when, interactions.users))
    to_the_last = np.empty(len(interactions), dtype=np.int64)
    to_the_last[order] = indptr[interactions.users[order] + 1] - np.arange(len(interactions))
    held_out = (to_the_last <= n) & (count > n)
    if not held_out.any():
        raise ValueError(f"no user has more than n={n} interactions; choose a smaller n")
    return _cut(interactions, held_out, f"held out: the last {n} of each user with more than {n}")


def split_by_time(interactions, test=0.2):
    """Hold out the latest share of all interactions: train on the past, test on what followed.

    The only split in which nothing of ``train`` lies after anything of ``test``. Users and items
    that first appear after the cut are unknown to ``train``: that is the price, and the truth.

    Parameters
    ----------
    interactions : Interactions
        With timestamps.
    test : float
        Share held out, strictly between 0 and 1. What happened at the very second of the cut is
        held out too, so the share can come out a little larger.

    Returns
    -------
    train, test : Interactions

    Raises
    ------
    ValueError
        Without timestamps, for a share out of range, or one that leaves either side empty.

    Notes
    -----
    O(N log N) time, O(N) memory.
    """
    when = _timestamps(interactions)
    cut = np.sort(when)[-_size(interactions, test)]
    if cut == when.min():
        raise ValueError(
            f"a cut at the latest {test:g} of the interactions leaves nothing before it; "
            f"too many share the timestamp {cut}"
        )
    return _cut(interactions, when >= cut, f"held out: everything from timestamp {cut} on")


def _cut(interactions, held_out, note):
    train, test = interactions.select(~held_out), interactions.select(held_out)
    test.note = note
    return train, test


def _size(interactions, share):
    if isinstance(share, bool) or not isinstance(share, (float, np.floating)) or not 0 < share < 1:
        raise ValueError(f"test must be a share strictly between 0 and 1, got {share!r}")
    size = round(share * len(interactions))
    if not 0 < size < len(interactions):
        raise ValueError(
            f"test={share:g} of {len(interactions)} interactions is {size}, which leaves one side "
            f"empty; choose another share or bring more data"
        )
    return size


def _timestamps(interactions):
    if interactions.timestamps is None:
        raise ValueError("this split needs timestamps; these interactions have none")
    return interactions.timestamps
