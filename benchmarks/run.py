"""Run the races of benchmarks/bench_*.py and write results.json and results.md beside them.

    python benchmarks/run.py               every race
    python benchmarks/run.py fm retrieval  those of bench_fm.py and bench_retrieval.py alone

Results of benches that are not run stay as they were.
"""

import os

# Libraries read these when they are loaded, so they are set before anything else is imported.
THREADS = 2
for variable in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM"):
    os.environ[f"{variable}_NUM_THREADS"] = str(THREADS)
os.environ["TQDM_DISABLE"] = "1"  # the bars of the peers would hide our lines

import argparse  # noqa: E402
import importlib  # noqa: E402
import json  # noqa: E402
import multiprocessing  # noqa: E402
import platform  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
import traceback  # noqa: E402
from concurrent.futures import ProcessPoolExecutor  # noqa: E402
from datetime import date  # noqa: E402
from importlib.metadata import PackageNotFoundError, version  # noqa: E402
from pathlib import Path  # noqa: E402

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"

# How a peer is called in a race, and the package whose version belongs to it.
PACKAGES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "scikit-learn": "scikit-learn",
    "torch": "torch",
    "faiss": "faiss-cpu",
    "implicit": "implicit",
    "myfm": "myfm",
    "surprise": "scikit-surprise",
}


def main():
    benches = {file.stem.removeprefix("bench_"): file.stem for file in HERE.glob("bench_*.py")}
    wanted = _wanted(sorted(benches))
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results = {name: bench for name, bench in results.items() if name in benches}
    failed = []
    for number, name in enumerate(wanted, start=1):
        print(f"[{number}/{len(wanted)}] {name}: racing on {THREADS} threads ...", flush=True)
        start = time.perf_counter()
        races, error = _in_own_process(benches[name])
        if error:
            failed.append(name)
            print(f"  failed: {error}", flush=True)
            continue
        for race in races:
            print("  " + _line(race), flush=True)
        print(f"  {time.perf_counter() - start:.0f} s in all", flush=True)
        results[name] = {"date": date.today().isoformat(), "machine": _machine(), "races": races}
        _write(results)  # after each bench: what is measured stays if a later one is stopped
    if RESULTS.exists():
        print(f"\nWritten: {RESULTS} and {RESULTS.with_suffix('.md')}")
    if failed:
        sys.exit(f"Not measured: {', '.join(failed)}; the reasons stand above")


def _wanted(names):
    parser = argparse.ArgumentParser(
        description="Race our algorithms against named libraries.", epilog=f"names: {names}"
    )
    parser.add_argument("names", nargs="*", help="benches to run (default: all)")
    given = [
        Path(name).stem.removeprefix("bench_") for name in parser.parse_intermixed_args().names
    ]
    unknown = sorted(set(given) - set(names))
    if unknown:
        parser.error(f"no such bench: {', '.join(unknown)}; there are {', '.join(names)}")
    return list(dict.fromkeys(given)) or names


def _in_own_process(module):
    # A fresh process for each bench: libraries that bring their own threads never meet another's.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=fresh) as pool:
        try:
            return pool.submit(_races, module).result()
        except Exception as error:  # the process itself died
            return None, repr(error)


def _races(module):
    sys.path.insert(0, str(HERE))
    from recsys_lab.data import DataUnavailable

    try:
        races = importlib.import_module(module).races()
        for race in races:
            race["peer_version"] = _version(race["peer"])
            race["reached"] = bool(race["ratio"] <= race["target"]) and bool(
                race.get("quality_reached", True)
            )
        return json.loads(json.dumps(races, default=_plain)), None
    except DataUnavailable as error:
        return None, str(error)  # the message says how to get the data
    except ModuleNotFoundError as error:
        return None, f"{error}; install the peers: pip install -r benchmarks/requirements.txt"
    except Exception:
        return None, traceback.format_exc()


def _plain(value):
    """NumPy numbers and arrays as JSON knows them."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _version(peer):
    for word, package in PACKAGES.items():
        if word in peer.lower():
            try:
                return version(package)
            except PackageNotFoundError:
                return ""
    return ""


def _machine():
    usable = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count()))
    return {
        "cores": len(usable(0)),
        "cpu": _cpu_model(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "threads": THREADS,
    }


def _cpu_model():
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _line(race):
    verdict = "reached" if race["reached"] else "NOT reached"
    return (
        f"{race['name']} against {race['peer']}: {race['seconds']:.3g} s to "
        f"{race['peer_seconds']:.3g} s, ratio {race['ratio']:.2f} of at most {race['target']}, "
        f"quality {_number(race['quality'])} to {_number(race['peer_quality'])}: {verdict}"
    )


def _write(results):
    results = dict(sorted(results.items()))
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    RESULTS.with_suffix(".md").write_text(_table(results), encoding="utf-8")


def _table(results):
    lines = [
        "# Races",
        "",
        "Median seconds of alternating runs; the ratio is ours/peer, and the target is the ratio "
        "to stay under. *Reached* also asks for the quality, where a race demands one.",
        "",
        "| ours | peer | quality ours | quality peer | s ours | s peer | ratio | target | reached "
        "| note |",
        "|---|---|--:|--:|--:|--:|--:|--:|---|---|",
    ]
    for bench in results.values():
        for race in bench["races"]:
            cells = [
                race["name"],
                f"{race['peer']} ({race['peer_version']})"
                if race["peer_version"]
                else race["peer"],
                _number(race["quality"]),
                _number(race["peer_quality"]),
                f"{race['seconds']:.3g}",
                f"{race['peer_seconds']:.3g}",
                f"{race['ratio']:.2f}",
                f"≤ {race['target']}",
                "yes" if race["reached"] else "**no**",
                race["note"],
            ]
            lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    lines += ["", "| bench | date | machine |", "|---|---|---|"]
    for name, bench in results.items():
        machine = bench["machine"]
        lines.append(
            f"| {name} | {bench['date']} | {machine['cpu']}, {machine['cores']} cores, "
            f"{machine['threads']} threads, {machine['system']}, Python {machine['python']}, "
            f"NumPy {machine['numpy']} |"
        )
    return "\n".join(lines) + "\n"


def _number(value):
    return f"{value:.4f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
