"""Node kinds, one file a family. Every module-level `Kind` here is in the catalog."""
