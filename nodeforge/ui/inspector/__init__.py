"""The form on the right: what the selected nodes, or the project, can be told."""

from nodeforge.ui.inspector.panel import Inspector

__all__ = ["Inspector"]
