"""Live views: what a network makes of samples, drawn from copies of its weights while it trains or after."""

from nodeforge.engine.live.watching import LiveViews

__all__ = ["LiveViews"]
