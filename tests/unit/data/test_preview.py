from __future__ import annotations

import numpy as np
import pytest

from nodeforge.data import describe


def test_images_are_shown_as_they_are_with_their_class(dataset) -> None:
    data = dataset("mnist-5k")
    preview = describe(data, rows=7)
    assert len(preview.pictures) == 7
    row = data.indices["train"][3]
    picture = preview.pictures[3]
    assert (picture.width, picture.height, picture.channels) == (28, 28, 1)
    assert np.array_equal(np.frombuffer(picture.pixels, np.uint8), data.samples.fields[0].values[row].ravel())
    assert picture.label == str(data.samples.fields[1].values[row])


def test_digits_are_brightened_to_eight_bits(dataset) -> None:
    pixels = np.frombuffer(b"".join(p.pixels for p in describe(dataset("digits")).pictures), np.uint8)
    assert (pixels.min(), pixels.max()) == (0, 255)


def test_class_counts_add_up(dataset) -> None:
    preview = describe(dataset("iris"))
    assert preview.class_counts == {"train": (36,) * 3, "validation": (4,) * 3, "test": (10,) * 3}


def test_series_are_shown_whole(dataset) -> None:
    preview = describe(dataset("elnino"))
    assert len(preview.series[0]) == 732
    assert preview.series[0][:2] == (23.11, 24.2)
    assert preview.class_counts == {}


def test_tables_are_shown_as_they_stand_with_roles_and_types(table) -> None:
    rows = "".join(f"{i},  {i % 3}.50,{'xy'[i % 2]}\n" for i in range(500))
    preview = describe(table("id,size,kind\n" + rows), rows=3)
    assert preview.table.columns == ("id", "size", "kind")
    assert preview.table.types == ("number", "number", "category")
    assert preview.table.roles == ("ignore", "feature", "target")
    assert preview.table.rows == (("0", "  0.50", "x"), ("1", "  1.50", "y"), ("2", "  2.50", "x"))
    assert preview.table.total_rows == 500
    assert preview.table.first_row == 2  # as errors and spreadsheets count


@pytest.mark.parametrize("source", ["digits", "iris", "mnist-5k", "elnino"])
def test_every_source_has_something_to_show_and_says_what_was_done(dataset, source: str) -> None:
    preview = describe(dataset(source))
    assert preview.table or preview.pictures or preview.series
    assert len(preview.notes) >= 2
    assert all(note.endswith(".") for note in preview.notes)
