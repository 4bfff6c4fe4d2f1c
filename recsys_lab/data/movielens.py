"""MovieLens: real ratings, found on this machine or fetched once from GroupLens.

The ratings belong to GroupLens (University of Minnesota): free for research, with the source
named (Harper & Konstan 2015, *The MovieLens Datasets*), not for sale. They are never part of
this project.
"""

import csv
import hashlib
import os
import re
import tempfile
import threading
import zipfile
import zlib
from pathlib import Path

import numpy as np

from recsys_lab.data.dataset import Dataset
from recsys_lab.data.interactions import Interactions

_ADDRESS = "https://files.grouplens.org/datasets/movielens/{name}.zip"
_PATIENCE = 9.0  # seconds without an answer before the network counts as absent

# SHA-256 of the files this book was made with, whose README is dated 26 September 2018. They were
# computed from a copy, not published by GroupLens, which may replace a "latest" data set at any
# time: numbers computed from another release would not be the numbers of the book.
_SUMS = {
    "ml-latest-small": {
        "ratings.csv": "aa289ca83157595d0df6aea1be6a4ded676ddc4385472e8313a8ed9805352646",
        "movies.csv": "5a5f32dd9bb3797b8e728a1b98958789d2b13f294a69fdfbc5727f8a9611aa07",
    }
}


class DataUnavailable(OSError):
    """The data are not on this machine and could not be fetched. The message says what to do."""


def load_movielens(name="ml-latest-small", path=None, download=True):
    """Real ratings of real films: 100,836 of 610 users × 9,724 films by default.

    Looks for ``<name>/ratings.csv`` and ``<name>/movies.csv`` in ``path``, then in the folder that
    the environment variable ``RECSYS_LAB_DATA`` names, then in the user's cache. What is found
    nowhere is downloaded from GroupLens into ``path`` (without it, into the cache): once, and
    either whole or not at all.

    Parameters
    ----------
    name : str
        Folder of the data. Any folder with files in the format of ``ml-latest-small`` (such as
        ``ml-25m`` or ``ml-32m``, or your own) is read; only ``ml-latest-small`` is downloaded.
    path : str or path, optional
        Folder in which to look first.
    download : bool
        False never touches the network.

    Returns
    -------
    Dataset
        ``interactions``: stars from 0.5 to 5, timestamps in seconds. User and item numbers follow
        the ascending MovieLens ids. Films nobody rated are left out.
        ``users``: ``user_id``. ``items``: ``movie_id``, ``title`` (without the year), ``year``
        (0 where unknown), ``genres`` and ``tags``, the genres as a 0/1 matrix.

    Raises
    ------
    DataUnavailable
        An ``OSError``: not found and not to be fetched. Without a network within 10 s.
    ValueError
        A row that cannot be read (the message names file and line), or a file that is not the
        one this book was made with.

    Notes
    -----
    O(N log N) time for N ratings, about 0.3 s for the default.
    """
    if not isinstance(name, str) or not re.fullmatch(r"\w[\w.-]*", name):
        raise ValueError(
            f"name must be the name of a folder, such as 'ml-latest-small', got {name!r}"
        )
    folder = _find(name, path) or _fetch(name, path, download)
    users, movies, stars, seconds, lines = _read_ratings(folder / "ratings.csv")
    catalogue = _read_movies(folder / "movies.csv")
    for file in _SUMS.get(name, {}):
        if _sum(folder / file) != _SUMS[name][file]:
            raise ValueError(
                f"{folder / file} is not the {file} of {name} this book was made with (it was cut "
                f"off or edited, or is of another release): delete {folder} and load again, or, if "
                f"it is meant to differ, give the folder another name and load that"
            )

    user_id, user = np.unique(users, return_inverse=True)
    movie_id, item = np.unique(movies, return_inverse=True)
    unknown = np.flatnonzero(~np.isin(movies, list(catalogue)))
    if unknown.size:
        at = unknown[0]
        problem = f"movieId {movies[at]} is not listed in {folder / 'movies.csv'}"
        raise _bad(folder / "ratings.csv", lines[at], problem)
    title, year, genres = zip(*(catalogue[movie] for movie in movie_id.tolist()))
    tag_names = tuple(sorted(set().union(*genres)))
    return Dataset(
        name=name,
        interactions=Interactions(user, item, stars, len(user_id), len(movie_id), seconds),
        users={"user_id": user_id},
        items={
            "movie_id": movie_id,
            "title": np.array(title),
            "year": np.array(year),
            "genres": list(genres),
            "tags": np.array([[float(tag in own) for tag in tag_names] for own in genres]),
        },
        tag_names=tag_names,
    )


def _read_ratings(file):
    columns = users, movies, stars, seconds, lines = [], [], [], [], []
    for line, row in _rows(file, ["userId", "movieId", "rating", "timestamp"]):
        try:
            user, movie, rating, when = int(row[0]), int(row[1]), float(row[2]), int(row[3])
        except ValueError:
            raise _bad(
                file, line, f"expected three whole numbers and a rating, got {row}"
            ) from None
        if not 0.5 <= rating <= 5:
            raise _bad(file, line, f"expected a rating from 0.5 to 5, got {row[2]}")
        if not 0 <= user | movie | when < 2**62:  # any negative or huge one shows in the union
            raise _bad(file, line, f"expected ids and seconds from 0 to 2**62, got {row}")
        users.append(user)
        movies.append(movie)
        stars.append(rating)
        seconds.append(when)
        lines.append(line)
    if not users:
        raise ValueError(f"{file} holds no ratings; delete its folder and load again")
    users, movies, stars, seconds, lines = map(np.array, columns)
    order = np.lexsort((lines, movies, users))
    twice = np.flatnonzero((np.diff(users[order]) == 0) & (np.diff(movies[order]) == 0))
    if twice.size:
        first, second = order[twice[0] : twice[0] + 2]
        pair = f"user {users[first]} rated movie {movies[first]}"
        raise _bad(file, lines[second], f"{pair} on line {lines[first]} already")
    return users, movies, stars, seconds, lines


