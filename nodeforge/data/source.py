"""What a data source is: a declaration with its loader, and the raw samples a loader gives."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodeforge.core.document import Column
from nodeforge.core.parameters import Declaration, Value
from nodeforge.data.streams import Stream
from nodeforge.data.tokens import Tokens

Array = NDArray[Any]

MASK = "mask"
"""The input that says where padded samples have values."""


class Layout(StrEnum):
    """What the axes of one sample mean."""

    FEATURES = "features"
    """(F,), or () for a class label: every column is a quantity of its own."""
    IMAGE = "image"
    """(C, H, W): every channel is a quantity."""
    SERIES = "series"
    """(T, F): time steps, then quantities."""
    WAVE = "wave"
    """(C, T): channels of a sound, then its samples."""
    TOKENS = "tokens"
    """(T,): numbers of letters or words, one after another."""

    @property
    def channel_axis(self) -> int:
        """The axis of quantities in a batch."""
        return 1 if self in (Layout.IMAGE, Layout.WAVE) else -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawField:
    """One field of all samples, before anything was fitted.

    Attributes:
        name: "features", "image", "series", "target".
        values: One row per sample, in memory or to be read from disk; NaN where a value is missing. Class labels are int64 of shape (N,); letters
            and words are codes into the alphabet of `tokens`, −1 where a text has ended.
        role: "input" or "target".
        layout: What the axes of a sample mean.
        classes: Names of the classes of a label, else empty.
        columns: What a target's quantities are called where they come from; empty when nobody has named them.
        value_range: Least and greatest possible value, where the source knows them (0 and 255 for pixels).
        one_hot: (start, stop) of the columns that stand for one category each; they are never scaled.
        tokens: For texts: what the codes stand for.
        padded: "start" or "end" when samples are of several lengths, and NaN (−1 in texts) fills the shorter ones
            up on that side. The data then get one more input, `mask`, which is true where there is a value.
    """

    name: str
    values: Array | Stream
    role: str = "input"
    layout: Layout = Layout.FEATURES
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    value_range: tuple[float, float] | None = None
    one_hot: tuple[tuple[int, int], ...] = ()
    tokens: Tokens | None = None
    padded: str = ""

    @property
    def array(self) -> Array:
        """The values of a field that lies in memory."""
        assert not isinstance(self.values, Stream), self.name
        return self.values

    def read(self, rows: Array) -> Array:
        """The values of some rows, wherever they lie."""
        return self.values.read(rows) if isinstance(self.values, Stream) else self.values[rows]

    def present(self, values: Array) -> Array:
        """Where raw values of this field are values and no padding: bool, (N, T)."""
        known = values >= 0 if self.tokens is not None else ~np.isnan(values).all(axis=-1)
        return np.asarray(known)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Timeline:
    """A series and the moments its samples predict.

    Attributes:
        values: The whole series in its own unit, (T,).
        moments: For each sample, the index in `values` of the value it predicts, ascending.
        horizon: How many steps that lies after the last value the sample sees.
        period: Steps of one season (12 for months), or 0.
    """

    values: Array
    moments: Array
    horizon: int
    period: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TableHead:
    """First rows of a table as they stand in the file, and how each column is used.

    Attributes:
        first_row: Number of the first of them in the file, where the header is row 1.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total_rows: int
    first_row: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sounds:
    """The sound that each sample was made of.

    Attributes:
        rate: Samples of sound a second, in Hz.
        wave: (row) -> the sound of one sample, float32 from −1 to 1, (T,).
    """

    rate: int
    wave: Callable[[int], Array]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Samples:
    """Everything a source gives.

    Attributes:
        fields: Inputs first, then targets; all with as many rows.
        notes: Sentences on what was done while reading.
        timeline: For series: where in time each sample lies. It decides the chronological split.
        head: For tables: the first rows, for the preview.
        ordered: The samples lie one after another and have no moments: a chronological split goes by their order.
        overlap: So many samples after each one hold some of the same; a chronological split leaves them out.
        given_test: Which samples the makers of the data keep for the test, (N,); None where they say nothing.
        groups: Which samples belong together (of one file, of one person) and must not be divided between splits:
            whole numbers, (N,).
        group_names: By group, what it is called.
        sample_names: What each sample is called where it comes from a file of its own; else empty.
        sounds: For audio: how to hear a sample.
        read: Reads other samples of the same form from a file, without targets: (path) -> raw values by input
            field. None when any file that holds numbers of the right shape will do.
    """

    title: str
    fields: tuple[RawField, ...]
    notes: tuple[str, ...] = ()
    timeline: Timeline | None = None
    head: TableHead | None = None
    ordered: bool = False
    overlap: int = 0
    given_test: Array | None = None
    groups: Array | None = None
    group_names: tuple[str, ...] = ()
    sample_names: tuple[str, ...] = ()
    sounds: Sounds | None = None
    read: Callable[[Path], dict[str, Array]] | None = None

    def __len__(self) -> int:
        return len(self.fields[0].values)

    def noting(self, sentences: Iterable[str]) -> Samples:
        """The same with sentences before those that are there."""
        return replace(self, notes=(*sentences, *self.notes))

    def only(self, chosen: Array) -> Samples:
        """Some of the samples: bool, (N,)."""

        def part(values: Array | None) -> Array | None:
            return None if values is None else values[chosen]

        return replace(
            self,
            fields=tuple(replace(field, values=field.values[chosen]) for field in self.fields),
            timeline=self.timeline and replace(self.timeline, moments=self.timeline.moments[chosen]),
            given_test=part(self.given_test),
            groups=part(self.groups),
            sample_names=tuple(itertools.compress(self.sample_names, chosen)),
        )

    @property
    def labels(self) -> RawField | None:
        """The field of class labels, one a sample, if there is one."""
        return next((f for f in self.fields if f.role == "target" and f.classes), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCall:
    """What a loader is asked.

    Attributes:
        values: The source's parameters, checked, with defaults filled in.
        folder: The project's folder, which relative paths start from.
        columns: Roles and types the person has set, for tables.
        memory: Bytes that the samples may take in memory; of more, a loader gives a stream where it can.
    """

    values: Mapping[str, Value]
    folder: Path
    columns: tuple[Column, ...] = ()
    memory: int = 1 << 30

    def text(self, parameter: str) -> str:
        value = self.values[parameter]
        assert isinstance(value, str), (parameter, value)
        return value

    def integer(self, parameter: str) -> int:
        value = self.values[parameter]
        assert isinstance(value, int), (parameter, value)
        return value

    def number(self, parameter: str) -> float:
        value = self.values[parameter]
        assert isinstance(value, (int, float)), (parameter, value)
        return float(value)

    def flag(self, parameter: str) -> bool:
        value = self.values[parameter]
        assert isinstance(value, bool), (parameter, value)
        return value


OWN = "Yours"
"""The licence of a person's own data."""


def no_files(call: SourceCall) -> tuple[Path, ...]:
    """For sources that come with the program."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Declaration):
    """A data source that can be chosen by name.

    Attributes:
        load: Gives the samples; raises UserError when the user's file is at fault.
        files: The user's files it reads, whose change makes it load again; raises UserError when one is
            missing.
        head: For tables, whose columns have roles and types that a person may set: their first rows alone, to
            show them even where the whole cannot be used. Raises UserError.
        licence: Under which terms the data may be used.
    """

    load: Callable[[SourceCall], Samples] = field(repr=False)
    files: Callable[[SourceCall], tuple[Path, ...]] = field(default=no_files, repr=False)
    head: Callable[[SourceCall], TableHead] | None = field(default=None, repr=False)
    licence: str = ""

    @property
    def tabular(self) -> bool:
        """Whether columns have roles and types."""
        return self.head is not None
