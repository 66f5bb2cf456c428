"""What of the drawing is seen: scrolling, zooming, flights, the minimap, bookmarks."""
