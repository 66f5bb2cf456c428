"""Texts of the user in files: one folder a class."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Parameter, Text
from nodeforge.data.faults import FAULTY, Faults
from nodeforge.data.folders import ClassFile, read_folder
from nodeforge.data.paths import chosen_folder
from nodeforge.data.source import OWN, RawField, Samples, Source, SourceCall
from nodeforge.data.source_kinds.text_file import ENCODING, SUFFIXES
from nodeforge.data.text_files import decoded_as, read_text
from nodeforge.data.texts import TEXT_FORM, labelled_texts, length_parameter

WHAT = "text files"


def _load(call: SourceCall) -> Samples:
    faults = Faults(call.text("faulty") == "leave out")
    folder = read_folder(chosen_folder(call, "folder of texts"), SUFFIXES, WHAT, faults)
    if len(folder.classes) < 2:
        raise UserError(
            f"{folder.root} has no folders of {WHAT}: make one for each class, or choose the source text for running text."
        )
    encoding = call.text("encoding")
    files: list[ClassFile] = []
    texts: list[str] = []
    for file in folder.files:
        try:
            text = read_text(file.path, encoding)
        except UserError as error:
            faults.add(str(error).replace(file.path.name, folder.name(file), 1))
            continue
        if text.strip():
            files.append(file)
            texts.append(text)
        else:
            faults.add(f"{folder.name(file)} is empty.")
    if not files:
        raise UserError(f"None of the texts in {folder.root} can be read: choose another folder.")
    labels = np.array([file.label for file in files], dtype=np.int64)
    target = RawField(name="target", values=labels, role="target", classes=folder.classes)
    names = tuple(folder.name(file) for file in files)
    samples = labelled_texts(folder.root.name, texts, target, call)
    notes = [
        *folder.notes,
        *faults.settle(),
        *decoded_as(zip(names, (file.path for file in files), strict=True), encoding),
    ]
    return replace(
        samples.noting(notes),
        sample_names=names,
        given_test=np.array([file.test for file in files]) if folder.split else None,
    )


def _files(call: SourceCall) -> tuple[Path, ...]:
    root = chosen_folder(call, "folder of texts")
    return tuple(path for path in sorted(root.rglob("*")) if path.suffix.lower() in SUFFIXES)


TEXT_FOLDER = Source(
    name="text-folder",
    title="Folder of texts",
    summary="Texts of your own, one file each, one folder for each class.",
    doc="The names of the folders are the classes; folders called train and test, with the classes in each, give the split.",
    keywords=("text", "classification", "documents", "own data"),
    parameters=(
        Parameter(
            "path",
            Text(path=True, folder=True),
            "",
            "The folder; a relative path starts from the project's folder.",
        ),
        length_parameter(128, "words"),
        *TEXT_FORM,
        ENCODING,
        FAULTY,
    ),
    load=_load,
    files=_files,
    licence=OWN,
)
