"""Where samples come from: sources, roles, preparation, splits."""
