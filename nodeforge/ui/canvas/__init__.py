"""The node canvas: one graphics view that paints the shown network from arrays, and gestures that edit it."""
