"""What a data source is: a declaration with its loader, and the raw samples a loader gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from nodeforge.core.document import Column
from nodeforge.core.parameters import Declaration, Value

Array = NDArray[Any]


class Layout(StrEnum):
    """What the axes of one sample mean."""

    FEATURES = "features"
    """(F,), or () for a class label: every column is a quantity of its own."""
    IMAGE = "image"
    """(C, H, W): every channel is a quantity."""
    SERIES = "series"
    """(T, F): time steps, then quantities."""

    @property
    def channel_axis(self) -> int:
        """The axis of quantities in a batch."""
        return 1 if self is Layout.IMAGE else -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawField:
    """One field of all samples, before anything was fitted.

    Attributes:
        name: "features", "image", "series", "target".
        values: One row per sample; NaN where a value is missing. Class labels are int64 of shape (N,).
        role: "input" or "target".
        layout: What the axes of a sample mean.
        classes: Names of the classes of a label, else empty.
        columns: What a target's quantities are called where they come from; empty when nobody has named them.
        value_range: Least and greatest possible value, where the source knows them (0 and 255 for pixels).
        one_hot: (start, stop) of the columns that stand for one category each; they are never scaled.
    """

    name: str
    values: Array
    role: str = "input"
    layout: Layout = Layout.FEATURES
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    value_range: tuple[float, float] | None = None
    one_hot: tuple[tuple[int, int], ...] = ()


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
class Samples:
    """Everything a source gives.

    Attributes:
        fields: Inputs first, then targets; all with as many rows.
        notes: Sentences on what was done while reading.
        timeline: For series: where in time each sample lies. It decides the chronological split.
        head: For tables: the first rows, for the preview.
        read: Reads other samples of the same form from a file, without targets: (path) -> raw values by input
            field. None when any file that holds numbers of the right shape will do.
    """

    title: str
    fields: tuple[RawField, ...]
    notes: tuple[str, ...] = ()
    timeline: Timeline | None = None
    head: TableHead | None = None
    read: Callable[[Path], dict[str, Array]] | None = None

    def __len__(self) -> int:
        return len(self.fields[0].values)

    @property
    def labels(self) -> RawField | None:
        """The field of class labels, if there is one."""
        return next((f for f in self.fields if f.role == "target" and f.classes), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCall:
    """What a loader is asked.

    Attributes:
        values: The source's parameters, checked, with defaults filled in.
        folder: The project's folder, which relative paths start from.
        columns: Roles and types the person has set, for tables.
    """

    values: Mapping[str, Value]
    folder: Path
    columns: tuple[Column, ...] = ()

    def text(self, parameter: str) -> str:
        value = self.values[parameter]
        assert isinstance(value, str), (parameter, value)
        return value

    def integer(self, parameter: str) -> int:
        value = self.values[parameter]
        assert isinstance(value, int), (parameter, value)
        return value


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
