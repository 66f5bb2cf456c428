"""Weights that a training begins with: which, for which nodes, and what of them fits."""
