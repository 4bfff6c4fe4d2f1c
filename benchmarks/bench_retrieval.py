"""Exact and approximate search against scikit-learn and Faiss, on the same vectors."""

import time

import faiss
import numpy as np
from harness import race
from sklearn.neighbors import NearestNeighbors

from recsys_lab.retrieval import ExactIndex, HNSWIndex, IVFIndex, recall_at_k
from recsys_lab.similarity import normalize

K = 10


def races():
    """Exact search twice, cells at equal cells and probes, and the graph against its limits."""
    faiss.omp_set_num_threads(2)
    return [*_exact(), _cells(), _graph()]


def _exact():
    rng = np.random.default_rng(0)
    # Unit vectors, so that scikit-learn's nearest are Faiss's and our largest inner products.
    vectors = normalize(rng.normal(size=(101_000, 64))).astype(np.float32)
    items, queries = vectors[:-1_000], vectors[-1_000:]
    ours = ExactIndex().fit(items)
    brute = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(items)
    flat = faiss.IndexFlatIP(64)
    flat.add(items)
    truth = np.argsort(-(queries.astype(float) @ items.T.astype(float)), axis=1)[:, :K]
    peers = [
        ("scikit-learn NearestNeighbors, brute", lambda: brute.kneighbors(queries)[1], 1.0),
        ("faiss IndexFlatIP", lambda: flat.search(queries, K)[1], 2.0),
    ]
    result = []
    for peer, theirs, target in peers:
        line = race(
            "ExactIndex, top 10 of 100,000 × 64, 1,000 queries",
            peer,
            lambda: ours.search(queries, K)[0],
            theirs,
            quality=lambda ids: recall_at_k(ids, truth),
            target=target,
            repeats=9,
            note="quality is the recall@10 against double precision",
        )
        line["quality_reached"] = line["quality"] >= line["peer_quality"] - 1e-4
        result.append(line)
    return result


def _cells():
    n_cells, n_probes = 316, 8
    vectors = _clustered(101_000, 64, n_clusters=1_000)
    items, queries = vectors[:-1_000], vectors[-1_000:]
    ours = IVFIndex(n_cells, n_probes).fit(items)
    peer = faiss.IndexIVFFlat(faiss.IndexFlatIP(64), 64, n_cells, faiss.METRIC_INNER_PRODUCT)
    peer.train(items)
    peer.add(items)
    peer.nprobe = n_probes
    exact = ExactIndex().fit(items).search(queries, K)[0]
    result = race(
        "IVFIndex, top 10 of 100,000 × 64 clustered, 1,000 queries",
        "faiss IndexIVFFlat",
        lambda: ours.search(queries, K)[0],
        lambda: peer.search(queries, K)[1],
        quality=lambda ids: recall_at_k(ids, exact),
        target=3.0,
        repeats=15,
        note=f"quality is the recall@10; {n_cells} cells, {n_probes} probes on both sides",
    )
    result["quality_reached"] = result["quality"] >= max(0.95, result["peer_quality"] - 0.005)
    return result


def _graph():
    vectors = _clustered(21_000, 32, n_clusters=200)
    items, queries = vectors[:-1_000], vectors[-1_000:]
    limit = 60.0
    start = time.perf_counter()
    index = HNSWIndex(n_links=16, ef=32).fit(items)
    built = time.perf_counter() - start
    start = time.perf_counter()
    found = index.search(queries, K)[0]
    milliseconds = 1e3 * (time.perf_counter() - start) / len(queries)
    recall = recall_at_k(found, ExactIndex().fit(items).search(queries, K)[0])
    share = index.n_compared_.mean() / len(items)
    return {
        "name": "HNSWIndex, building on 20,000 × 32 clustered",
        "peer": f"a limit of {limit:.0f} s",
        "seconds": built,
        "peer_seconds": limit,
        "ratio": built / limit,
        "target": 1.0,
        "quality": recall,
        "peer_quality": 0.95,
        "quality_reached": bool(recall >= 0.95 and share <= 0.03),
        "repeats": 1,
        "note": f"quality is the recall@10 and the least it may be; a query compares "
        f"{share:.1%} of the items (at most 3 %) and takes {milliseconds:.2g} ms",
    }


def _clustered(n, d, n_clusters):
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(n_clusters, d))
    points = centers[rng.integers(0, n_clusters, n)] + 0.5 * rng.normal(size=(n, d))
    return normalize(points).astype(np.float32)
