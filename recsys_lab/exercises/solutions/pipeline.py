"""Solutions and known wrong answers of `recsys_lab.exercises.pipeline`."""
# ruff: noqa: F811

import numpy as np

# %% 1 solution
answer = {
    "recall": 3 / 5,  # three of the five he would like
    "precision": 3 / 8,  # three of the eight that were kept
    "page_recall": 3 / 5,  # the page has room for all three, and no others came so far
    "page_precision": 3 / 4,  # three of the four places
}

# %% 1 wrong: swapped
answer = {"recall": 0.375, "precision": 0.6, "page_recall": 0.6, "page_precision": 0.75}

# %% 1 wrong: of_the_house
answer = (0.6, 3 / 20, 0.6, 0.75)

# %% 1 wrong: room_only
answer = {"recall": 0.6, "precision": 0.375, "page_recall": 0.8, "page_precision": ...}

# %% 1 wrong: all_places
answer = (0.6, 0.375, 0.6, 1)

# %% 1 wrong: whole_net
answer = (0.6, 0.375, 0.6, 0.375)

# %% 1 wrong: type
answer = ("3/5", 0.375, 0.6, 0.75)


# %% 2 solution
def recall_ceiling(retrieved, relevant):
    """Share of the relevant items that were retrieved."""
    if len(relevant) == 0:
        return 0.0
    return np.isin(relevant, retrieved).mean()


# %% 2 wrong: precision
def recall_ceiling(retrieved, relevant):
    if len(relevant) == 0 or len(retrieved) == 0:
        return 0.0
    return np.isin(retrieved, relevant).mean()


# %% 2 wrong: count
def recall_ceiling(retrieved, relevant):
    return float(len(set(retrieved) & set(relevant)))


# %% 2 wrong: order_counts
def recall_ceiling(retrieved, relevant):
    if len(relevant) == 0:
        return 0.0
    return sum(a == b for a, b in zip(retrieved, relevant)) / len(relevant)


# %% 2 wrong: any_hit
def recall_ceiling(retrieved, relevant):
    return float(np.isin(relevant, retrieved).any())


# %% 2 wrong: error
def recall_ceiling(retrieved, relevant):
    return len(set(retrieved) & set(relevant)) / len(relevant)


# %% 3 solution
def pool(nets, k):
    """The first k different items, the nets taking turns."""
    items = []
    for place in range(max(map(len, nets))):
        for net in nets:
            if len(items) < k and place < len(net) and net[place] not in items:
                items.append(net[place])
    return items


# %% 3 wrong: one_after_another
def pool(nets, k):
    items = []
    for net in nets:
        for item in net:
            if item not in items:
                items.append(item)
    return items[:k]


# %% 3 wrong: twice
def pool(nets, k):
    items = []
    for place in range(max(map(len, nets))):
        for net in nets:
            if place < len(net):
                items.append(net[place])
    return items[:k]


# %% 3 wrong: cut_first
def pool(nets, k):
    items = []
    for place in range(max(map(len, nets))):
        for net in nets:
            if place < len(net):
                items.append(net[place])
    return list(dict.fromkeys(items[:k]))


# %% 3 wrong: shortest
def pool(nets, k):
    items = []
    for turn in zip(*nets):
        for item in turn:
            if item not in items:
                items.append(item)
    return items[:k]


# %% 3 wrong: sorted
def pool(nets, k):
    items = set()
    for place in range(max(map(len, nets))):
        for net in nets:
            if len(items) < k and place < len(net):
                items.add(net[place])
    return sorted(items)


# %% 3 wrong: error
def pool(nets, k):
    items = []
    place = 0
    while len(items) < k:
        for net in nets:
            if net[place] not in items:
                items.append(net[place])
        place += 1
    return items[:k]


