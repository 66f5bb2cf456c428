"""The one runner of recipes: stages, learning rules, checkpoints."""
