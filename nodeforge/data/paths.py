"""Files and folders that a person has chosen."""

from __future__ import annotations

from pathlib import Path

from nodeforge.core.errors import UserError
from nodeforge.data.source import SourceCall


def chosen_file(call: SourceCall, what: str, parameter: str = "path") -> Path:
    """The file that a parameter of the source names, which exists.

    Args:
        call: What the source was asked.
        what: What kind of file it must be: "CSV file".
        parameter: Its name.

    Raises:
        UserError: None is named, or it does not exist, or is a folder.
    """
    path = _named(call, what, parameter)
    check_file(path, what)
    return path


def chosen_folder(call: SourceCall, what: str) -> Path:
    """The folder that the parameter `path` names, which exists.

    Raises:
        UserError: None is named, or it does not exist, or is a file.
    """
    path = _named(call, what, "path")
    try:
        if not path.is_dir():
            raise UserError(
                f"{path} is a file: choose the {what} it lies in."
                if path.exists()
                else f"There is no folder {path}: check its name and place."
            )
        return path
    except (OSError, ValueError) as error:
        raise UserError(f"{str(path)!r} cannot be the path of a folder: choose a {what}.") from error


def chosen_path(call: SourceCall, what: str) -> Path:
    """The file or folder that the parameter `path` names, which exists.

    Raises:
        UserError: None is named, or it does not exist.
    """
    path = _named(call, what, "path")
    try:
        if not path.is_dir():
            check_file(path, what)
        return path
    except (OSError, ValueError) as error:
        raise UserError(f"{str(path)!r} cannot be a path: choose a {what}.") from error


def check_file(path: Path, what: str) -> None:
    """
    Raises:
        UserError: There is no such file.
    """
    try:
        if path.is_dir():
            raise UserError(f"{path} is a folder: choose a {what} in it.")
        if not path.is_file():
            raise UserError(f"There is no file {path}: check its name and place.")
    except (OSError, ValueError) as error:
        raise UserError(f"{str(path)!r} cannot be the path of a file: choose a {what}.") from error


def _named(call: SourceCall, what: str, parameter: str) -> Path:
    text = call.text(parameter).strip()
    if not text:
        raise UserError(f"No {what} is chosen: choose one under data, or set data.{parameter}.")
    try:
        return call.folder / Path(text).expanduser()
    except RuntimeError as error:  # ~ of a person who is not known here
        raise UserError(f"{text} names no folder of this computer: choose a {what}.") from error
