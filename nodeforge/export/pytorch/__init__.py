"""A network taken away as PyTorch code: model, training, samples and weights in a folder that stands alone."""

from nodeforge.export.pytorch.export import export_pytorch

__all__ = ["export_pytorch"]
