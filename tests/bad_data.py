"""Data that are faulty in one way each, and what is to be said of them."""

from __future__ import annotations

import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from nodeforge.core.document import Component, DataSettings, Document

RATE = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BadData:
    """One fault.

    Attributes:
        make: Writes the data into a folder.
        source: What reads them.
        parameters: Of the source, but for the path.
        preparation: How they are prepared.
        path: Of the data within the folder.
        says: The sentence that names the fault, with the file or the row.
        severity: "error" where nothing can be trained, "warning", or "note" where it is told what was done.
    """

    make: Callable[[Path], object]
    source: str
    path: str
    says: str
    severity: str
    parameters: Mapping[str, str | int | float] = field(default_factory=dict)
    preparation: Mapping[str, str | float] = field(default_factory=dict)

    def document(self, folder: Path) -> Document:
        """A project with the data; they are written."""
        folder.mkdir(parents=True, exist_ok=True)
        self.make(folder)
        document = Document(title="Bad data")
        source = Component(kind=self.source, parameters={"path": self.path, **self.parameters})
        document.data = DataSettings(source=source, preparation=dict(self.preparation))
        return document


def _pictures(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        place = folder / "pictures" / name
        place.mkdir(parents=True)
        for number in range(8):
            Image.fromarray(rng.integers(0, 255, (8, 8), np.uint8)).save(place / f"{number}.png")
    return folder / "pictures"


def _corrupt_picture(folder: Path) -> None:
    file = _pictures(folder) / "cat" / "3.png"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def _coloured_picture(folder: Path) -> None:
    Image.new("RGB", (8, 8), "red").save(_pictures(folder) / "dog" / "3.png")
    for number in (0, 1, 2, 4, 5, 6, 7):
        Image.new("RGB", (8, 8), (number, 9, 9)).save(folder / "pictures" / "dog" / f"{number}.png")
    for number in range(1, 8):
        Image.new("RGB", (8, 8), (number, 99, 9)).save(folder / "pictures" / "cat" / f"{number}.png")


def _sounds(folder: Path, *, rate: int = RATE, channels: int = 1) -> None:
    """Eight sounds, one of them of another kind."""
    rng = np.random.default_rng(0)
    for name in ("high", "low"):
        (folder / "sounds" / name).mkdir(parents=True)
        for number in range(8):
            other = (name, number) == ("low", 2)
            with wave.open(str(folder / "sounds" / name / f"{number}.wav"), "wb") as file:
                file.setnchannels(channels if other else 1)
                file.setsampwidth(2)
                file.setframerate(rate if other else RATE)
                file.writeframes(rng.integers(-9_000, 9_000, RATE // 2, dtype=np.int16).tobytes())


def _texts(folder: Path, odd: bytes) -> None:
    for name in ("bad", "good"):
        (folder / "texts" / name).mkdir(parents=True)
        for number in range(8):
            (folder / "texts" / name / f"{number}.txt").write_text(f"a {name} text with number {number}")
    (folder / "texts" / "good" / "5.txt").write_bytes(odd)


def _table(folder: Path, *changes: tuple[int, int, str], more: Sequence[str] = ()) -> None:
    """Sixty rows of three numbers and an answer; cells (row of the file, column) replaced, and columns `more` added."""
    rng = np.random.default_rng(0)
    rows = [[*(f"{value:.3f}" for value in rng.normal(size=3)), ("yes", "no")[i % 2]] for i in range(60)]
    for row, column, text in changes:
        rows[row - 2][column] = text
    for row in rows:
        row.extend({"yes": "1", "no": "0"}[row[3]] for _ in more)
    lines = [["x", "y", "z", "answer", *more], *rows]
    (folder / "table.csv").write_text("\n".join(map(",".join, lines)) + "\n")


_ANSWER = {"target": "answer"}

BAD_DATA: Mapping[str, BadData] = {
    "a corrupt image among good ones": BadData(
        make=_corrupt_picture,
        source="image-folder",
        path="pictures",
        says="cat/3.png is damaged.",
        severity="error",
    ),
    "grey among colour images": BadData(
        make=_coloured_picture,
        source="image-folder",
        path="pictures",
        says="1 picture (cat/0.png) is grey and 15 coloured: all are read as coloured.",
        severity="note",
    ),
    "an empty class folder": BadData(
        make=lambda folder: (_pictures(folder) / "horse").mkdir(),
        source="image-folder",
        path="pictures",
        says="The folder horse of pictures holds no pictures.",
        severity="error",
    ),
    "another sample rate": BadData(
        make=lambda folder: _sounds(folder, rate=4_000),
        source="audio-folder",
        path="sounds",
        parameters={"seconds": 0.25},
        says="1 file (low/2.wav) has 4,000 Hz instead of 8,000: resampled",
        severity="note",
    ),
    "mixed channels": BadData(
        make=lambda folder: _sounds(folder, channels=2),
        source="audio-folder",
        path="sounds",
        parameters={"seconds": 0.25},
        says="1 file (low/2.wav) has several channels: their mean is used.",
        severity="note",
    ),
    "a text in another encoding": BadData(
        make=lambda folder: _texts(folder, "ein größerer Text".encode("cp1252")),
        source="text-folder",
        path="texts",
        says="good/5.txt is not UTF-8; it was read as Windows-1252.",
        severity="note",
    ),
    "a text in no encoding": BadData(
        make=lambda folder: _texts(folder, b"\x81\x8d\x8f"),
        source="text-folder",
        path="texts",
        says="good/5.txt is not written in windows-1252 (byte 0 cannot be read)",
        severity="error",
    ),
    "NaN in a table": BadData(
        make=lambda folder: _table(folder, (6, 1, "nan"), (9, 1, "")),
        source="csv",
        path="table.csv",
        parameters=_ANSWER,
        says="Column y of table.csv has no value in rows 6 and 9.",
        severity="note",
    ),
    "no class in a table": BadData(
        make=lambda folder: _table(folder, *((row, 3, "") for row in range(10, 18))),
        source="csv",
        path="table.csv",
        parameters=_ANSWER,
        says="Column answer of table.csv has no value in rows 10, 11, 12, 13, 14 and 3 more.",
        severity="note",
    ),
    "infinity in a table": BadData(
        make=lambda folder: _table(folder, (9, 2, "inf")),
        source="csv",
        path="table.csv",
        parameters=_ANSWER,
        says="Row 9 of table.csv: column z holds 'inf', which is no finite number.",
        severity="error",
    ),
    "a series shorter than its window": BadData(
        make=_table,
        source="csv-series",
        path="table.csv",
        parameters={"window": 100},
        says="table.csv has 60 values; a window of 100 and a horizon of 1 need at least 101",
        severity="error",
    ),
    "a gap in a series": BadData(
        make=lambda folder: _table(folder, (7, 2, "")),
        source="csv-series",
        path="table.csv",
        says="Column z of table.csv has no value in row 7. A series has no gaps",
        severity="error",
    ),
    "a class only in the test split": BadData(
        make=lambda folder: _table(folder, *((row, 3, "rare") for row in (59, 60, 61))),
        source="csv",
        path="table.csv",
        parameters=_ANSWER,
        preparation={"split": "chronological"},
        says="rare of table.csv occurs in the test samples and not in the training samples",
        severity="warning",
    ),
    "a target among the features": BadData(
        make=lambda folder: _table(folder, more=["code"]),
        source="csv",
        path="table.csv",
        parameters=_ANSWER,
        says="code of table.csv tells the target of every sample by itself",
        severity="warning",
    ),
}
