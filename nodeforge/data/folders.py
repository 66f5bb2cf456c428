"""Folders of files whose classes are the names of the folders they lie in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nodeforge.core.errors import UserError, system_reason
from nodeforge.data.faults import Faults
from nodeforge.data.words import agreeing, counted

SPLIT_FOLDERS = ("train", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFile:
    """A file of a folder.

    Attributes:
        path: Where it lies.
        label: Its class; −1 when the folder has none.
        test: Whether it lies in the part for the test.
    """

    path: Path
    label: int = -1
    test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFolder:
    """A folder of files by class.

    Attributes:
        root: The folder.
        files: In the order of their paths.
        classes: Names of the classes, in order; empty when files lie in the folder itself.
        split: Whether it is divided into train and test.
        notes: Sentences on what was seen and not used.
    """

    root: Path
    files: tuple[ClassFile, ...]
    classes: tuple[str, ...]
    split: bool
    notes: tuple[str, ...]

    def name(self, file: ClassFile) -> str:
        """The file as people find it: its path within the folder."""
        return file.path.relative_to(self.root).as_posix()


def read_folder(root: Path, suffixes: Sequence[str], what: str, faults: Faults) -> ClassFolder:
    """All files of the kind in a folder: one subfolder a class, or `train` and `test` with one a class in each.

    Args:
        root: The folder.
        suffixes: How the files' names end.
        what: What the files are: "pictures".
        faults: Gets a sentence for each class folder without files.

    Raises:
        UserError: There are no such files, or some lie beside the class folders.
    """
    try:
        tops = sorted(path for path in root.iterdir() if path.is_dir() and not _hidden(path))
    except OSError as error:
        raise UserError(f"{root} cannot be read: {system_reason(error)}.") from error
    split = {path.name for path in tops} == set(SPLIT_FOLDERS)
    parts = {path: path.name == "test" for path in tops} if split else {root: False}
    folders = [(folder, test) for part, test in parts.items() for folder in _subfolders(part)]
    loose = [path for part in parts for path in part.iterdir() if _is(path, suffixes)]
    if folders and loose:
        raise UserError(
            f"{counted(len(loose), 'file')} of {root.name}, such as {loose[0].name}, {agreeing(len(loose), 'lie')} "
            "beside the class folders: move each into the folder of its class, or out of the way."
        )
    others: list[Path] = []
    files: list[ClassFile] = []
    classes = tuple(sorted({folder.name for folder, _ in folders}))
    if not folders:
        files = [
            ClassFile(path=path, test=test)
            for part, test in parts.items()
            for path in _found(part, suffixes, others)
        ]
    for folder, test in folders:
        found = list(_found(folder, suffixes, others))
        if not found:
            faults.add(f"The folder {folder.relative_to(root).as_posix()} of {root.name} holds no {what}.")
        label = classes.index(folder.name)
        files += [ClassFile(path=path, label=label, test=test) for path in found]
    if not files:
        raise UserError(f"{root} holds no {what} ({', '.join(suffixes)}): choose another folder.")
    present = sorted({file.label for file in files})
    if len(present) < len(classes):  # those left out have no number
        numbers = {label: number for number, label in enumerate(present)}
        files = [ClassFile(path=f.path, label=numbers[f.label], test=f.test) for f in files]
        classes = tuple(classes[label] for label in present)
    notes = []
    if others:
        notes.append(
            f"{counted(len(others), 'other file')}, such as {others[0].name}, {agreeing(len(others), 'are')} not of the "
            f"{what} and not read."
        )
    return ClassFolder(root=root, files=tuple(files), classes=classes, split=split, notes=tuple(notes))


def _subfolders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not _hidden(path))


def _found(folder: Path, suffixes: Sequence[str], others: list[Path]) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if _is(path, suffixes):
            yield path
        elif path.is_file() and not _hidden(path):
            others.append(path)


def _is(path: Path, suffixes: Sequence[str]) -> bool:
    return path.suffix.lower() in suffixes and not _hidden(path) and path.is_file()


def _hidden(path: Path) -> bool:
    return path.name.startswith((".", "__"))
