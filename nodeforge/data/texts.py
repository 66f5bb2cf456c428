"""Samples of texts: labelled ones, and windows of a running one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Boolean, Choice, Integer, Parameter
from nodeforge.data.padding import PADDING_SIDE, padded
from nodeforge.data.source import MASK, Array, Layout, RawField, Samples, SourceCall
from nodeforge.data.tokens import Tokens, Vocabulary, character_codes, word_codes

UNIT = Parameter(
    "unit",
    Choice(options=("characters", "words")),
    "characters",
    "What gets a number of its own: every letter or sign, or every word. Runs of letters are words; "
    "other signs stand for themselves.",
)
VOCABULARY = Parameter(
    "vocabulary",
    Integer(minimum=0, maximum=1_000_000),
    0,
    "How many numbers there are at most, those of padding and of unknown ones included. The most frequent letters or "
    "words of the training samples get one; all others count as unknown. 0: as many as needed.",
)
LOWER = Parameter("lower", Boolean(), False, "Read capitals as small letters.")
WINDOW = Parameter(
    "window", Integer(minimum=1, maximum=100_000), 64, "How many letters or words the network sees at once."
)
STEP = Parameter(
    "step",
    Integer(minimum=0, maximum=100_000),
    0,
    "How far each window lies behind the one before it. 0: as far as it is long, so that none overlap.",
    advanced=True,
)


def length_parameter(default: int, unit: str) -> Parameter:
    """How long the rows of labelled texts are."""
    return Parameter(
        "length",
        Integer(minimum=1, maximum=100_000),
        default,
        "How many letters or words of a text the network sees. Longer texts lose their end, shorter ones are "
        "padded.",
        unit=unit,
    )


TEXT_FORM = (UNIT, VOCABULARY, LOWER, PADDING_SIDE)
"""How labelled texts are read; with `length_parameter` and other defaults where a source wants them."""


def labelled_texts(
    title: str, texts: Sequence[str], target: RawField, call: SourceCall, *, column: str = ""
) -> Samples:
    """Texts with their answers; each a row of numbers, (N, length).

    Args:
        title: What the data are called.
        texts: One a sample.
        target: The answers.
        call: Gives unit, vocabulary, lower, length and padding.
        column: Where the texts stood in a table.

    Raises:
        UserError: A text is empty.
    """
    form = Tokens(unit=call.text("unit"), lower=call.flag("lower"))
    cut = [form.cut(text) for text in texts]
    length = call.integer("length")
    empty = [row for row, tokens in enumerate(cut, start=1) if not tokens]
    if empty:
        raise UserError(
            f"Text {empty[0]} of {title} is empty{_more(len(empty))}: fill it in, or take its row out."
        )
    codes, alphabet = word_codes([token for tokens in cut for token in tokens])
    rows = np.split(codes, np.cumsum([len(tokens) for tokens in cut])[:-1])
    side = call.text("padding")
    tokens = Tokens(
        unit=form.unit,
        lower=form.lower,
        alphabet=alphabet,
        limit=call.integer("vocabulary"),
        padded=True,
    )
    field = RawField(
        name="text",
        values=padded(rows, length, side, gap=-1),
        layout=Layout.TOKENS,
        tokens=tokens,
        columns=(column,) if column else (),
        padded=side,
    )
    longest = max(len(tokens) for tokens in cut)
    cropped = sum(len(tokens) > length for tokens in cut)
    notes = (
        f"Texts have up to {longest:,} {form.unit}; the end of {cropped:,} of {len(cut):,} lies beyond the "
        f"{length:,} that are read.",
    )
    return Samples(title=title, fields=(field, target), notes=notes if cropped else ())


def _more(count: int) -> str:
    return f" (and {count - 1:,} more)" if count > 1 else ""


def text_windows(title: str, text: str, call: SourceCall) -> Samples:
    """Windows of a running text, (N, window), each with the same text one letter or word later.

    Args:
        title: What the text is called.
        text: All of it.
        call: Gives unit, vocabulary, lower, window and step.

    Raises:
        UserError: The text is too short.
    """
    form = Tokens(unit=call.text("unit"), lower=call.flag("lower"))
    if form.unit == "characters":
        codes, alphabet = character_codes(text.lower() if form.lower else text)
    else:
        codes, alphabet = word_codes(form.cut(text))
    window, step = call.integer("window"), call.integer("step") or call.integer("window")
    if len(codes) < window + 1:
        raise UserError(
            f"{title} has {len(codes):,} {form.unit}; a window of {window:,} and the one after it need "
            f"{window + 1:,}: set the window smaller."
        )
    tokens = Tokens(unit=form.unit, lower=form.lower, alphabet=alphabet, limit=call.integer("vocabulary"))
    windows = np.lib.stride_tricks.sliding_window_view(codes, window)
    first, second = windows[:-1:step], windows[1::step]
    return Samples(
        title=title,
        fields=(
            RawField(name="text", values=first, layout=Layout.TOKENS, tokens=tokens),
            RawField(name="target", values=second, role="target", layout=Layout.TOKENS, tokens=tokens),
        ),
        notes=(f"{len(codes):,} {form.unit}, cut into windows of {window:,}, one every {step:,}.",),
        ordered=True,
        overlap=-(-window // step) - 1,
    )


def read_texts(field: RawField, vocabulary: Vocabulary, path: Path) -> dict[str, Array]:
    """New texts as the numbers of the training: int64 (N, T), and their mask where they are padded.

    A table gives the column that the training texts stood in; another file one text a line. For networks
    that learned from a running text, the file is one text, cut into windows; of a shorter one, all there is.

    Raises:
        UserError: The file holds no such texts.
    """
    length = field.values.shape[1]
    if not field.padded:
        numbers = vocabulary.encode(_whole(path))
        if not len(numbers):
            raise UserError(f"{path.name} is empty: give it the text to go on from.")
        if len(numbers) < length:
            return {field.name: numbers[None]}
        count = len(numbers) // length
        # The last window ends where the text ends: what comes next is asked there.
        return {field.name: numbers[len(numbers) - count * length :].reshape(count, length)}
    texts = _texts(field, path)
    rows = padded([vocabulary.encode(text) for text in texts], length, field.padded, gap=-1)
    return {field.name: np.where(rows < 0, 0, rows), MASK: rows >= 0}


def _whole(path: Path) -> str:
    from nodeforge.data.text_files import read_text

    return read_text(path)


def _texts(field: RawField, path: Path) -> list[str]:
    if field.columns and path.suffix.lower() in (".csv", ".tsv"):
        from nodeforge.data.tables.texts import column_of

        return column_of(path, field.columns[0])
    found = [line for line in _whole(path).splitlines() if line.strip()]
    if not found:
        raise UserError(f"{path.name} is empty: give it one text a line.")
    return found
