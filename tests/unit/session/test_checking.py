"""The project as a whole: a fault in its data is a finding like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodeforge.core.document import Component, DataSettings, Document
from nodeforge.core.edits import apply
from nodeforge.core.errors import UserError
from nodeforge.project import files, shipped
from nodeforge.session.checking import check_project, require_ok


@pytest.fixture
def document() -> Document:
    return files.load(shipped.project("iris-mlp"))


def test_a_misspelt_source_is_mended_by_its_fix(document: Document, tmp_path: Path) -> None:
    document.data = DataSettings(source=Component(kind="irris"), preparation={"split_seed": 3})
    report = check_project(document, tmp_path)
    (fault,) = report.diagnostics
    assert not report.ok
    assert "There is no data source irris" in fault.message
    with pytest.raises(UserError, match="There is no data source irris"):
        require_ok(report)
    assert [fix.label for fix in fault.fixes] == ["Use Iris"]
    apply(document, fault.fixes[0].edit)
    assert document.data == DataSettings(source=Component(kind="iris"), preparation={"split_seed": 3})
    assert check_project(document, tmp_path).diagnostics == ()


def test_a_file_at_fault_has_no_such_fix(document: Document, tmp_path: Path) -> None:
    document.data = DataSettings(source=Component(kind="csv", parameters={"path": "gone.csv"}))
    (fault, *_) = check_project(document, tmp_path).diagnostics
    assert (fault.code, fault.severity, fault.fixes) == ("data", "error", ())
    assert "There is no file" in fault.message
