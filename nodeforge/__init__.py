"""NodeForge: draw a neural network, train it, watch it, take it away."""

__version__ = "0.1.0"
