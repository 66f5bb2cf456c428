"""Edits: frozen values that say what to change. `apply` carries one out and returns its inverse.

Views submit edits and redraw from the change summary; they own no truth. An edit either applies
whole or raises `EditError` and leaves the document as it was.
"""

from nodeforge.core.edits.applying import apply
from nodeforge.core.edits.values import (
    UNSET,
    AddNetwork,
    AddNode,
    Applied,
    Batch,
    Connect,
    Disconnect,
    Edit,
    MoveNodes,
    RemoveNetwork,
    RemoveNode,
    RenameNetwork,
    RenameNode,
    RenameVariable,
    RestoreNetwork,
    SetCustom,
    SetData,
    SetKind,
    SetMain,
    SetParameter,
    SetRecipe,
    SetText,
    SetVariables,
    Share,
    Unset,
)
from nodeforge.core.edits.variables import REPEATING, settings_over

__all__ = [
    "REPEATING",
    "UNSET",
    "AddNetwork",
    "AddNode",
    "Applied",
    "Batch",
    "Connect",
    "Disconnect",
    "Edit",
    "MoveNodes",
    "RemoveNetwork",
    "RemoveNode",
    "RenameNetwork",
    "RenameNode",
    "RenameVariable",
    "RestoreNetwork",
    "SetCustom",
    "SetData",
    "SetKind",
    "SetMain",
    "SetParameter",
    "SetRecipe",
    "SetText",
    "SetVariables",
    "Share",
    "Unset",
    "apply",
    "settings_over",
]
