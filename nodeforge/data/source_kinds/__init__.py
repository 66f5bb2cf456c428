"""Data sources, one file each. Every module-level `Source` here can be chosen in a project."""
