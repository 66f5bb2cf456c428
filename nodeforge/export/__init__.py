"""A network taken away: written in another format and proven to compute the same."""

from nodeforge.export.onnx import export_onnx
from nodeforge.export.run import FORMATS, export_run

__all__ = ["FORMATS", "export_onnx", "export_run"]
