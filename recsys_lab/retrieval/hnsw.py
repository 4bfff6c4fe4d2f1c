"""Hierarchical navigable small world: a graph on each of a few layers, walked from the top down.

The top layer holds a few items and has long links, the bottom layer holds all and has short
ones: like travelling by motorway, road and footpath. Each item draws its highest layer at
random; it is inserted by searching for its neighbours in the graph built so far.

Source: Malkov and Yashunin 2020; the numbers of the algorithms are theirs. On lifted vectors
(`recsys_lab.retrieval.lift`): all lie on one sphere, so nearer means a larger inner product,
between two items as well as between a query and an item.
"""

import numpy as np

from recsys_lab.recommender import check_positive
from recsys_lab.retrieval.base import Index
from recsys_lab.retrieval.graph import beam_search
from recsys_lab.retrieval.lift import lift_items, lift_queries


class HNSWIndex(Index):
    """A layered graph of neighbours; compares the items met on a walk through it.

    Parameters
    ----------
    n_links : int
        Links a new item gets on each layer, at least 2 (the paper's M). At most twice as many
        are kept on the bottom layer, at most as many above.
    ef : int
        Width of the beam in a search; at least k is used.
    ef_construction : int
        Width of the beam while building.
    random_state : int or numpy.random.Generator

    Attributes
    ----------
    links_ : list of dict
        ``links_[layer][item]``: list of neighbours. Layer 0 holds all items. Items with equal
        vectors share one node, named by the lowest id: copies would fill each other's links
        and cut themselves off.
    entry_ : int
        The item every search starts from, on the top layer.
    n_compared_ : int array, shape (q,)
        Inner products computed, over all layers; an item met on two of them counts twice.

    Notes
    -----
    Fit inserts n items one by one, O(n · ef_construction · n_links · d) time times a factor
    that grows like log n; 20,000 × 32 take some fifteen seconds. O(n · (n_links + d)) memory.
    A walk goes well where queries lie where items lie. The more the items differ in length, the
    less that holds on the lifted sphere, and the wider both beams have to be.
    """

    def __init__(self, n_links=16, ef=64, ef_construction=128, random_state=0):
        self.n_links = n_links
        self.ef = ef
        self.ef_construction = ef_construction
        self.random_state = random_state

    def _build(self, items):
        for name in ("n_links", "ef", "ef_construction"):
            check_positive(getattr(self, name), name, integer=True)
        if self.n_links < 2:
            raise ValueError("n_links must be at least 2 for a graph to hold together, got 1")
        self._lifted = lift_items(items)
        first, copy_of = np.unique(self._lifted, axis=0, return_index=True, return_inverse=True)[1:]
        self._copies = _groups(copy_of.ravel(), first)
        rng = np.random.default_rng(self.random_state)
        # Layers thin out by a factor of n_links (Algorithm 1, with m_L = 1/ln M).
        height = -np.log(1 - rng.random(len(first))) / np.log(self.n_links)
        self.links_ = []
        # In random order, for items sorted by kind would leave few links between kinds.
        for item, top in zip(rng.permutation(first).tolist(), height.astype(int).tolist()):
            self._insert(item, top)

    def _insert(self, item, top):
        """Algorithm 1: walk down to the item's own layers, then link it on each of them."""
        score = self._score(self._lifted[item])
        entries = [self.entry_] if self.links_ else []
        for layer in range(len(self.links_) - 1, -1, -1):
            links = self.links_[layer]
            if layer > top:
                found, _ = beam_search(score, links, entries, 1)
            else:
                found, _ = beam_search(score, links, entries, self.ef_construction)
                links[item] = self._select(found, self.n_links)
                for other in links[item]:
                    self._link_back(links, other, item, self.n_links * (2 if layer == 0 else 1))
            entries = [node for _, node in found]
        while len(self.links_) <= top:  # the item opens new layers and becomes the way in
            self.links_.append({item: []})
            self.entry_ = item

    def _link_back(self, links, node, item, most):
        links[node].append(item)
        if len(links[node]) > most:
            scores = self._score(self._lifted[node])(links[node]).tolist()
            links[node] = self._select(sorted(zip(scores, links[node]), reverse=True), most)

    def _select(self, candidates, most):
        """Algorithm 4: skip a candidate that lies closer to one already chosen.

        The chosen one leads there. What is left points in different directions, which keeps
        links between clusters alive.
        """
        scores, nodes = zip(*candidates)  # best first
        vectors = self._lifted[list(nodes)]
        between = vectors @ vectors.T
        free = np.ones(len(nodes), dtype=bool)
        chosen = []
        while len(chosen) < most and free.any():
            at = free.argmax()
            chosen.append(nodes[at])
            free &= between[at] <= scores  # equally close stays: else a lattice would come apart
            free[at] = False
        return chosen

    def _score(self, vector):
        lifted = self._lifted
        return lambda nodes: lifted[nodes] @ vector

    def search_path(self, query):
        """The walk of one query (d,), for showing: list of (layer, node, compared).

        ``node`` is the item left and ``compared`` the items looked at from there; on entering
        a layer ``node`` is None and ``compared`` the entry.
        """
        return self._walk(lift_queries(self._check_queries([query]))[0], self.ef)[1]

    def _walk(self, lifted_query, ef):
        """Algorithm 5: greedily down to layer 1, then with the full beam on layer 0."""
        score = self._score(lifted_query)
        node, path = self.entry_, []
        for layer in range(len(self.links_) - 1, -1, -1):
            found, steps = beam_search(score, self.links_[layer], [node], ef if layer == 0 else 1)
            node = found[0][1]
            path += [(layer, *step) for step in steps]
        return found, path

    def _search(self, queries, k):
        ids = np.full((len(queries), k), -1)
        scores = np.full((len(queries), k), -np.inf, dtype=queries.dtype)
        n_compared = np.empty(len(queries), dtype=int)
        for i, query in enumerate(lift_queries(queries)):
            found, path = self._walk(query, max(self.ef, k))
            n_compared[i] = sum(len(compared) for _, _, compared in path)
            best = [(s, item) for s, node in found for item in self._copies[node]][:k]
            scores[i, : len(best)], ids[i, : len(best)] = zip(*best)
        return ids, scores, n_compared


def _groups(copy_of, first):
    """{lowest id: all ids with that vector}."""
    order = np.argsort(copy_of, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(copy_of))[:-1])
    return {node: group.tolist() for node, group in zip(first.tolist(), groups)}
