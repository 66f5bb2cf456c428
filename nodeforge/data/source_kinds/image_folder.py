"""Pictures of the user: one folder a class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Choice, Integer, Parameter, Text
from nodeforge.data.faults import FAULTY, Faults
from nodeforge.data.folders import ClassFile, ClassFolder, read_folder
from nodeforge.data.paths import chosen_folder
from nodeforge.data.pictures import SUFFIXES, PictureForm, PictureHead, Pictures, read_head, read_picture
from nodeforge.data.source import OWN, Array, Layout, RawField, Samples, Source, SourceCall
from nodeforge.data.streams import Stream
from nodeforge.data.words import agreeing, counted_names

WHAT = "pictures"
USUAL_SIZE = 64
"""Height and width in pixels where neither the person nor the pictures say one."""


def _load(call: SourceCall) -> Samples:
    faults = Faults(call.text("faulty") == "leave out")
    folder = read_folder(chosen_folder(call, "folder of pictures"), SUFFIXES, WHAT, faults)
    heads: list[PictureHead] = []
    sound: list[ClassFile] = []
    for file in folder.files:
        try:
            heads.append(read_head(file.path))
            sound.append(file)
        except UserError:
            faults.add(f"{folder.name(file)} cannot be read as a picture.")
    if not sound:
        raise UserError(f"None of the pictures in {folder.root} can be read: choose another folder.")
    form, notes = _form(call, [folder.name(file) for file in sound], heads)
    sound, values = _decoded(folder, sound, form, faults, call.memory)
    notes = [*folder.notes, *faults.settle(), *notes]
    fields = [RawField(name="image", values=values, layout=Layout.IMAGE, value_range=(0.0, 255.0))]
    if folder.classes:
        labels = np.array([file.label for file in sound], dtype=np.int64)
        fields.append(RawField(name="target", values=labels, role="target", classes=folder.classes))
    return Samples(
        title=folder.root.name,
        fields=tuple(fields),
        notes=tuple(notes),
        given_test=np.array([file.test for file in sound]) if folder.split else None,
        sample_names=tuple(folder.name(file) for file in sound),
        read=lambda path: {"image": read_picture(path, form)[None]},
    )


def _form(
    call: SourceCall, names: Sequence[str], heads: Sequence[PictureHead]
) -> tuple[PictureForm, list[str]]:
    """What all pictures are brought to, and sentences on what that changes."""
    notes = []
    sizes = Counter((head.height, head.width) for head in heads)
    height, width = call.integer("height"), call.integer("width")
    usual = next(iter(sizes)) if len(sizes) == 1 else (USUAL_SIZE, USUAL_SIZE)
    height, width = height or width or usual[0], width or height or usual[1]
    named = list(zip(names, heads, strict=True))
    other = [name for name, head in named if (head.height, head.width) != (height, width)]
    if other:
        how = {"stretch": "stretched", "crop": "scaled and cropped", "pad": "scaled and padded"}
        notes.append(
            f"{counted_names(other, 'picture')} {agreeing(len(other), 'have')} another size and {agreeing(len(other), 'are')} "
            f"{how[call.text('fit')]} to {height}×{width}."
        )
    grey = [name for name, head in named if head.grey]
    colours = call.text("colours")
    channels = {"grey": 1, "colour": 3}.get(colours, 1 if len(grey) == len(heads) else 3)
    if 0 < len(grey) < len(heads):
        notes.append(
            f"{counted_names(grey, 'picture')} {agreeing(len(grey), 'are')} grey and {len(heads) - len(grey):,} coloured: all are read as "
            f"{'grey' if channels == 1 else 'coloured'}."
        )
    transparent = [name for name, head in named if head.transparent]
    if transparent:
        notes.append(
            f"{counted_names(transparent, 'picture')} {agreeing(len(transparent), 'are')} partly transparent and laid on white."
        )
    return PictureForm(height=height, width=width, channels=channels, fit=call.text("fit")), notes


def _decoded(
    folder: ClassFolder, files: Sequence[ClassFile], form: PictureForm, faults: Faults, memory: int
) -> tuple[list[ClassFile], Array | Stream]:
    """Every picture is read once, so that a damaged one is found now and not in the middle of a training."""
    pictures = Pictures([file.path for file in files], form)
    fits = len(pictures) * pictures.sample_bytes <= memory
    kept: list[Array] = []
    sound: list[ClassFile] = []
    for start in range(0, len(files), 256):
        part = files[start : start + 256]
        try:
            block = pictures.read(np.arange(start, start + len(part)))
            sound += part
            kept += [block] if fits else []
        except UserError:
            good = [file for file in part if _is_sound(folder, file, form, faults)]
            sound += good
            kept += [Pictures([f.path for f in good], form).all()] if fits and good else []
    if not sound:
        raise UserError(f"None of the pictures in {folder.root} can be read: choose another folder.")
    if fits:
        return sound, np.concatenate(kept)
    return sound, Pictures([file.path for file in sound], form)


def _is_sound(folder: ClassFolder, file: ClassFile, form: PictureForm, faults: Faults) -> bool:
    try:
        read_picture(file.path, form)
    except UserError:
        faults.add(f"{folder.name(file)} is damaged.")
        return False
    return True


def _files(call: SourceCall) -> tuple[Path, ...]:
    root = chosen_folder(call, "folder of pictures")
    return tuple(path for path in sorted(root.rglob("*")) if path.suffix.lower() in SUFFIXES)


_SIZE = Integer(minimum=0, maximum=4096)

IMAGE_FOLDER = Source(
    name="image-folder",
    title="Folder of pictures",
    summary="Pictures of your own, one folder for each class.",
    doc="The names of the folders are the classes; a folder without folders gives pictures without classes. Folders called "
    "train and test, with the classes in each, give the split. Pictures may be PNG, JPEG, BMP, GIF, TIFF or WebP.",
    keywords=("image", "photo", "classification", "own data"),
    parameters=(
        Parameter(
            "path",
            Text(path=True, folder=True),
            "",
            "The folder; a relative path starts from the project's folder.",
        ),
        Parameter(
            "height", _SIZE, 0, "Pixels; 0: that of the pictures if they are alike, else 64.", unit="px"
        ),
        Parameter(
            "width", _SIZE, 0, "Pixels; 0: that of the pictures if they are alike, else 64.", unit="px"
        ),
        Parameter(
            "colours",
            Choice(options=("auto", "grey", "colour")),
            "auto",
            "auto: grey (1 channel) when all pictures are grey, else colour (3 channels).",
        ),
        Parameter(
            "fit",
            Choice(options=("stretch", "crop", "pad")),
            "stretch",
            "How a picture of another size gets into the frame: distorted, cut at the edges, or with black beside it.",
        ),
        FAULTY,
    ),
    load=_load,
    files=_files,
    licence=OWN,
)
