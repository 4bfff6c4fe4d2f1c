"""Factorization machines: the machine and its three solvers, DeepFM, and an encoder for rows."""

from recsys_lab.fm.deep_fm import DeepFM
from recsys_lab.fm.encoder import FeatureEncoder
from recsys_lab.fm.machine import FactorizationMachine
from recsys_lab.fm.pairs import pair_sum, pair_sum_naive

__all__ = ["DeepFM", "FactorizationMachine", "FeatureEncoder", "pair_sum", "pair_sum_naive"]
