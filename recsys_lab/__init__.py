"""RecSys Lab: recommender systems in readable NumPy.

Each module is one chapter of the book: ``recsys_lab.similarity``, ``recsys_lab.factorization``
and so on. Nothing is imported here, so that ``import recsys_lab`` costs no more than NumPy.
"""

__version__ = "0.1.0"
