"""Texts as numbers: cut into letters or words, numbered by what occurs in the training split."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

PADDING = "<pad>"
UNKNOWN = "<unknown>"

_WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tokens:
    """How texts were cut, and what was found.

    Fields that share one of these share their numbers: a text and the same text one letter on.

    Attributes:
        unit: "characters" or "words".
        lower: Whether capitals were made small.
        alphabet: Everything that occurs, in order; raw codes are places in it.
        limit: Numbers to give at most, those of padding and of the unknown included; 0: as many as needed.
        padded: Whether texts may end before their row does.
    """

    unit: str
    lower: bool = False
    alphabet: tuple[str, ...] = ()
    limit: int = 0
    padded: bool = False

    def cut(self, text: str) -> list[str]:
        """The letters or words of a text; words are runs of letters, other signs stand for themselves."""
        if self.lower:
            text = text.lower()
        return list(text) if self.unit == "characters" else _WORD.findall(text)

    def join(self, tokens: Iterable[str]) -> str:
        """Text again, as near as the cutting allows."""
        return ("" if self.unit == "characters" else " ").join(tokens)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vocabulary:
    """Which number each letter or word has.

    Attributes:
        tokens: How texts are cut.
        words: By number what it stands for; the first are PADDING (where there is any) and UNKNOWN.
        numbers: By raw code, its number; int64, one more for the code −1 of padding.
    """

    tokens: Tokens
    words: tuple[str, ...]
    numbers: Array

    def record(self) -> dict[str, Any]:
        """How a text becomes numbers, as plain values."""
        return {"unit": self.tokens.unit, "lower": self.tokens.lower, "words": list(self.words)}

    def apply(self, codes: Array) -> Array:
        """Numbers for raw codes of any shape: int64."""
        result: Array = self.numbers[codes]
        return result

    def invert(self, numbers: Array) -> Array:
        """Numbers have no unit to go back to."""
        return numbers

    def encode(self, text: str) -> Array:
        """The numbers of a new text, int64, (T,)."""
        unknown = self.words.index(UNKNOWN)
        known = {word: number for number, word in enumerate(self.words)}
        return np.array([known.get(token, unknown) for token in self.tokens.cut(text)], dtype=np.int64)

    def decode(self, numbers: Sequence[int] | Array) -> str:
        """The text that numbers stand for, padding left out."""
        words = (self.words[int(number)] for number in numbers)
        return self.tokens.join(word for word in words if word != PADDING)


def fit_vocabulary(tokens: Tokens, codes: Array) -> Vocabulary:
    """Number what occurs in the training texts, the most frequent first; all else is unknown.

    Args:
        tokens: How the texts were cut.
        codes: Raw codes of the training texts, of any shape.
    """
    counts = np.bincount(codes[codes >= 0].ravel(), minlength=len(tokens.alphabet))
    reserved = (PADDING, UNKNOWN) if tokens.padded else (UNKNOWN,)
    order = np.argsort(-counts, kind="stable")[: int((counts > 0).sum())]
    if tokens.limit:
        order = order[: max(0, tokens.limit - len(reserved))]
    numbers = np.full(len(tokens.alphabet) + 1, len(reserved) - 1, dtype=np.int64)
    numbers[order] = np.arange(len(order)) + len(reserved)
    numbers[-1] = 0
    words = (*reserved, *(tokens.alphabet[code] for code in order))
    return Vocabulary(tokens=tokens, words=words, numbers=numbers)


def character_codes(text: str) -> tuple[Array, tuple[str, ...]]:
    """Codes of all letters of a long text, int32 (T,), and its alphabet."""
    points = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    alphabet, codes = np.unique(points, return_inverse=True)
    return codes.astype(np.int32), tuple(map(chr, alphabet.tolist()))


def word_codes(words: Sequence[str]) -> tuple[Array, tuple[str, ...]]:
    """Codes of all words of a long text, int32 (T,), and its alphabet."""
    alphabet = tuple(sorted(set(words)))
    places = {word: place for place, word in enumerate(alphabet)}
    return np.fromiter((places[word] for word in words), np.int32, len(words)), alphabet
