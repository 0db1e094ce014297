"""Fits with an L1 part, all strengths and folds together."""

from counterpoint.fit.proximal.path import sparse_path

__all__ = ["sparse_path"]
