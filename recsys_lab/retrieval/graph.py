"""Walk a graph of neighbours towards the query: at each node, step to whoever is closer.

Two pieces. `beam_search` is the walk; with a beam of one it is greedy and can end in a dead
end, with a wider beam it keeps other ways open. `small_world` makes a graph to walk on: short
links to near points, which let a walk end well, and a few long ones, which let it get there.
"""

from heapq import heapify, heappop, heappush, heapreplace

import numpy as np

from recsys_lab.recommender import check_positive
from recsys_lab.similarity import euclidean, top_k


def beam_search(score, links, entries, ef):
    """Algorithm 2 of Malkov and Yashunin 2020: the best ``ef`` nodes a walk comes across.

    Parameters
    ----------
    score : function
        List of nodes → array of their scores; higher is nearer to the query.
    links : sequence or dict
        ``links[node]``: the nodes it leads to.
    entries : list of int
        Where the walk starts.
    ef : int
        Width of the beam.

    Returns
    -------
    found : list of (score, node)
        At most ``ef``, best first.
    steps : list of (node, compared)
        The walk as it happened: the node left, and the nodes whose score was asked for there.
        The first step has node None and the entries. The lengths of ``compared`` add up to the
        cost of the search.
    """
    seen = set(entries)
    steps = [(None, list(entries))]
    best = list(zip(score(entries).tolist(), entries))  # a heap with the worst on top
    frontier = [(-s, node) for s, node in best]  # a heap with the best on top
    heapify(best)
    heapify(frontier)
    while len(best) > ef:
        heappop(best)
    while frontier:
        distance, node = heappop(frontier)
        if len(best) == ef and -distance < best[0][0]:
            break  # whatever is left to visit is worse than all that was found
        fresh = [other for other in links[node] if other not in seen]
        steps.append((node, fresh))
        if not fresh:
            continue
        seen.update(fresh)
        for s, other in zip(score(fresh).tolist(), fresh):
            if len(best) < ef:
                heappush(best, (s, other))
            elif s > best[0][0]:
                heapreplace(best, (s, other))
            else:
                continue
            heappush(frontier, (-s, other))
    return sorted(best, key=lambda pair: (-pair[0], pair[1])), steps


def small_world(points, n_links, n_long=0, random_state=0):
    """Each point linked with its ``n_links`` nearest and with ``n_long`` points drawn at random.

    Links go both ways, so a point may have more.

    Parameters
    ----------
    points : array-like, shape (n, d)
    n_links, n_long : int
    random_state : int or numpy.random.Generator

    Returns
    -------
    list of n ascending lists of neighbours. O(n²·d) time and O(n²) memory: for graphs to look at.
    """
    check_positive(n_links, "n_links", integer=True)
    check_positive(n_long, "n_long", integer=True, zero=True)
    distance = euclidean(points, points)
    np.fill_diagonal(distance, np.inf)
    n = len(distance)
    near = top_k(-distance, min(n_links, n - 1))  # (n, n_links)
    far = np.random.default_rng(random_state).integers(0, n, (n, n_long))
    links = [set() for _ in range(n)]
    for node, others in enumerate(np.hstack([near, far]).tolist()):
        for other in others:
            if other != node:
                links[node].add(other)
                links[other].add(node)
    return [sorted(others) for others in links]
