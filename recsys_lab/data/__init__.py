"""Who saw what: interactions, the Harbour Cinema, MovieLens and train-test splits."""

from recsys_lab.data.interactions import Interactions

__all__ = ["Interactions"]
