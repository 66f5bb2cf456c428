"""Declared parameters: what a node kind, an optimizer, a schedule or a data source can be told.

One declaration serves the form in the inspector, the check of a file, the documentation, the
command line and the generated code. Values are plain data: None, bool, int, float, str and tuples
of those, so that they survive JSON and never carry code.
"""

from __future__ import annotations

import keyword
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, ClassVar

from nodeforge.core.expressions import EMPTY, Scope, has_expression, resolve

Value = None | bool | int | float | str | tuple[Any, ...]
Values = Mapping[str, Value]


class Required:
    """The default of a parameter that has none."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED = Required()


def freeze(value: Any) -> Value:
    """Lists (from JSON or a caller) as tuples, all the way down."""
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item) for item in value)
    return value  # type: ignore[no-any-return]


def identical(one: object, other: object) -> bool:
    """Whether two values are the same to a reader of the file: 1, 1.0 and true are equal, but not identical."""
    return one is other or repr(one) == repr(other)


def is_identifier(text: str) -> bool:
    """Whether the text may name a node: an ASCII Python identifier, no keyword, no leading underscore."""
    return (
        text.isascii()
        and text.isidentifier()
        and not keyword.iskeyword(text)
        and not text.startswith("_")
        and len(text) <= 64
    )


def _number(value: float) -> str:
    return f"{value:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterType:
    """Base of the types. `check` returns the normalised value or raises ValueError.

    The error's text continues the sentence "out_channels ...": "must be at least 1, not 0".
    """

    numeric: ClassVar[bool] = False
    """Whether its values may be expressions over variables ("=width*2")."""

    def check(self, value: Value) -> Value:
        raise NotImplementedError

    @property
    def summary(self) -> str:
        """The accepted values in a few words, for help texts and tool tips."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Boolean(ParameterType):
    """True or false."""

    def check(self, value: Value) -> Value:
        if not isinstance(value, bool):
            raise ValueError(f"must be true or false, not {value!r}")
        return value

    @property
    def summary(self) -> str:
        return "true or false"


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer(ParameterType):
    """A whole number within bounds (both inclusive)."""

    numeric: ClassVar[bool] = True
    minimum: int | None = None
    maximum: int | None = None

    def check(self, value: Value) -> Value:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"must be a whole number, not {value!r}")
        if self.minimum is not None and value < self.minimum:
            raise ValueError(f"must be at least {self.minimum}, not {value}")
        if self.maximum is not None and value > self.maximum:
            raise ValueError(f"must be at most {self.maximum}, not {value}")
        return value

    @property
    def summary(self) -> str:
        return "whole number" + _bounds(self.minimum, self.maximum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(ParameterType):
    """A finite real number within bounds; an `exclusive_minimum` leaves its bound out."""

    numeric: ClassVar[bool] = True
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False

    def check(self, value: Value) -> Value:
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise ValueError(f"must be a number, not {value!r}")
        value = float(value)
        if not math.isfinite(value):
            raise ValueError("must be a finite number")
        if self.minimum is not None:
            if self.exclusive_minimum and value <= self.minimum:
                raise ValueError(f"must be more than {_number(self.minimum)}, not {_number(value)}")
            if value < self.minimum:
                raise ValueError(f"must be at least {_number(self.minimum)}, not {_number(value)}")
        if self.maximum is not None and value > self.maximum:
            raise ValueError(f"must be at most {_number(self.maximum)}, not {_number(value)}")
        return value

    @property
    def summary(self) -> str:
        return "number" + _bounds(self.minimum, self.maximum, exclusive=self.exclusive_minimum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar(ParameterType):
    """A finite number that stays whole or real, as it was written: what a network exposes."""

    numeric: ClassVar[bool] = True

    def check(self, value: Value) -> Value:
        number = Number().check(value)
        return value if isinstance(value, int) else number

    @property
    def summary(self) -> str:
        return "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(ParameterType):
    """One of a few words."""

    options: tuple[str, ...]

    def check(self, value: Value) -> Value:
        if value not in self.options:
            raise ValueError(f"must be one of {', '.join(self.options)}, not {value!r}")
        return value

    @property
    def summary(self) -> str:
        return "one of " + ", ".join(self.options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(ParameterType):
    """A line of text. `path` asks the form for a file chooser, with `folder` for one of folders."""

    path: bool = False
    folder: bool = False

    def check(self, value: Value) -> Value:
        if not isinstance(value, str):
            raise ValueError(f"must be text, not {value!r}")
        return value

    @property
    def summary(self) -> str:
        if self.folder:
            return "folder"
        return "file" if self.path else "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size(ParameterType):
    """One whole number for all axes, or one per axis (kernel sizes, strides); or one of a few words ("same")."""

    numeric: ClassVar[bool] = True
    axes: int
    minimum: int = 1
    words: tuple[str, ...] = ()

    def check(self, value: Value) -> Value:
        if isinstance(value, str) and value in self.words:
            return value
        item = Integer(minimum=self.minimum)
        if isinstance(value, (tuple, list)):
            if len(value) != self.axes:
                raise ValueError(f"must be one number or {self.axes} of them, not {len(value)}")
            return tuple(item.check(v) for v in value)
        return item.check(value)

    @property
    def summary(self) -> str:
        words = "".join(f", or {word}" for word in self.words)
        if self.axes == 1:
            return f"whole number of at least {self.minimum}{words}"
        return f"one whole number of at least {self.minimum}, or {self.axes} (one per axis){words}"

    def per_axis(self, value: Value) -> tuple[int, ...]:
        """The value spelled out for every axis."""
        if isinstance(value, tuple):
            return tuple(int(v) for v in value)
        return (int(value),) * self.axes  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Integers(ParameterType):
    """A list of whole numbers (a shape)."""

    numeric: ClassVar[bool] = True
    minimum: int | None = 1
    min_length: int = 0
    max_length: int = 8

    def check(self, value: Value) -> Value:
        if not isinstance(value, (tuple, list)):
            raise ValueError(f"must be a list of whole numbers, not {value!r}")
        if not self.min_length <= len(value) <= self.max_length:
            raise ValueError(f"must hold {self.min_length} to {self.max_length} numbers, not {len(value)}")
        item = Integer(minimum=self.minimum)
        return tuple(item.check(v) for v in value)

    @property
    def summary(self) -> str:
        return "list of whole numbers" + _bounds(self.minimum, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers(ParameterType):
    """A list of finite real numbers (the two betas of Adam)."""

    numeric: ClassVar[bool] = True
    minimum: float | None = None
    maximum: float | None = None
    min_length: int = 0
    max_length: int = 1000

    def check(self, value: Value) -> Value:
        if not isinstance(value, (tuple, list)):
            raise ValueError(f"must be a list of numbers, not {value!r}")
        if not self.min_length <= len(value) <= self.max_length:
            few, many = self.min_length, self.max_length
            count = f"{few}" if few == many else f"{few} to {many}"
            raise ValueError(f"must hold {count} numbers, not {len(value)}")
        item = Number(minimum=self.minimum, maximum=self.maximum)
        return tuple(item.check(v) for v in value)

    @property
    def summary(self) -> str:
        return "list of numbers" + _bounds(self.minimum, self.maximum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Optional(ParameterType):
    """Another type, or nothing (None), which the form shows as `empty`."""

    of: ParameterType
    empty: str = "none"

    @property
    def numeric(self) -> bool:  # type: ignore[override]
        return self.of.numeric

    def check(self, value: Value) -> Value:
        return None if value is None else self.of.check(value)

    @property
    def summary(self) -> str:
        return f"{self.of.summary}, or {self.empty}"


def _bounds(low: float | None, high: float | None, *, exclusive: bool = False) -> str:
    if low is not None and high is not None:
        return f" from {_number(low)} to {_number(high)}"
    if low is not None:
        return f" more than {_number(low)}" if exclusive else f" of at least {_number(low)}"
    return f" of at most {_number(high)}" if high is not None else ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter.

    Attributes:
        name: As in the generated code (torch's own name where there is one).
        type: What values it accepts.
        default: Its value when a node does not set it; REQUIRED when there is none.
        doc: One or two sentences for a student; shown beside the field.
        unit: "px", "epochs", ... shown in the field.
        positional: Whether the generated code passes it without its name.
        advanced: Whether the form folds it away at first.
        visible_if: (other parameter, accepted values): shown only then.
    """

    name: str
    type: ParameterType
    default: Value | Required = REQUIRED
    doc: str = ""
    unit: str = field(default="", kw_only=True)
    positional: bool = field(default=False, kw_only=True)
    advanced: bool = field(default=False, kw_only=True)
    visible_if: tuple[str, tuple[Value, ...]] | None = field(default=None, kw_only=True)

    @property
    def required(self) -> bool:
        return isinstance(self.default, Required)

    def check(self, value: Any, scope: Scope = EMPTY) -> Value:
        """The normalised value, its expressions computed; raises ValueError with a sentence that starts with the name."""
        value = freeze(value)
        try:
            if self.type.numeric and has_expression(value):
                value = resolve(value, scope)
            return self.type.check(value)
        except ValueError as error:
            raise ValueError(f"{self.name} {error}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """Something that can be chosen by name and told parameters: a kind, an optimizer, a source.

    Attributes:
        name: The name in files and code ("Conv2d", "AdamW", "csv").
        title: The name that people see; the same when empty.
        summary: One sentence: what it is for.
        doc: Markdown: what it computes, when to use it. May be empty.
        source: Where the formula or behaviour comes from (paper, documentation).
        keywords: Other words a person may search for.
    """

    name: str
    title: str = ""
    summary: str
    doc: str = ""
    source: str = ""
    keywords: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()

    @property
    def label(self) -> str:
        return self.title or self.name

    def parameter(self, name: str) -> Parameter | None:
        return next((p for p in self.parameters if p.name == name), None)

    def complete(self, values: Values) -> dict[str, Value]:
        """The values with defaults filled in; required ones that are not set are left out."""
        return {
            p.name: values.get(p.name, p.default)  # type: ignore[arg-type]
            for p in self.parameters
            if p.name in values or not p.required
        }

    def settled(self, values: Values, scope: Scope = EMPTY) -> dict[str, Value]:
        """Sound values, complete, in their declared types, with expressions computed.

        Raises:
            ValueError: One is missing, unknown or out of bounds.
        """
        for _, problem in self.problems(values, scope):
            raise ValueError(problem)
        complete = self.complete(values)
        return {p.name: p.check(complete[p.name], scope) for p in self.parameters}

    def problems(self, values: Values, scope: Scope = EMPTY) -> list[tuple[str, str]]:
        """(parameter, sentence) for every value that is missing, unknown or out of bounds."""
        found = []
        for name, value in values.items():
            parameter = self.parameter(name)
            if parameter is None:
                found.append((name, f"{self.name} has no parameter {name} ({self._hint(name)})"))
                continue
            try:
                parameter.check(value, scope)
            except ValueError as error:
                found.append((name, str(error)))
        for parameter in self.parameters:
            if parameter.required and parameter.name not in values:
                found.append((parameter.name, f"{parameter.name} must be set: {parameter.type.summary}"))
        return found

    def _hint(self, wish: str) -> str:
        names = [parameter.name for parameter in self.parameters]
        near = get_close_matches(wish, names, n=1)
        return f"the nearest is {near[0]}" if near else f"it has: {', '.join(names) or 'none'}"
