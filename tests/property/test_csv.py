"""Whatever stands in a file: a dataset of finite numbers, or one sentence for the person."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from nodeforge.core.document import Column, Component, DataSettings
from nodeforge.core.errors import UserError
from nodeforge.data import describe, load

CELLS = st.one_of(
    st.integers(-3, 3).map(str),
    st.floats(width=32).map(repr),
    st.sampled_from(
        ["", "NA", "nan", "inf", "x", "y", "a b", "1e400", "1_0", "0x1", "١", " 2 ", '"', '"q,q"', "-", "3,5"]
    ),
    st.text(max_size=4),
)
TABLES = st.builds(
    lambda rows, delimiter, end: end.join(delimiter.join(row) for row in rows),
    st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=12),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
MISSING = st.sampled_from(["", "NA"])
NUMBERS = st.one_of(st.integers(-3, 3).map(str), st.floats(-1e6, 1e6, width=32).map(repr))
WORDS = st.sampled_from(["x", "y", "a b"])


@st.composite
def plausible_tables(draw: st.DrawFn) -> str:
    """Named columns of numbers and of words, with gaps, and now and then a cell that does not belong."""
    count = draw(st.integers(1, 25))
    kinds = draw(
        st.lists(
            st.sampled_from([NUMBERS, WORDS, NUMBERS | MISSING, WORDS | MISSING]), min_size=1, max_size=4
        )
    )
    columns = [draw(st.lists(kind, min_size=count, max_size=count)) for kind in kinds]
    if draw(st.integers(0, 4)) == 0:
        columns[0][0] = draw(CELLS)
    return "\n".join([",".join("abcd"[: len(kinds)]), *(",".join(row) for row in zip(*columns, strict=True))])


PREPARATION = st.fixed_dictionaries(
    {},
    optional={
        "missing": st.sampled_from(["drop rows", "mean", "median", "most frequent"]),
        "scaling": st.sampled_from(["none", "standard", "min-max", "0-1"]),
        "split": st.sampled_from(["auto", "stratified", "random", "chronological"]),
        "test_fraction": st.sampled_from([0.0, 0.2, 0.9]),
        "validation_fraction": st.sampled_from([0.0, 0.1, 0.9]),
    },
)
COLUMNS = st.lists(
    st.builds(
        Column,
        name=st.sampled_from("abcd"),
        role=st.sampled_from(["feature", "target", "ignore"]),
        type=st.sampled_from(["number", "category"]),
    ),
    max_size=3,
    unique_by=lambda column: column.name,
)


def read(content: bytes, preparation: dict[str, Any] | None = None, columns: tuple[Column, ...] = ()) -> None:
    """Loads the content; checks what comes out."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(content)
        source = Component(kind="csv", parameters={"path": path.name})
        fault = ""
        try:
            data = load(
                DataSettings(source=source, preparation=preparation or {}, columns=columns), path.parent
            )
            describe(data)
            data.read(path)
        except UserError as error:
            fault = str(error)
    event("a fault" if fault else "a dataset")
    if fault:
        assert fault.endswith(".")
        return
    sizes = {name: size for name, size in data.facts.sizes.items() if size}
    assert set(sizes) == set(data.splits)
    for name, fields in data.splits.items():
        for field in data.facts.fields:
            values = fields[field.name]
            assert values.shape == (sizes[name], *field.spec.shape[1:])
            assert values.dtype == field.spec.dtype
            assert np.isfinite(values).all()
    rows = np.concatenate(list(data.indices.values()))
    assert len(np.unique(rows)) == len(rows) == len(data.samples)


@given(st.binary(max_size=200))
@example(b"\xff\xfea")
@example(b"\xef\xbb\xbf")
@example(b"a,b\n\0,1\n")
def test_any_bytes(content: bytes) -> None:
    read(content)


@given(TABLES, st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_any_text(content: str, encoding: str) -> None:
    read(content.encode(encoding, errors="surrogatepass"))


@settings(max_examples=150)
@given(plausible_tables(), PREPARATION, st.just([]) | COLUMNS)
def test_plausible_tables_with_any_settings(content: str, preparation: dict, columns: list[Column]) -> None:
    read(content.encode(errors="surrogatepass"), preparation, tuple(columns))
