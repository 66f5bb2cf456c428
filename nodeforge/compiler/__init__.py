"""Checked graph -> readable PyTorch source. Text in, text out: no torch here."""

from nodeforge.compiler.generate import generate
from nodeforge.compiler.source import Passage, Slot, Source

__all__ = ["Passage", "Slot", "Source", "generate"]
