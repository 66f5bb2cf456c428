"""Running text of the user: predict what comes next."""

from __future__ import annotations

from pathlib import Path

from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Choice, Parameter, Text
from nodeforge.data.paths import chosen_path
from nodeforge.data.source import OWN, Samples, Source, SourceCall
from nodeforge.data.tables.text import ENCODINGS
from nodeforge.data.text_files import AUTO, decoded_as, read_text
from nodeforge.data.texts import LOWER, STEP, UNIT, VOCABULARY, WINDOW, text_windows

SUFFIXES = (".txt", ".md", ".text")

ENCODING = Parameter(
    "encoding", Choice(options=(AUTO, *ENCODINGS)), AUTO, "How letters are stored.", advanced=True
)


def _load(call: SourceCall) -> Samples:
    paths = _files(call)
    encoding = call.text("encoding")
    texts = [read_text(path, encoding) for path in paths]
    empty = next((path for path, text in zip(paths, texts, strict=True) if not text.strip()), None)
    if empty is not None:
        raise UserError(f"{empty.name} is empty: put text into it, or take it out.")
    title = paths[0].name if len(paths) == 1 else paths[0].parent.name
    samples = text_windows(title, "\n\n".join(texts), call)
    return samples.noting(decoded_as([(path.name, path) for path in paths], encoding))


def _files(call: SourceCall) -> tuple[Path, ...]:
    path = chosen_path(call, "text file")
    if path.is_file():
        return (path,)
    paths = sorted(found for found in path.iterdir() if found.suffix.lower() in SUFFIXES and found.is_file())
    if not paths:
        raise UserError(f"{path} holds no text files ({', '.join(SUFFIXES)}): choose another folder.")
    return tuple(paths)


TEXT = Source(
    name="text",
    title="Running text",
    summary="Text of your own, letter by letter or word by word; predict what comes next.",
    doc="One file, or a folder whose .txt and .md files follow each other in the order of their names. Each sample is a "
    "window of the text; its target is the same window one letter or word later. The end of the text is the test.",
    keywords=("text", "language model", "characters", "words", "generation", "own data"),
    parameters=(
        Parameter(
            "path",
            Text(path=True),
            "",
            "The file, or a folder of files; a relative path starts from the project's folder.",
        ),
        WINDOW,
        STEP,
        UNIT,
        VOCABULARY,
        LOWER,
        ENCODING,
    ),
    load=_load,
    files=_files,
    licence=OWN,
)
