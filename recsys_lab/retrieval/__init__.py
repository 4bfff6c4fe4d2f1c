"""Find the k items with the largest ⟨q, x⟩ without comparing the query with all of them.

Every index has the same two verbs: ``fit(items)`` takes the (n, d) table of item vectors,
``search(queries, k)`` gives ``(ids, scores)``, each (q, k), best first. A score is always the
inner product ⟨q, x⟩. Where fewer than k items were found, ids are filled up with -1 and scores
with -inf. ``n_compared_`` then holds, for each query, how many item vectors were looked at.

- `ExactIndex` compares all of them.
- `LSHIndex` compares those that fall on the same side of random planes.
- `IVFIndex` compares those in the cells nearest to the query.
- `HNSWIndex` compares those met on a walk from neighbour to neighbour.

The last three rest on nearness, and the largest inner product is not the nearest vector: a long
vector can win from far away. `lift_items` adds one coordinate that puts all items on a sphere,
where the two orders are the same. All three indexes lift by themselves.

Other measures: for the cosine, normalise items (`recsys_lab.similarity.normalize`). For the
Euclidean distance, use items (x, −‖x‖²/2) and queries (q, 1): their inner product is
(‖q‖² − ‖q − x‖²)/2, which is largest where the distance is smallest.
"""

from recsys_lab.retrieval.contrast import k_occurrences, relative_contrast
from recsys_lab.retrieval.exact import ExactIndex, neighbor_table, recall_at_k
from recsys_lab.retrieval.graph import beam_search, small_world
from recsys_lab.retrieval.hnsw import HNSWIndex
from recsys_lab.retrieval.ivf import IVFIndex, kmeans, nearest_cells
from recsys_lab.retrieval.lift import lift_items, lift_queries
from recsys_lab.retrieval.lsh import LSHIndex, hit_probability

__all__ = [
    "ExactIndex",
    "HNSWIndex",
    "IVFIndex",
    "LSHIndex",
    "beam_search",
    "hit_probability",
    "k_occurrences",
    "kmeans",
    "lift_items",
    "lift_queries",
    "nearest_cells",
    "neighbor_table",
    "recall_at_k",
    "relative_contrast",
    "small_world",
]
