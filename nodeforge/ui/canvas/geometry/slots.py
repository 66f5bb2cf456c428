"""Lasting small integers for keys, so that arrays can hold what belongs to them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

import numpy as np

Key = TypeVar("Key", bound=Hashable)


class Slots(Generic[Key]):
    """Keys by slot and slots by key; released slots are taken again first.

    Attributes:
        index: Slot by key.
        keys: Key by slot; None where the slot is free.
    """

    def __init__(self) -> None:
        self.index: dict[Key, int] = {}
        self.keys: list[Key | None] = []
        self._free: list[int] = []

    def take(self, key: Key) -> int:
        """The key's slot, a new one if it has none yet."""
        slot = self.index.get(key)
        if slot is None:
            if self._free:
                slot = self._free.pop()
                self.keys[slot] = key
            else:
                slot = len(self.keys)
                self.keys.append(key)
            self.index[key] = slot
        return slot

    def release(self, key: Key) -> int:
        """Free the key's slot and say which it was."""
        slot = self.index.pop(key)
        self.keys[slot] = None
        self._free.append(slot)
        return slot

    def used(self, slots: np.ndarray) -> list[Key]:
        """The keys in those slots, free ones left out."""
        return [key for slot in slots.tolist() if (key := self.keys[slot]) is not None]


def grown(array: np.ndarray, fill: float) -> np.ndarray:
    """The array with twice the rows; the new ones hold `fill`."""
    larger = np.full((2 * len(array), *array.shape[1:]), fill, array.dtype)
    larger[: len(array)] = array
    return larger
