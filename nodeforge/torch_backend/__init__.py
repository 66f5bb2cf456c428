"""Source -> nn.Module, and torch's own word on shapes."""

from nodeforge.torch_backend.build import build, node_of

__all__ = ["build", "node_of"]
