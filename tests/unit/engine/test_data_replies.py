from __future__ import annotations

from pathlib import Path

import pytest

from nodeforge.core.document import Component, DataSettings, Document
from nodeforge.core.errors import UserError
from nodeforge.engine.data_replies import describe_data
from nodeforge.engine.messages import DataDescribed, Failed, answer_decoder, encode


def table(folder: Path, content: str) -> Document:
    (folder / "t.csv").write_text(content)
    return Document(data=DataSettings(source=Component(kind="csv", parameters={"path": "t.csv"})))


ROWS = "a,kind\n" + "1,x\n2,y\n" * 20


def test_a_description_says_what_the_data_hold(tmp_path: Path) -> None:
    reply = answer_decoder.decode(encode(describe_data(table(tmp_path, ROWS), tmp_path, 3)))
    assert isinstance(reply, DataDescribed)
    assert [(field.name, field.shape, field.role, field.classes) for field in reply.fields] == [
        ("features", ["N", 1], "input", []),
        ("target", ["N"], "target", ["x", "y"]),
    ]
    assert (reply.table.roles, reply.table.rows) == (
        ["feature", "target"],
        [["1", "x"], ["2", "y"], ["1", "x"]],
    )


def test_images_and_series_cross_as_they_are(tmp_path: Path) -> None:
    def described(source: str) -> DataDescribed:
        document = Document(data=DataSettings(source=Component(kind=source)))
        return answer_decoder.decode(encode(describe_data(document, tmp_path, 5)))

    assert [len(picture.pixels) for picture in described("mnist-5k").pictures] == [784] * 5
    assert len(described("elnino").series[0]) == 732


def test_a_table_at_fault_comes_with_its_first_rows(tmp_path: Path) -> None:
    reply = answer_decoder.decode(encode(describe_data(table(tmp_path, ROWS + "tall,x\n"), tmp_path, 3)))
    assert isinstance(reply, Failed)
    assert reply.user_fault
    assert "column a holds 'tall'" in reply.message
    assert reply.table.types == ["number", "category"]
    assert len(reply.table.rows) == 3


def test_what_is_no_table_is_only_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"t\.csv is empty"):
        describe_data(table(tmp_path, ""), tmp_path, 3)
    with pytest.raises(UserError, match="The project has no data yet"):
        describe_data(Document(), tmp_path, 3)