# %% 4 solution
def page(user, seen, K, k, retrieve, score, rerank):
    """The k items to show, best first."""
    items = [item for item in retrieve(user, K) if item not in seen]
    order = np.argsort(-score(user, items))
    best_first = [items[t] for t in order]
    return rerank(best_first)[:k]


# %% 4 wrong: seen_again
def page(user, seen, K, k, retrieve, score, rerank):
    items = retrieve(user, K)
    return rerank([items[t] for t in np.argsort(-score(user, items))])[:k]


# %% 4 wrong: seen_late
def page(user, seen, K, k, retrieve, score, rerank):
    items = retrieve(user, K)
    shown = rerank([items[t] for t in np.argsort(-score(user, items))])[:k]
    return [item for item in shown if item not in seen]


# %% 4 wrong: asked_for_k
def page(user, seen, K, k, retrieve, score, rerank):
    items = [item for item in retrieve(user, k) if item not in seen]
    return rerank([items[t] for t in np.argsort(-score(user, items))])[:k]


# %% 4 wrong: worst_first
def page(user, seen, K, k, retrieve, score, rerank):
    items = [item for item in retrieve(user, K) if item not in seen]
    return rerank([items[t] for t in np.argsort(score(user, items))])[:k]


# %% 4 wrong: cut_early
def page(user, seen, K, k, retrieve, score, rerank):
    items = [item for item in retrieve(user, K) if item not in seen]
    return rerank([items[t] for t in np.argsort(-score(user, items))[:k]])


# %% 4 wrong: no_rules
def page(user, seen, K, k, retrieve, score, rerank):
    items = [item for item in retrieve(user, K) if item not in seen]
    return [items[t] for t in np.argsort(-score(user, items))][:k]


# %% 4 wrong: not_scored
def page(user, seen, K, k, retrieve, score, rerank):
    return rerank([item for item in retrieve(user, K) if item not in seen])[:k]


# %% 5 solution
answer = {
    "now": (100_000 - 5_000 - 200_000 * 0.1) / 150,  # 75,000 µs are left
    "grown": (100_000 - 5_000 - 600_000 * 0.1) // 150,  # 35,000 µs are left
    "largest": (100_000 - 5_000 - 200 * 150) / 0.1,  # 65,000 µs of glances
}

# %% 5 wrong: no_rerank
answer = {"now": 533, "grown": 266, "largest": 700_000}

# %% 5 wrong: free_glance
answer = {"now": 633, "grown": ..., "largest": ...}

# %% 5 wrong: unit
answer = {"now": 500, "grown": 233, "largest": 650}

# %% 5 wrong: rounded_up
answer = {"now": 500, "grown": 234, "largest": 650_000}

# %% 6 solution
truth = [5, 4, 3, 2, 1, 0]
net = [4, 5, 6, 1, 2, 3]  # the right three first, but both halves upside down: 9 pairs right
scorer = [5, 4, 3, 2, 1, 6]  # right about all but the last film: 10 pairs right
answer = (truth, net, scorer)

# %% 6 wrong: perfect
answer = ([5, 4, 3, 2, 1, 0], [4, 5, 6, 1, 2, 3], [6, 5, 4, 3, 2, 1])

# %% 6 wrong: worse_judge
answer = ([5, 4, 3, 2, 1, 0], [6, 5, 4, 3, 2, 1], [5, 4, 3, 2, 1, 6])

# %% 6 wrong: no_harm
answer = ([5, 4, 3, 2, 1, 0], [1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 1, 2])

# %% 6 wrong: ties
answer = ([5, 4, 3, 2, 1, 0], [1, 1, 1, 0, 0, 0], [5, 4, 3, 2, 1, 6])

# %% 6 wrong: stars
answer = ([10, 4, 3, 2, 1, 0], [4, 5, 6, 1, 2, 3], [5, 4, 3, 2, 1, 6])

# %% 6 wrong: shape
answer = ([5, 4, 3, 2, 1], [4, 5, 6, 1, 2], [5, 4, 3, 2, 1])
