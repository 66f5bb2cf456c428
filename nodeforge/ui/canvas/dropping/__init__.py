"""Dropping things on the canvas: kinds, files, folders, nodes as text."""
