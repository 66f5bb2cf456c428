"""Tables of the user: what is guessed, what can be told, and one clear sentence for every fault."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nodeforge.core.document import Column
from nodeforge.core.errors import UserError
from nodeforge.data import describe

ROWS = "width,height,kind\n" + "".join(f"{i},{i * 0.5},{'xy'[i % 2]}\n" for i in range(30))


def test_numbers_become_features_and_the_last_column_the_classes(table) -> None:
    data = table(ROWS)
    features, target = data.samples.fields
    np.testing.assert_array_equal(features.values, [[i, i * 0.5] for i in range(30)])
    np.testing.assert_array_equal(target.values, [i % 2 for i in range(30)])
    assert data.facts.field("target", "target").classes == ("x", "y")
    assert data.facts.sizes == {"train": 21, "validation": 3, "test": 6}
    assert any("kind is taken as the target" in note for note in data.notes)


def test_a_column_called_target_is_the_target_wherever_it_stands(table) -> None:
    data = table("Label,a\n" + "".join(f"{i % 3},{i}\n" for i in range(30)))
    assert data.facts.field("target", "target").classes == ("0", "1", "2")


def test_many_different_numbers_are_values_to_predict(table) -> None:
    data = table("a,price\n" + "".join(f"{i},{i * i}\n" for i in range(30)))
    target = data.facts.field("target", "target")
    assert (target.classes, target.spec.shape, target.spec.dtype) == ((), ("N", 1), "float32")
    np.testing.assert_allclose(
        np.sort(data.restore("target", np.concatenate([s["target"] for s in data.splits.values()])), axis=0)[
            :, 0
        ],
        [i * i for i in range(30)],
        atol=1e-3,
    )


def test_roles_and_types_can_be_told(table) -> None:
    columns = (
        Column(name="kind", role="feature", type="category"),
        Column(name="height", role="ignore"),
        Column(name="width", role="target", type="number"),
    )
    data = table(ROWS, columns=columns)
    assert [f.values.shape for f in data.samples.fields] == [(30, 2), (30, 1)]
    np.testing.assert_array_equal(data.samples.fields[0].values[:2], [[1, 0], [0, 1]])
    assert data.columns_of("features") == ("kind=x", "kind=y")


def test_several_numbers_can_be_the_target(table) -> None:
    columns = tuple(Column(name=name, role="target", type="number") for name in ("width", "height"))
    data = table(ROWS, columns=columns)
    assert data.facts.field("target", "target").spec.shape == ("N", 2)
    np.testing.assert_array_equal(data.samples.fields[0].values.sum(axis=1), 1)


def test_a_table_needs_no_target(table) -> None:
    data = table(
        ROWS,
        columns=tuple(
            Column(name=n, type=t)
            for n, t in [("width", "number"), ("height", "number"), ("kind", "category")]
        ),
    )
    assert [field.role for field in data.facts.fields] == ["input"]
    assert any(note.startswith("No column is the target") for note in data.notes)


def test_class_numbers_are_sorted_as_numbers(table) -> None:
    data = table("a,class\n" + "".join(f"{i},{(10, 9, 2)[i % 3]}\n" for i in range(30)))
    assert data.facts.field("target", "target").classes == ("2", "9", "10")
    assert data.samples.labels.values[:3].tolist() == [2, 1, 0]


@pytest.mark.parametrize("header", ["Id", "index", ""])
def test_a_column_that_numbers_the_rows_is_left_out(table, header: str) -> None:
    lines = ROWS.splitlines()
    data = table("\n".join([f"{header},{lines[0]}", *(f"{i},{line}" for i, line in enumerate(lines[1:]))]))
    assert data.facts.field("features", "input").spec.shape == ("N", 2)
    assert any("left out: it numbers or names the rows" in note for note in data.notes)


@pytest.mark.parametrize("delimiter", [";", "\t", "|", " "])
def test_the_delimiter_is_found(table, delimiter: str) -> None:
    data = table(ROWS.replace(",", delimiter))
    assert data.facts.field("features", "input").spec.shape == ("N", 2)


@pytest.mark.parametrize(
    ("header", "row", "columns"),
    [
        ("mean width", "3", ["mean width"]),
        ("mean width,kind of it", "3,box one", ["mean width", "kind of it"]),
        ("a;b", "1,5;2,5", ["a", "b"]),
        ("a,b", "1,x;y;z", ["a", "b"]),
        ("a;b c d;e", "1;x y z;2", ["a", "b c d", "e"]),
    ],
)
def test_texts_and_decimals_are_no_delimiters(table, header: str, row: str, columns: list[str]) -> None:
    other = row.translate(str.maketrans("123x", "345w"))
    data = table(f"{header}\n" + f"{row}\n{other}\n" * 9)
    assert [column.name for column in data.samples.head.columns] == columns


def test_decimal_commas_are_understood_between_semicolons(table) -> None:
    data = table(ROWS.replace(",", ";").replace(".", ","))
    np.testing.assert_array_equal(data.samples.fields[0].values[:, 1], np.arange(30) / 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_the_encoding_is_found(table, encoding: str) -> None:
    data = table(ROWS.replace("height", "Höhe").encode(encoding))
    assert describe(data).table.columns == ("width", "Höhe", "kind")


def test_quoted_cells_may_hold_delimiters_and_line_ends(table) -> None:
    data = table(ROWS.replace(",x", ',"x,\nor so"'))
    assert data.facts.field("target", "target").classes == ("x,\nor so", "y")


def test_rows_with_gaps_are_left_out_or_filled(table) -> None:
    holes = ROWS + ",3,x\n4,NA,x\n5,6,\n"
    dropped = table(holes)
    assert len(dropped.samples) == 30
    assert "3 rows with missing values were left out." in dropped.notes
    filled = table(holes, preparation={"missing": "median"})
    assert len(filled.samples) == 32  # a row without its target teaches nothing
    assert "1 row with a missing value was left out." in filled.notes
    assert all(np.isfinite(split["features"]).all() for split in filled.splits.values())


def test_a_table_without_header_numbers_its_columns(table) -> None:
    data = table(ROWS.split("\n", 1)[1], header=False)
    assert describe(data).table.columns == ("column_1", "column_2", "column_3")
    assert len(data.samples) == 30


KIND = Column(name="kind", role="target", type="category")
FAULTS = {
    "empty": ("", "table.csv is empty: choose a file"),
    "blank lines": ("\n\n\n", "table.csv is empty: choose a file"),
    "header only": ("a,b\n", "has a header and no rows: add rows"),
    "short row": (ROWS + "1,2\n", "Row 32 of table.csv has 2 values, and the header has 3: add"),
    "long row": (ROWS + "1,2,x,4\n", "Row 32 of table.csv has 4 values, and the header has 3"),
    "late short row": (
        ROWS + "1,2,x\n" * 5000 + "1\n",
        "Row 5032 of table.csv has 1 value, and the header has 3",
    ),
    "row after blank lines": (ROWS + "\n\n1,2\n", "Row 34 of table.csv has 2 values"),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "table.csv is not a text file: save the table as CSV"),
    "undecodable": (
        ROWS.encode() + b"1,2,\x81\xff\n",
        r"not written in windows-1252 \(line 32 cannot be read\): choose",
    ),
    "open quote": (ROWS + '1,2,"x\n', "Row 32 of table.csv has quotation marks that do not match"),
    "text among numbers": (
        ROWS + "1,tall,x\n",
        "Row 32 of table.csv: column height holds 'tall', which is no number",
    ),
    "infinite": (
        ROWS + "1,-inf,x\n",
        "Row 32 of table.csv: column height holds '-inf', which is no finite number",
    ),
    "one class": (
        ROWS.replace("y", "x"),
        "The target kind of table.csv is always x: there must be at least two",
    ),
    "too few rows": ("a,b\n1,x\n2,y\n", "table.csv has 2 usable samples: too few to have some for train"),
    "same names": (ROWS.replace("height", "width"), "2 columns of table.csv are called width: give each"),
    "nameless columns": ("a,,\n1,2,3\n", "2 columns of table.csv have no name: give each"),
    "empty column": (
        "a,b,kind\n" + "1,,x\n2,,y\n" * 9,
        "Column b of table.csv is empty: fill it, or set its role",
    ),
    "gaps in every row": (
        "a,b,kind\n" + "1,,x\n,2,y\n" * 9,
        "Every row of table.csv misses a value: set the missing values to be filled",
    ),
    "only a target": (ROWS, "table.csv has no feature column: give at least one"),
    "many categories": (
        "a,name,kind\n" + "x,x,x\n" * 1500 + "".join(f"x,n{i},y\n" for i in range(1500)),
        "Column name of table.csv has more than 1,000 different values .row 2501.: set",
    ),
}


def test_categories_that_would_fill_the_memory_are_refused(table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodeforge.data.tables.fields.MAX_CELLS", 40 * 12)
    rows = "".join(f"{i},c{i % 12},{i % 2}\n" for i in range(40))
    with pytest.raises(
        UserError, match=r"40 rows of 13 features do not fit .* 12 of them are the categories of name"
    ):
        table("a,name,kind\n" + rows)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_sentence_that_names_place_and_remedy(table, fault: str) -> None:
    content, sentence = FAULTS[fault]
    columns = ()
    if fault == "only a target":
        columns = (*(Column(name=name, role="ignore") for name in ("width", "height")), KIND)
    with pytest.raises(UserError, match=sentence) as caught:
        table(content, columns=columns)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"target": "species"},
            "table.csv has no column species: choose the target among width, height, kind",
        ),
        ({"columns": (Column(name="age"),)}, "table.csv has no column age: take it out of the data settings"),
        (
            {"columns": (Column(name="width", role="goal"),)},
            "Column width has the role 'goal': it must be one of feature",
        ),
        (
            {"columns": (Column(name="width", type="text"),)},
            "Column width has the type 'text': it must be one of number",
        ),
        (
            {"target": "kind", "columns": (Column(name="width", role="target"),)},
            "The target of table.csv is set twice, to kind and to width: clear data.target",
        ),
        (
            {"columns": (Column(name="width", role="target"), KIND)},
            "has the targets width and kind: a category must be the only target",
        ),
        (
            {"columns": (Column(name="kind", role="feature", type="number"),)},
            "Row 2 .* column kind holds 'x', which is no",
        ),
        ({"path": ""}, "No CSV file is chosen: choose one under data"),
        ({"path": "other.csv"}, "There is no file .*other.csv: check its name and place"),
        ({"path": "."}, "is a folder: choose a CSV file in it"),
        ({"path": "~nobody-of-this-name/t.csv"}, "names no folder of this computer|There is no file"),
        ({"path": "a\0b"}, r"(cannot be the path of a file|There is no file)"),
        ({"encoding": "utf-16"}, "table.csv is not written in utf-16"),
        ({"delimiter": "colon"}, "Data source csv: delimiter must be one of auto, comma"),
    ],
)
def test_settings_that_do_not_fit_the_file_are_told(table, settings: dict, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        table(ROWS, **settings)


def test_an_unreadable_file_is_told(dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments, **keywords):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    (tmp_path / "locked.csv").touch()
    with pytest.raises(UserError, match=r"locked\.csv cannot be read: you have no permission there"):
        dataset("csv", path="locked.csv")


def test_rows_that_belong_together_stay_together(table) -> None:
    rows = "".join(f"{i * 7 % 11},p{i // 3},{'ab'[i % 2]}\n" for i in range(90))
    data = table("size,person,kind\n" + rows, groups="person")
    assert data.facts.field("", "input").spec.shape == ("N", 1)
    people = [set(data.samples.groups[rows]) for rows in data.indices.values()]
    assert sum(map(len, people)) == len(set.union(*people)) == 30
    assert data.samples.group_names[data.samples.groups[3]] == "p1"
    divided = table("size,person,kind\n" + rows, groups="person", preparation={"split": "random"})
    assert {finding.code for finding in divided.facts.findings} >= {"divided-group"}
    with pytest.raises(UserError, match=r"table\.csv has no column who for the groups: choose among size"):
        table("size,person,kind\n" + rows, groups="who")
    with pytest.raises(UserError, match=r"Value 91 of column person of table\.csv is missing"):
        table("size,person,kind\n" + rows + "1,,a\n", groups="person")
