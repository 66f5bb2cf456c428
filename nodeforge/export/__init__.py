"""Trained networks as files for elsewhere, each proven against the original."""
