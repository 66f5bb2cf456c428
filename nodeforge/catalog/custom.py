"""The layers of a project's own as kinds of node. What they look like comes from their text; nothing is run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from nodeforge.catalog import kinds
from nodeforge.catalog.custom_face import Face, FaceError, read_face
from nodeforge.catalog.kind import CodeCall, Kind
from nodeforge.core.document import CustomCode, Document
from nodeforge.project import trust
from nodeforge.project.custom_code import file_of

CATEGORY = "Custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomKind(Kind):
    """A layer that a person wrote. It has no shape rule: the engine tries it on tensors without numbers.

    Attributes:
        text: The whole file.
        hash: Of the text; by this it is trusted.
        trusted: Whether the person trusts it on this machine. Until then it computes nothing.
        imports: Names that its code takes from torch and math.
        defines: Names of its classes and functions.
    """

    text: str
    hash: str
    trusted: bool = False
    imports: frozenset[str] = frozenset()
    defines: frozenset[str] = frozenset()

    @property
    def file(self) -> str:
        """Its file, relative to the project's folder."""
        return file_of(self.name)


def custom_kinds(document: Document) -> dict[str, CustomKind]:
    """The layers of a document's own whose text can be used, by name."""
    return {name: made for name, made in _made(document) if isinstance(made, CustomKind)}


def custom_faults(document: Document) -> dict[str, str]:
    """Why the others cannot be used, in a sentence each, by name."""
    return {name: made for name, made in _made(document) if isinstance(made, str)}


def custom_kind(name: str, code: CustomCode) -> CustomKind | str:
    """A layer as a kind, or the sentence that says why it is none."""
    if code.fault:
        return code.fault
    if not code.text:
        return f"The code of {name} is missing: put {file_of(name)} back into the project's folder."
    made = _kind(name, code.text)
    if isinstance(made, str):
        return f"{file_of(name)} cannot be used: {made}."
    return replace(made, trusted=trust.is_trusted(made.hash))


def _made(document: Document) -> Iterator[tuple[str, CustomKind | str]]:
    """Every layer, or what is wrong with it; also that it takes a name which is taken."""
    owners: dict[str, str] = {}
    for name, code in document.custom.items():
        made = custom_kind(name, code)
        if isinstance(made, CustomKind):
            for defined in sorted(made.defines):
                owner = owners.setdefault(defined, name)
                if owner != name:
                    made = (
                        f"{file_of(owner)} and {file_of(name)} both define {defined}: rename one of the two."
                    )
                    break
        if name in document.networks:
            made = f"There is a network {name} too: rename it, or the class in {file_of(name)}."
        yield name, made


@lru_cache(maxsize=128)
def _kind(name: str, text: str) -> CustomKind | str:
    if name in kinds():
        return f"there is a layer {name} in NodeForge already, so call the class and its file otherwise"
    try:
        face = read_face(name, text)
    except FaceError as error:
        return str(error)
    taken = sorted(face.defines & _taken())
    if taken:
        return f"{taken[0]} is what NodeForge calls code of its own: rename it"
    summary, _, _ = " ".join(face.doc.split()).partition(". ")
    return CustomKind(
        name=name,
        category=CATEGORY,
        summary=f"{summary.rstrip('.')}." if summary else f"Your own layer in {file_of(name)}.",
        doc=face.doc,
        keywords=("custom", "own", "python"),
        parameters=face.parameters,
        inputs=face.inputs,
        outputs=face.outputs,
        derived=face.derived,
        module=name,
        forward=_call(face),
        unpack=", ".join(f"{{{port.name}}}" for port in face.outputs) if len(face.outputs) > 1 else "",
        support=face.code,
        text=text,
        hash=trust.digest(text),
        imports=face.imports,
        defines=face.defines,
    )


def _call(face: Face) -> Callable[[CodeCall], str]:
    optional = {port.name for port in face.inputs if port.optional}

    def written(call: CodeCall) -> str:
        given = [
            f"{port}={values[0]}" if port in optional else values[0] for port, values in call.inputs.items()
        ]
        return f"self.{call.name}({', '.join(given)})"

    return written


@cache
def _taken() -> frozenset[str]:
    """Names of the classes and functions that kinds of the catalog bring along."""
    support = "\n".join(kind.support for kind in kinds().values())
    return frozenset(re.findall(r"^(?:class|def) (\w+)", support, re.MULTILINE))
