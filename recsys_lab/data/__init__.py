"""Who saw what: interactions, the Harbour Cinema, MovieLens and train-test splits."""

from recsys_lab.data.dataset import Dataset
from recsys_lab.data.harbour import harbour_tiny, load_harbour
from recsys_lab.data.interactions import Interactions
from recsys_lab.data.movielens import DataUnavailable, load_movielens
from recsys_lab.data.splits import split_by_time, split_leave_last, split_random

__all__ = [
    "DataUnavailable",
    "Dataset",
    "Interactions",
    "harbour_tiny",
    "load_harbour",
    "load_movielens",
    "split_by_time",
    "split_leave_last",
    "split_random",
]
