"""Checked graph -> readable PyTorch source. Text in, text out: no torch here."""

from nodeforge.compiler.generate import generate
from nodeforge.compiler.source import Slot, Source

__all__ = ["Slot", "Source", "generate"]
