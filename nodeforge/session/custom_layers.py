"""What a person does with layers of the project's own: begin one, find those that are off, trust one."""

from __future__ import annotations

from pathlib import Path

from nodeforge.catalog.custom import CustomKind, custom_kind, custom_kinds
from nodeforge.core.document import CustomCode, Document
from nodeforge.core.edits import SetCustom
from nodeforge.core.errors import UserError
from nodeforge.core.parameters import is_identifier
from nodeforge.project import custom_code, trust
from nodeforge.session.workspace import Workspace

TEMPLATE = '''\
"""A layer of your own. When you save this file, NodeForge reads it again."""

import torch
from torch import Tensor, nn


class {name}(nn.Module):
    """Multiplies every feature by a number that it learns.

    The first sentence is shown in the list of layers.
    """

    # These become parameters: int, float, bool, str, tuple[int, ...] or tuple[float, ...].
    # in_features (last axis) and in_channels (first axis after the batch) follow from
    # the input: nobody has to type them.
    def __init__(self, in_features: int, start: float = 1.0) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((in_features,), start))

    # Every argument becomes an input. One that may stay unwired: mask: Tensor | None = None
    # Two outputs: -> tuple[Tensor, Tensor]
    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale
'''


def begin(workspace: Workspace, name: str) -> Path:
    """Add a layer with a file to start from; a file that is there already is taken as it is.

    Returns:
        Its file.

    Raises:
        UserError: The project has no folder, the name is taken or no name, or the file cannot be written.
    """
    if workspace.folder is None:
        raise UserError("Save the project first: the file of a layer lies in its folder.")
    if not is_identifier(name):
        raise UserError(f"{name!r} cannot name a class: use letters, digits and _, starting with a letter.")
    if name in workspace.kinds or name in workspace.document.custom:
        raise UserError(f"There is a layer {name} already: choose another name.")
    there = custom_code.read(workspace.folder, name).text
    text = there or TEMPLATE.format(name=name)
    if isinstance(fault := custom_kind(name, CustomCode(text=text)), str) and not there:
        raise UserError(fault)
    workspace.do(
        SetCustom({**workspace.document.custom, name: CustomCode(text=text)}), label=f"Add layer {name}"
    )
    if not there:
        trust.trust(text, name)  # our own words
        workspace.write_code()
    return custom_code.place_of(workspace.folder, name)


def untrusted(document: Document) -> list[CustomKind]:
    """The layers that are off since their code is not trusted on this machine."""
    return [kind for kind in custom_kinds(document).values() if not kind.trusted]


def trust_layer(workspace: Workspace, kind: CustomKind) -> None:
    """Trust exactly the text that the person was shown.

    Raises:
        UserError: It cannot be written down.
    """
    trust.trust(kind.text, f"{kind.name} of {workspace.folder or workspace.document.title}")
    workspace.forget_report()


def file_place(workspace: Workspace, name: str) -> Path:
    """Where the file of a layer is.

    Raises:
        UserError: There is none yet, or it is a link to elsewhere.
    """
    place = custom_code.place_of(workspace.folder, name) if workspace.folder else None
    if place is None or not place.is_file():
        raise UserError(f"{custom_code.file_of(name)} is not there yet: save the project first.")
    return place
