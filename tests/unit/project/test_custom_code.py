"""Code of a project lies in files of its own, comes along wherever the project goes, and is off until it is trusted."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from custom_projects import SWISH, with_swish

from nodeforge.catalog.custom import CustomKind, custom_faults, custom_kinds
from nodeforge.core.document import CustomCode, Document
from nodeforge.core.edits import SetCustom, apply
from nodeforge.core.errors import EditError, UserError
from nodeforge.project import custom_code, files, schema, trust
from nodeforge.project.places import state_folder
from nodeforge.session.clipboard import copy_text, paste_edits
from nodeforge.session.workspace import Workspace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files.save(with_swish(), tmp_path / "project")
    return tmp_path / "project"


def the_kind(folder: Path) -> CustomKind:
    return custom_kinds(files.load(folder))["Swish"]


def test_code_lies_in_its_file_and_the_project_file_names_it(folder: Path) -> None:
    assert (folder / "custom" / "Swish.py").read_text() == SWISH
    raw = json.loads((folder / "project.json").read_bytes())
    assert raw["custom"] == {"Swish": {}}
    assert files.load(folder).custom == {"Swish": CustomCode(text=SWISH)}


def test_what_travels_to_the_engine_and_into_runs_holds_the_code() -> None:
    document = with_swish()
    assert schema.decode(schema.encode(document)).custom == document.custom


def test_code_comes_along_to_another_folder(folder: Path, tmp_path: Path) -> None:
    Workspace.open(folder).save(tmp_path / "copy")
    assert (tmp_path / "copy" / "custom" / "Swish.py").read_text() == SWISH


def test_windows_line_ends_are_the_same_code(folder: Path) -> None:
    (folder / "custom" / "Swish.py").write_bytes(SWISH.replace("\n", "\r\n").encode())
    assert files.load(folder).custom["Swish"].text == SWISH


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (SWISH.encode() + b"#\n" * 100_000, "is larger than 100 kB"),
        (SWISH.encode() + b"\0", "cannot be seen"),
        (None, "There is no file custom/Swish.py"),
        (b"", "is missing"),
    ],
)
def test_a_file_that_is_no_code_opens_with_a_sentence(folder: Path, data: bytes | None, words: str) -> None:
    path = folder / "custom" / "Swish.py"
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)
    document = files.load(folder)
    assert words in custom_faults(document)["Swish"]
    assert not custom_kinds(document)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_out_of_the_folder_are_neither_read_nor_written(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "Swish.py").write_text(SWISH.replace("1.0", "3.0"))
    path = folder / "custom" / "Swish.py"
    path.unlink()
    path.symlink_to(outside / "Swish.py")
    document = files.load(folder)
    assert "is a link to another place" in custom_faults(document)["Swish"]
    path.unlink()
    path.parent.rmdir()
    path.parent.symlink_to(outside)
    assert "is a link to another place" in custom_faults(files.load(folder))["Swish"]
    (outside / "Swish.py").unlink()
    with pytest.raises(UserError, match="is a link to another place"):
        files.save(with_swish(), folder)
    assert list(outside.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes there")
def test_a_pipe_in_place_of_the_file_holds_up_nobody(folder: Path) -> None:
    path = folder / "custom" / "Swish.py"
    path.unlink()
    os.mkfifo(path)
    assert "There is no file" in custom_faults(files.load(folder))["Swish"]


@pytest.mark.parametrize("name", ["../Swish", "a/b", "", "Swish.py", "_hidden", "class", "Ünder"])
def test_names_that_could_lead_elsewhere_refuse_to_open(folder: Path, name: str) -> None:
    path = folder / "project.json"
    path.write_text(path.read_text().replace('"custom": {"Swish"', f'"custom": {{"{name}"'))
    with pytest.raises(UserError, match="cannot name a layer"):
        files.load(folder)


def test_names_that_differ_in_capitals_alone_are_refused() -> None:
    document = Document()
    with pytest.raises(EditError, match="Swish and swish differ in capitals alone"):
        apply(document, SetCustom({"Swish": CustomCode(), "swish": CustomCode()}))
    assert document.custom == {}


def test_setting_code_is_undone() -> None:
    document = with_swish()
    applied = apply(document, SetCustom({}))
    assert document.custom == {}
    assert applied.change.affects_meaning
    apply(document, applied.inverse)
    assert document.custom == {"Swish": CustomCode(text=SWISH)}


def test_two_files_that_define_the_same_are_told_of() -> None:
    document = with_swish()
    other = CustomCode(text=SWISH.replace("Swish", "Bender"))
    apply(document, SetCustom({**document.custom, "Bender": other}))
    assert custom_faults(document) == {
        "Bender": "custom/Swish.py and custom/Bender.py both define _bent: rename one of the two."
    }


# Trust ------------------------------------------------------------------------------------------------


def test_trust_holds_for_one_text_on_this_machine(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert not the_kind(folder).trusted
    trust.trust(SWISH, "Swish")
    assert the_kind(folder).trusted
    (folder / "custom" / "Swish.py").write_text(SWISH.replace("learnt", "learned"))
    assert not the_kind(folder).trusted
    (folder / "custom" / "Swish.py").write_text(SWISH)
    assert the_kind(folder).trusted
    monkeypatch.setenv("NODEFORGE_STATE_DIR", str(tmp_path / "another machine"))
    assert not the_kind(folder).trusted


def test_one_trust_does_not_take_the_place_of_another() -> None:
    trust.trust("one", "One")
    trust.trust("two", "Two")
    assert trust.is_trusted(trust.digest("one"))
    assert trust.is_trusted(trust.digest("two"))


@pytest.mark.parametrize("text", ["", "[]", '"all"', "{", "[" * 100_000, "\x00", '{"a": 1}'])
def test_a_damaged_list_trusts_nothing(text: str) -> None:
    state_folder().mkdir(parents=True, exist_ok=True)
    (state_folder() / trust.FILE).write_text(text)
    assert not trust.is_trusted(trust.digest(SWISH))
    trust.trust(SWISH, "Swish")
    assert trust.is_trusted(trust.digest(SWISH))


def test_a_list_in_the_project_is_nobodys_trust(folder: Path) -> None:
    (folder / trust.FILE).write_text(json.dumps({trust.digest(SWISH): "Swish"}))
    assert not the_kind(folder).trusted


# A file that changes while the project is open ----------------------------------------------------------


def test_a_file_edited_elsewhere_is_taken_in_as_one_step(folder: Path) -> None:
    workspace = Workspace.open(folder)
    assert not workspace.reload_code()
    edited = SWISH.replace("1.0", "3.0")
    (folder / "custom" / "Swish.py").write_text(edited)
    assert workspace.reload_code()
    assert not workspace.reload_code()
    assert workspace.kinds["Swish"].parameters[0].default == 3.0
    workspace.undo()
    assert workspace.document.custom["Swish"].text == SWISH
    workspace.save()
    assert (folder / "custom" / "Swish.py").read_text() == SWISH


def test_saving_never_writes_over_an_edit_that_was_not_taken_in(folder: Path) -> None:
    workspace = Workspace.open(folder)
    edited = SWISH.replace("1.0", "3.0")
    (folder / "custom" / "Swish.py").write_text(edited)
    with pytest.raises(UserError, match=r"custom/Swish.py was changed since it was read here"):
        workspace.save()
    assert (folder / "custom" / "Swish.py").read_text() == edited
    workspace.reload_code()
    workspace.save()


def test_a_file_that_is_gone_keeps_what_is_open_and_comes_back_with_a_save(folder: Path) -> None:
    workspace = Workspace.open(folder)
    (folder / "custom" / "Swish.py").unlink()
    assert not workspace.reload_code()
    workspace.save()
    assert custom_code.read(folder, "Swish").text == SWISH


# Elsewhere --------------------------------------------------------------------------------------------


def test_a_node_that_is_copied_to_another_project_brings_its_code() -> None:
    there = Document()
    apply(there, paste_edits(there, "main", copy_text(with_swish(), "main", ["relu1"]), (0.0, 0.0)))
    assert there.custom == {"Swish": CustomCode(text=SWISH)}
    apply(there, paste_edits(there, "main", copy_text(with_swish(), "main", ["fc1"]), (0.0, 0.0)))
    mine = CustomCode(text=SWISH.replace("1.0", "3.0"))
    apply(there, SetCustom({"Swish": mine}))
    apply(there, paste_edits(there, "main", copy_text(with_swish(), "main", ["relu1"]), (0.0, 0.0)))
    assert there.custom == {"Swish": mine}  # code here is never replaced by a paste


def test_nodes_without_code_of_their_own_bring_none() -> None:
    there = Document()
    apply(there, paste_edits(there, "main", copy_text(with_swish(), "main", ["fc1"]), (0.0, 0.0)))
    assert there.custom == {}
