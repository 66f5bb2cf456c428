"""Numbers in sentences."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """ "1 picture", "1,200 pictures"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def agreeing(number: int, plural: str) -> str:
    """A verb that goes with a number of things: "are" or "is", "stand" or "stands"."""
    irregular = {"are": "is", "have": "has", "lie": "lies"}
    return plural if number != 1 else irregular.get(plural, f"{plural}s")
