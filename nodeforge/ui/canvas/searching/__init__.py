"""Searching: for a kind to add or to put in place of another, and for what is drawn already."""
