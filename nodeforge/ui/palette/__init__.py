"""The kinds of nodes to choose from, on the left."""

from nodeforge.ui.palette.panel import KIND_MIME, LayerPalette

__all__ = ["KIND_MIME", "LayerPalette"]
