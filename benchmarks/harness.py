"""Races between one of our functions and a library's: same data, same machine, same minutes."""

import statistics
import time


def race(name, peer, ours, theirs, *, quality, target, repeats=5, note=""):
    """Run both sides in turn ``repeats`` times and report median seconds and quality.

    ``ours`` and ``theirs`` are functions without arguments that do the timed work and return
    what they made; ``quality`` turns that into a number, outside the timed part. ``target`` is
    the time ratio ours/theirs to reach. Alternating keeps a slow minute of the machine from
    falling on one side alone.
    """
    seconds = {"ours": [], "theirs": []}
    made = {}
    for _ in range(repeats):
        for side, work in (("ours", ours), ("theirs", theirs)):
            start = time.perf_counter()
            made[side] = work()
            seconds[side].append(time.perf_counter() - start)
    median = {side: statistics.median(times) for side, times in seconds.items()}
    return {
        "name": name,
        "peer": peer,
        "seconds": median["ours"],
        "peer_seconds": median["theirs"],
        "ratio": median["ours"] / median["theirs"],
        "target": target,
        "quality": quality(made["ours"]),
        "peer_quality": quality(made["theirs"]),
        "repeats": repeats,
        "note": note,
    }
