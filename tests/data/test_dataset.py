"""The Dataset: tables that fit the interactions."""

import dataclasses

import numpy as np
import pytest

from recsys_lab.data import Dataset, Interactions


def world(**changes):
    parts = {
        "name": "two by three",
        "interactions": Interactions([0, 1], [2, 0], [4, 5], 2, 3),
        "users": {"name": np.array(["Ada", "Bo"])},
        "items": {"title": np.array(["One", "Two", "Three"]), "year": np.array([1954, 0, 2001])},
    }
    return Dataset(**(parts | changes))


def test_a_title_carries_its_year_where_one_is_known():
    data = world()
    assert data.title(0) == "One (1954)"
    assert data.title(1) == "Two"
    assert data.title(np.int64(2)) == "Three (2001)"
    assert world(items={"title": ["a", "b", "c"]}).title(0) == "a"


def test_a_column_of_the_wrong_length_is_named():
    with pytest.raises(ValueError, match=r"users\['name'\] has 1 rows, expected 2"):
        world(users={"name": ["Ada"]})
    with pytest.raises(ValueError, match=r"items\['title'\] has 2 rows, expected 3"):
        world(items={"title": ["One", "Two"]})


def test_visits_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"visits have shape \(3, 2\), expected \(2, 3\)"):
        world(visits=Interactions([0], [0], [1], 3, 2))


def test_neither_fields_nor_arrays_can_be_changed():
    data = world(truth={"taste": np.ones(2)}, impressions={"item": np.arange(3)})
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.name = "other"
    for array in (data.items["year"], data.truth["taste"], data.impressions["item"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7


def test_it_prints_in_one_line():
    assert repr(world()) == "Dataset('two by three', Interactions(2 of 2 users × 3 items))"