def _read_movies(file):
    catalogue = {}
    for line, (movie, title, genres) in _rows(file, ["movieId", "title", "genres"]):
        if not movie.isdecimal():
            raise _bad(file, line, f"expected a whole number as movieId, got {movie!r}")
        dated = re.fullmatch(
            r"(.*?)\s*\((\d{4})(?:[–-]\d*)?\)\s*", title
        )  # (2006–2007) is a series
        name, year = dated.groups() if dated else (title.strip(), 0)
        own = () if genres == "(no genres listed)" else tuple(genres.split("|"))
        catalogue[int(movie)] = name, int(year), own
    return catalogue


def _rows(file, header):
    """Line number and fields of each row; a ValueError that names the line where one is broken."""
    try:
        with open(file, encoding="utf-8", newline="") as text:
            reader = csv.reader(text, strict=True)
            if next(reader, None) != header:
                raise _bad(file, 1, f"expected the header {','.join(header)}")
            for row in reader:
                if len(row) != len(header):
                    raise _bad(file, reader.line_num, f"expected {len(header)} fields, got {row}")
                yield reader.line_num, row
    except FileNotFoundError:
        raise DataUnavailable(f"{file} is missing; delete its folder and load again") from None
    except UnicodeDecodeError as error:
        raise _bad(file, reader.line_num + 1, f"not UTF-8 text ({error.reason})") from None
    except csv.Error as error:
        raise _bad(file, reader.line_num, str(error)) from None


def _bad(file, line, problem):
    return ValueError(f"{file}, line {line}: {problem}")


def _find(name, path):
    """The first folder that holds the data, or None."""
    for place in _places(path):
        if (place / name / "ratings.csv").is_file():
            return place / name
    return None


def _places(path):
    """Where to look, first to last."""
    places = [path, os.environ.get("RECSYS_LAB_DATA"), _cache()]
    return [Path(place).expanduser() for place in places if place]


def _cache():
    try:
        import pooch
    except ImportError:  # in the browser there is neither pooch nor a place to keep files
        return None
    return pooch.os_cache("recsys_lab")


def _fetch(name, path, download):
    """Download into a temporary folder, verify, and only then move to where it will be found."""
    address = _ADDRESS.format(name=name)
    if not download:
        raise _unavailable(name, path, "downloading was switched off")
    if name not in _SUMS:
        raise _unavailable(name, path, f"only {', '.join(_SUMS)} is downloaded by itself")
    try:
        import pooch

        downloader = pooch.HTTPDownloader(progressbar=True, timeout=_PATIENCE)
    except (ImportError, ValueError):  # ValueError: no tqdm
        raise _unavailable(name, path, "downloading needs the packages pooch and tqdm") from None
    place = Path(path).expanduser() if path else Path(_cache())
    try:
        _knock(downloader, address)
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place, prefix=f".{name}-") as workshop:
            archive = Path(workshop) / "archive.zip"
            downloader(address, str(archive), None)
            with zipfile.ZipFile(archive) as files:
                files.extractall(workshop)
            for file, expected in _SUMS[name].items():
                if _sum(Path(workshop) / name / file) != expected:
                    raise OSError(f"{file} from {address} is not the file this book was made with")
            try:
                os.replace(Path(workshop) / name, place / name)
            except OSError:
                if not (place / name / "ratings.csv").exists():  # then nobody else was faster
                    raise
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _unavailable(name, path, f"{address} sent no sound zip file: {error}") from error
    except OSError as error:
        raise _unavailable(name, path, f"fetching it into {place} failed: {error}") from error
    return place / name


def _knock(downloader, address):
    """Raise OSError where no server answers in time."""
    answers = []

    def ask():
        try:
            answers.append(downloader(address, None, None, check_only=True))
        except OSError as error:  # requests' errors are OSErrors
            answers.append(error)

    # In a thread, because a name server that stays mute would hold requests for far longer.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_PATIENCE)
    if not answers:
        raise OSError(f"no answer from {address} within {_PATIENCE:g} s")
    if isinstance(answers[0], OSError):
        raise OSError(f"no connection to {address}") from answers[0]
    if not answers[0]:
        raise OSError(f"the server does not have {address}")


def _sum(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _unavailable(name, path, reason):
    places = ", ".join(str(place) for place in _places(path)) or "nowhere"
    return DataUnavailable(
        f"MovieLens data {name!r} are not on this machine ({reason}). Looked in: {places}. "
        f"What to do: call load_movielens({name!r}) again with a network, or fetch "
        f"{_ADDRESS.format(name=name)} by hand, unpack it, and set the environment variable "
        f"RECSYS_LAB_DATA to the folder that now holds {name}/"
    )
