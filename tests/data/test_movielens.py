"""MovieLens: files made here, a server on loopback, and the real ratings where they are."""

import hashlib
import http.server
import io
import os
import socket
import subprocess
import sys
import threading
import time
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recsys_lab.data.movielens as movielens_module
from recsys_lab.data import DataUnavailable, load_movielens

RATINGS = """userId,movieId,rating,timestamp
7,30,4.5,1000000005
7,10,0.5,1000000001
3,30,5.0,1000000002
3,40,3.0,1000000003
"""
MOVIES = """movieId,title,genres
40,"Anchor, The (1951)",Drama|Romance
10,Buoy (1972),Comedy
20,Nobody Came (1980),Drama
30,Curlew: A Series (2006–2007),(no genres listed)
"""


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch, tmp_path, request):
    """No test but those on the real ratings sees the data, the cache or the proxies outside."""
    if "movielens" in request.fixturenames:
        return
    monkeypatch.delenv("RECSYS_LAB_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(movielens_module, "_ADDRESS", "http://127.0.0.1:9/{name}.zip")
    monkeypatch.setenv("NO_PROXY", "*")


def write(place, name="mine", ratings=RATINGS, movies=MOVIES):
    folder = place / name
    folder.mkdir(parents=True)
    for file, content in (("ratings.csv", ratings), ("movies.csv", movies)):
        if content is not None:
            content = content.encode() if isinstance(content, str) else content
            (folder / file).write_bytes(content)
    return place


# Reading


def test_numbers_follow_the_ids_and_films_nobody_rated_are_left_out(tmp_path):
    data = load_movielens("mine", path=write(tmp_path))
    assert data.name == "mine"
    assert data.users["user_id"].tolist() == [3, 7]
    assert data.items["movie_id"].tolist() == [10, 30, 40]
    assert data.interactions.to_dense().tolist() == [[0, 5, 3], [0.5, 4.5, 0]]
    assert data.interactions.timestamps.tolist() == [
        1000000002,
        1000000003,
        1000000001,
        1000000005,
    ]
    assert data.truth is None and data.visits is None and data.impressions is None


def test_titles_years_and_genres_are_taken_apart(tmp_path):
    data = load_movielens("mine", path=write(tmp_path))
    assert data.items["title"].tolist() == ["Buoy", "Curlew: A Series", "Anchor, The"]
    assert data.items["year"].tolist() == [1972, 2006, 1951]
    assert [data.title(j) for j in range(2)] == ["Buoy (1972)", "Curlew: A Series (2006)"]
    assert data.items["genres"] == [("Comedy",), (), ("Drama", "Romance")]
    assert data.tag_names == ("Comedy", "Drama", "Romance")
    assert data.items["tags"].tolist() == [[1, 0, 0], [0, 0, 0], [0, 1, 1]]


def test_a_title_without_a_year_has_year_0(tmp_path):
    movies = MOVIES.replace("Buoy (1972)", "Buoy (a film)")
    data = load_movielens("mine", path=write(tmp_path, movies=movies))
    assert data.items["year"][0] == 0
    assert data.title(0) == "Buoy (a film)"


def test_without_any_genre_the_tags_have_no_columns(tmp_path):
    movies = "movieId,title,genres\n1,A,(no genres listed)\n2,B,(no genres listed)\n"
    ratings = "userId,movieId,rating,timestamp\n1,1,3,5\n1,2,4,6\n"
    data = load_movielens("mine", path=write(tmp_path, ratings=ratings, movies=movies))
    assert data.items["tags"].shape == (2, 0)


ids = st.integers(1, 10**12)
stars = st.integers(1, 10).map(lambda half: half / 2)


@given(st.dictionaries(st.tuples(ids, ids), st.tuples(stars, st.integers(0, 2**40)), min_size=1))
def test_whatever_is_written_comes_back(tmp_path_factory, table):
    place = tmp_path_factory.mktemp("written")
    movies = sorted({movie for _, movie in table})
    write(
        place,
        ratings="userId,movieId,rating,timestamp\n"
        + "".join(f"{u},{j},{r},{t}\n" for (u, j), (r, t) in table.items()),
        movies="movieId,title,genres\n" + "".join(f'{j},"Film ""{j}""",Drama\n' for j in movies),
    )
    data = load_movielens("mine", path=place)
    back = data.interactions
    users, items = data.users["user_id"][back.users], data.items["movie_id"][back.items]
    pairs = zip(users.tolist(), items.tolist())
    assert dict(zip(pairs, zip(back.values.tolist(), back.timestamps.tolist()))) == table
    assert data.items["movie_id"].tolist() == movies
    assert data.items["title"][0] == f'Film "{movies[0]}"'


# Broken files

BROKEN = [
    ("ratings", "3,30,5.0", r"line 4: expected 4 fields, got \['3', '30', '5.0'\]"),
    ("ratings", "3,30,5.0,1000000002,9", "line 4: expected 4 fields"),
    ("ratings", "", "line 4: expected 4 fields"),
    ("ratings", "three,30,5.0,1000000002", "line 4: expected three whole numbers and a rating"),
    ("ratings", "3,30.5,5.0,1000000002", "line 4: expected three whole numbers and a rating"),
    ("ratings", "3,30,,1000000002", "line 4: expected three whole numbers and a rating"),
    ("ratings", "3,30,nan,1000000002", "line 4: expected a rating from 0.5 to 5, got nan"),
    ("ratings", "3,30,5.5,1000000002", "line 4: expected a rating from 0.5 to 5, got 5.5"),
    ("ratings", "3,30,0,1000000002", "line 4: expected a rating from 0.5 to 5, got 0"),
    ("ratings", "-3,30,5.0,1000000002", r"line 4: expected ids and seconds from 0"),
    ("ratings", "3,30,5.0,99999999999999999999", r"line 4: expected ids and seconds from 0"),
    ("ratings", "7,30,5.0,1000000002", "line 4: user 7 rated movie 30 on line 2 already"),
    ("ratings", '3,30,5.0,"1000000002', "ratings.csv, line [56]: "),
    ("ratings", '3,30,5.0,"10"00', "line 4: .*expected after"),
    (
        "ratings",
        "3,99,5.0,1000000002",
        "ratings.csv, line 4: movieId 99 is not listed in .*movies.csv",
    ),
    ("movies", "20,Nobody Came (1980)", "movies.csv, line 4: expected 3 fields"),
    ("movies", "twenty,Nobody Came (1980),Drama", "line 4: expected a whole number as movieId"),
]


@pytest.mark.parametrize(("file", "row", "words"), BROKEN)
def test_a_broken_row_is_named_by_file_and_line(tmp_path, file, row, words):
    lines = {"ratings": RATINGS, "movies": MOVIES}[file].splitlines()
    lines[3] = row
    write(tmp_path, **{file: "\n".join(lines) + "\n"})
    with pytest.raises(ValueError, match=words) as caught:
        load_movielens("mine", path=tmp_path)
    assert str(tmp_path / "mine") in str(caught.value)


@given(st.integers(1, 4), st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_damage_to_a_row_is_read_or_refused_with_the_name_of_the_file(
    tmp_path_factory, line, damage
):
    lines = RATINGS.splitlines()
    lines[line] = damage
    place = write(tmp_path_factory.mktemp("damaged"), ratings="\n".join(lines))
    complaint = None
    try:
        assert np.isfinite(load_movielens("mine", path=place).interactions.values).all()
    except ValueError as error:
        complaint = str(error)
    assert complaint is None or "ratings.csv, line" in complaint


def test_a_file_that_is_not_text_is_named_by_line(tmp_path):
    broken = MOVIES.encode().replace("–".encode(), b"\xff")
    write(tmp_path, movies=broken)
    with pytest.raises(ValueError, match=r"movies.csv, line \d: not UTF-8 text"):
        load_movielens("mine", path=tmp_path)


@pytest.mark.parametrize(
    ("ratings", "words"),
    [
        ("", "line 1: expected the header userId,movieId,rating,timestamp"),
        ("user,item,stars,when\n1,2,3,4\n", "line 1: expected the header"),
        ("userId,movieId,rating,timestamp\n", "holds no ratings; delete its folder"),
    ],
)
def test_an_empty_file_or_one_with_another_header_is_refused(tmp_path, ratings, words):
    with pytest.raises(ValueError, match=words):
        load_movielens("mine", path=write(tmp_path, ratings=ratings))


def test_a_missing_companion_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(DataUnavailable, match=r"movies.csv is missing; delete its folder"):
        load_movielens("mine", path=write(tmp_path, movies=None))


def test_a_known_name_with_other_contents_is_refused(tmp_path):
    write(tmp_path, "ml-latest-small")
    with pytest.raises(
        ValueError, match=r"ratings.csv is not the ratings.csv of ml-latest-small this book"
    ):
        load_movielens(path=tmp_path)


@pytest.mark.parametrize("name", ["", "..", "a/b", "/etc", ".hidden", None, 3, "a\\b", "x y"])
def test_a_name_that_is_no_folder_is_refused(name):
    with pytest.raises(ValueError, match="name must be the name of a folder"):
        load_movielens(name)


# Where it looks


def test_path_goes_before_the_variable_and_the_variable_before_the_cache(tmp_path, monkeypatch):
    def only(star):
        return RATINGS.replace("4.5", star)

    write(tmp_path / "cache" / "recsys_lab", ratings=only("1.0"))
    assert load_movielens("mine").interactions.values[-1] == 1
    write(tmp_path / "shared", ratings=only("2.0"))
    monkeypatch.setenv("RECSYS_LAB_DATA", str(tmp_path / "shared"))
    assert load_movielens("mine").interactions.values[-1] == 2
    write(tmp_path / "own", ratings=only("3.0"))
    assert load_movielens("mine", path=tmp_path / "own").interactions.values[-1] == 3
    assert load_movielens("mine", path=str(tmp_path / "elsewhere")).interactions.values[-1] == 2


def test_what_is_not_there_says_where_it_looked_and_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("RECSYS_LAB_DATA", str(tmp_path / "shared"))
    with pytest.raises(DataUnavailable) as caught:
        load_movielens(path=tmp_path / "own", download=False)
    message = str(caught.value)
    assert isinstance(caught.value, OSError)
    for words in (
        str(tmp_path / "own"),
        str(tmp_path / "shared"),
        str(tmp_path / "cache" / "recsys_lab"),
        "downloading was switched off",
        "by hand, unpack it",
        "RECSYS_LAB_DATA",
    ):
        assert words in message
    assert not list(tmp_path.iterdir())


def test_only_the_small_set_is_downloaded(tmp_path):
    with pytest.raises(DataUnavailable, match="only ml-latest-small is downloaded by itself"):
        load_movielens("ml-25m", path=tmp_path)


def test_without_pooch_it_reads_what_is_there_and_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    assert len(load_movielens("mine", path=write(tmp_path)).interactions) == 4
    with pytest.raises(DataUnavailable, match="downloading needs the packages pooch and tqdm"):
        load_movielens(path=tmp_path)


# Downloading


def packed(ratings=RATINGS, movies=MOVIES):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("ml-latest-small/ratings.csv", ratings)
        files.writestr("ml-latest-small/movies.csv", movies)
        files.writestr("ml-latest-small/README.txt", "Cite Harper and Konstan (2015).")
    return memory.getvalue()


@pytest.fixture
def grouplens(monkeypatch):
    """A server on loopback in place of GroupLens: change ``body``, ``status`` and ``lost``."""

    class Server(http.server.ThreadingHTTPServer):
        body, status, lost, asked = packed(), 200, 0, []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.server.asked.append(self.command)
            self.send_response(self.server.status)
            self.send_header("Content-Length", str(len(self.server.body)))
            self.end_headers()

        def do_GET(self):
            self.do_HEAD()
            self.wfile.write(self.server.body[: len(self.server.body) - self.server.lost])

        def log_message(self, *_):
            pass

    sums = {
        "ratings.csv": hashlib.sha256(RATINGS.encode()).hexdigest(),
        "movies.csv": hashlib.sha256(MOVIES.encode()).hexdigest(),
    }
    monkeypatch.setattr(movielens_module, "_SUMS", {"ml-latest-small": sums})
    with Server(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        address = f"http://127.0.0.1:{server.server_port}/datasets/{{name}}.zip"
        monkeypatch.setattr(movielens_module, "_ADDRESS", address)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def test_a_download_arrives_whole_with_its_licence_and_is_kept(tmp_path, grouplens, capfd):
    place = tmp_path / "own"
    data = load_movielens(path=place)
    assert len(data.interactions) == 4
    assert [found.name for found in place.iterdir()] == ["ml-latest-small"]
    found = {file.name for file in (place / "ml-latest-small").iterdir()}
    assert found == {"ratings.csv", "movies.csv", "README.txt"}
    assert "100%" in capfd.readouterr().err  # the progress bar
    grouplens.asked.clear()
    load_movielens(path=place)
    assert grouplens.asked == []


def test_without_a_path_it_is_kept_in_the_cache(tmp_path, grouplens):
    load_movielens()
    assert (tmp_path / "cache" / "recsys_lab" / "ml-latest-small" / "ratings.csv").exists()


def test_download_false_never_asks(tmp_path, grouplens):
    with pytest.raises(DataUnavailable):
        load_movielens(download=False)
    assert grouplens.asked == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": 404}, "the server does not have"),
        ({"status": 503}, "the server does not have"),
        ({"body": b"<html>Log in to the hotel's network</html>"}, "sent no sound zip file"),
        ({"body": packed()[:70] + b"\xff" * 9 + packed()[79:]}, "sent no sound zip file"),
        ({"body": packed()[:-30]}, "sent no sound zip file"),
        ({"lost": 30}, "fetching it into"),
        ({"body": packed(ratings=RATINGS + "3,10,1.0,5\n")}, "ratings.csv .* is not the file"),
        ({"body": packed(movies=MOVIES[:-9])}, "movies.csv .* is not the file"),
    ],
)
def test_a_bad_download_is_refused_and_leaves_nothing_behind(tmp_path, grouplens, change, words):
    for name, value in change.items():
        setattr(grouplens, name, value)
    place = tmp_path / "own"
    with pytest.raises(DataUnavailable, match=words):
        load_movielens(path=place)
    assert not place.exists() or not list(place.iterdir())
    grouplens.body, grouplens.status, grouplens.lost = packed(), 200, 0
    assert len(load_movielens(path=place).interactions) == 4  # and the next try may succeed


def test_an_archive_without_the_ratings_is_refused(tmp_path, grouplens):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as files:
        files.writestr("ml-latest-small/links.csv", "movieId\n")
    grouplens.body = memory.getvalue()
    with pytest.raises(DataUnavailable, match="fetching it into"):
        load_movielens(path=tmp_path / "own")
    assert not list((tmp_path / "own").iterdir())


def test_an_interrupted_download_leaves_nothing_behind(tmp_path, grouplens, monkeypatch):
    def interrupted(self, *_):
        raise KeyboardInterrupt

    monkeypatch.setattr(zipfile.ZipFile, "extractall", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_movielens(path=tmp_path / "own")
    assert not list((tmp_path / "own").iterdir())


def test_a_place_that_cannot_be_written_to_is_named(tmp_path, grouplens, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataUnavailable, match=r"fetching it into .*file.* failed"):
        load_movielens(path=tmp_path / "file" / "below")

    def read_only(*_, **__):
        raise PermissionError(13, "Read-only file system")

    monkeypatch.setattr(os, "mkdir", read_only)
    with pytest.raises(DataUnavailable, match=r"own failed: .*Read-only file system"):
        load_movielens(path=tmp_path / "own")
    assert not (tmp_path / "own").exists()


def test_two_at_a_time_do_not_disturb_each_other(tmp_path, grouplens):
    def load(results):
        results.append(len(load_movielens(path=tmp_path / "own").interactions))

    results = []
    threads = [threading.Thread(target=load, args=(results,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [4, 4, 4, 4]
    assert [found.name for found in (tmp_path / "own").iterdir()] == ["ml-latest-small"]


def test_without_a_network_it_gives_up_at_once(tmp_path):
    start = time.perf_counter()
    with pytest.raises(DataUnavailable, match=r"no connection to http://127.0.0.1:9/"):
        load_movielens(path=tmp_path / "own")
    assert time.perf_counter() - start < 5
    assert not (tmp_path / "own").exists()


def test_a_server_that_never_answers_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(movielens_module, "_PATIENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"http://127.0.0.1:{mute.getsockname()[1]}/{{name}}.zip"
        monkeypatch.setattr(movielens_module, "_ADDRESS", address)
        start = time.perf_counter()
        with pytest.raises(DataUnavailable, match=r"no answer from|no connection to"):
            load_movielens(path=tmp_path / "own")
        assert time.perf_counter() - start < 5


def test_a_name_server_that_never_answers_is_not_waited_for(tmp_path, monkeypatch):
    never = threading.Event()

    def mute(*_, **__):
        never.wait(10)
        raise OSError("no name server")

    monkeypatch.setattr(socket, "getaddrinfo", mute)
    monkeypatch.setattr(movielens_module, "_PATIENCE", 0.3)
    monkeypatch.setattr(movielens_module, "_ADDRESS", "http://files.example.org/{name}.zip")
    start = time.perf_counter()
    with pytest.raises(DataUnavailable, match=r"no answer from .* within 0.3 s"):
        load_movielens(path=tmp_path / "own")
    assert time.perf_counter() - start < 5
    never.set()


def test_it_waits_less_than_ten_seconds():
    assert movielens_module._PATIENCE < 10


def test_the_address_is_that_of_grouplens():
    code = "import recsys_lab.data.movielens as m; print(m._ADDRESS.format(name='ml-latest-small'))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    expected = "https://files.grouplens.org/datasets/movielens/ml-latest-small.zip"
    assert said.stdout.strip() == expected


# The real ratings


def test_the_real_ratings_are_all_there(movielens):
    assert movielens.interactions.shape == (610, 9724)
    assert len(movielens.interactions) == 100_836
    assert movielens.users["user_id"].tolist() == list(range(1, 611))
    assert np.bincount(movielens.interactions.users).min() == 20
    assert (np.diff(movielens.items["movie_id"]) > 0).all()
    assert (np.bincount(movielens.interactions.items) > 0).all()


def test_real_stars_and_moments_are_in_range(movielens):
    stars, when = movielens.interactions.values, movielens.interactions.timestamps
    assert set(np.unique(stars)) == set(np.arange(1, 11) / 2)
    assert stars.mean() == pytest.approx(3.501557, abs=1e-6)
    days = when.astype("datetime64[s]").astype("datetime64[D]")
    assert (str(days.min()), str(days.max())) == ("1996-03-29", "2018-09-24")  # as its README says


def test_a_well_known_film_is_where_it_should_be(movielens):
    at = movielens.items["movie_id"].tolist().index(318)
    assert movielens.title(at) == "Shawshank Redemption, The (1994)"
    assert movielens.items["genres"][at] == ("Crime", "Drama")
    assert (movielens.interactions.items == at).sum() == 317
    assert len(movielens.tag_names) == 19
    assert (
        movielens.items["tags"].sum(axis=0).max()
        == movielens.items["tags"][:, movielens.tag_names.index("Drama")].sum()
    )
    assert movielens.items["year"][movielens.items["year"] > 0].min() == 1902


def test_numpy_reads_the_same_ratings(movielens):
    folder = movielens_module._find("ml-latest-small", None)
    table = np.loadtxt(folder / "ratings.csv", delimiter=",", skiprows=1)
    order = np.lexsort((table[:, 1], table[:, 0]))
    mine = movielens.interactions
    np.testing.assert_array_equal(movielens.users["user_id"][mine.users], table[order, 0])
    np.testing.assert_array_equal(movielens.items["movie_id"][mine.items], table[order, 1])
    np.testing.assert_array_equal(mine.values, table[order, 2])
    np.testing.assert_array_equal(mine.timestamps, table[order, 3])


def test_the_real_ratings_load_quickly(movielens):
    start = time.perf_counter()
    load_movielens(download=False)
    seconds = time.perf_counter() - start
    print(f"load_movielens: {seconds:.2f} s")  # the budget is 0.6 s
    assert seconds < 6
