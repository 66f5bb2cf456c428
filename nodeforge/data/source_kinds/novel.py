"""A novel, letter by letter."""

from __future__ import annotations

from nodeforge.data import vendored
from nodeforge.data.source import Samples, Source, SourceCall
from nodeforge.data.texts import LOWER, STEP, UNIT, VOCABULARY, WINDOW, text_windows


def _load(call: SourceCall) -> Samples:
    text = vendored.text("pride-and-prejudice.txt.gz")
    return text_windows("Pride and Prejudice", text, call)


NOVEL = Source(
    name="novel",
    title="Pride and Prejudice",
    summary="Jane Austen's novel, 684,767 letters; predict each letter from those before it.",
    doc="Each sample is a window of the text; its target is the same window one letter later, so that a network learns "
    "to go on writing. The end of the novel is the test. A table of how often five letters follow each other reaches a "
    "perplexity of 3.7 on the last tenth.",
    source="J. Austen (1813), from the R package janeaustenr, after Project Gutenberg. "
    "https://www.gutenberg.org/ebooks/1342",
    licence="Public domain",
    keywords=("text", "language model", "characters", "austen", "generation"),
    parameters=(WINDOW, STEP, UNIT, VOCABULARY, LOWER),
    load=_load,
)
