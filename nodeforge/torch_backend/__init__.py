"""From source text to a live nn.Module."""
