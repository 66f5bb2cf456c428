"""Settings by key: `epochs=3`, `optimizer=SGD`, `optimizer.lr=0.01`, `conv1.out_channels=8`.

A key names the seed, a setting of the training stages (of one of several by its name, `pretrain.epochs=3`), their
optimizer or schedule or a parameter of it (`optimizer.lr`), one of their learning rule (`rule.penalty`), a parameter of
the data source (`data.`) or of its preparation (`preparation.`), or a parameter of a node
(`conv1.out_channels`; of another network than the main one, `encoder.conv1.out_channels`).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from functools import partial

from nodeforge.catalog.networks import kinds_of
from nodeforge.core.document import DataSettings, Document
from nodeforge.core.edits import Edit, SetData, SetParameter, SetRecipe
from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Integer, Parameter, Value, freeze
from nodeforge.project.schema import MAX_SEED
from nodeforge.session.stage_assignments import Setting, stage_settings

_SEED = Parameter("seed", Integer(minimum=0, maximum=MAX_SEED))


def assignment(document: Document, key: str, value: object) -> Edit:
    """The edit that gives a setting its value. A text is read as the setting's type asks.

    Raises:
        UserError: There is no such setting (with near misses), or it does not take the value.
    """
    known = dict(_settings(document))
    if key not in known:
        near = get_close_matches(key, known, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else "Try epochs, optimizer.lr or NODE.PARAMETER."
        raise UserError(f"There is no setting {key!r}. {hint}")
    parameter, edit = known[key]
    return edit(_checked(parameter, key, value))


def _checked(parameter: Parameter, key: str, value: object) -> Value:
    """The normalised value. A text is tried as JSON, as a list without brackets, and as it stands."""
    fault: ValueError | None = None
    for reading in _readings(value) if isinstance(value, str) else (value,):
        try:
            return parameter.type.check(freeze(reading))
        except ValueError as error:
            fault = fault or error
    raise UserError(f"{key} {fault}.")


def _readings(text: str) -> Iterator[object]:
    words = {"none": None, "off": None, "auto": None, "true": True, "false": False}
    for wrapped in (text, f"[{text}]") if "," in text else (text,):
        with contextlib.suppress(ValueError, RecursionError):
            yield json.loads(wrapped)
    if text.lower() in words:
        yield words[text.lower()]
    yield text


def _settings(document: Document) -> Iterator[tuple[str, Setting]]:
    """Everything that can be set in the document as it stands, by key."""
    yield "seed", (_SEED, lambda seed: _recipe(document, seed=seed))
    yield from stage_settings(document)
    if document.data is not None:
        yield from _data_settings(document.data)
    known = kinds_of(document)
    for network, graph in document.networks.items():
        prefix = "" if network == document.main else f"{network}."
        for node in graph.ordered_nodes():
            kind = known.get(node.kind)
            for parameter in kind.parameters if kind else ():
                edit = partial(SetParameter, network, node.name, parameter.name)
                yield f"{prefix}{node.name}.{parameter.name}", (parameter, edit)


def _recipe(document: Document, **changes: object) -> Edit:
    return SetRecipe(replace(document.recipe, **changes))  # type: ignore[arg-type]


def _data_settings(data: DataSettings) -> Iterator[tuple[str, Setting]]:
    from nodeforge.data import preparation, sources  # brings numpy

    def tell(name: str, value: Value) -> Edit:
        source = replace(data.source, parameters={**data.source.parameters, name: value})
        return SetData(replace(data, source=source))

    def prepare(name: str, value: Value) -> Edit:
        return SetData(replace(data, preparation={**data.preparation, name: value}))

    source = sources().get(data.source.kind)
    for parameter in source.parameters if source else ():
        yield f"data.{parameter.name}", (parameter, partial(tell, parameter.name))
    for parameter in preparation.SETTINGS.parameters:
        yield f"preparation.{parameter.name}", (parameter, partial(prepare, parameter.name))
