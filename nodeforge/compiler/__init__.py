"""Turns a checked graph into readable PyTorch source."""
