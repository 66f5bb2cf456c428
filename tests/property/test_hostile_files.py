"""Project files from a stranger: whatever they hold, nothing of it runs, and a fault is one sentence.

Files are mutated by hypothesis: values of every type, names that try to get out of the generated code, expressions
that try to call, reach or exhaust, lists that are nested too deeply, bytes that are no text. `CANARY` stands in all
that would be code; it may turn up in generated files within strings and comments only.
"""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from custom_projects import SWISH
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodeforge.analysis import check
from nodeforge.compiler import generate
from nodeforge.core.errors import UserError
from nodeforge.core.expressions import evaluate
from nodeforge.project import schema, shipped

NESTED = {
    "schema_version": 1,
    "title": "Nested",
    "variables": {"width": 8, "double": "=width*2"},
    "custom": {"Swish": {"text": SWISH}},
    "main": "main",
    "networks": {
        "main": {
            "nodes": [
                {"name": "image", "kind": "Input", "parameters": {"shape": [8]}},
                {"name": "label", "kind": "Target"},
                {"name": "first", "kind": "block", "parameters": {"hidden": "=double", "repeat": 2}},
                {"name": "again", "kind": "block", "shares": "first"},
                {"name": "scores", "kind": "Linear", "parameters": {"out_features": "=width//2"}},
                {"name": "y", "kind": "Output"},
                {"name": "loss", "kind": "CrossEntropyLoss"},
                {"name": "own", "kind": "Swish", "parameters": {"steepness": 2}},
            ],
            "wires": [
                "image.output -> own.x",
                "image.output -> first.x",
                "first.y -> again.x",
                "again.y -> scores.input",
                "scores.output -> y.input",
                "scores.output -> loss.input",
                "label.output -> loss.target",
            ],
            "layout": {"image": [0, 0]},
        },
        "block": {
            "description": "A block.",
            "parameters": {"hidden": "=width"},
            "nodes": [
                {"name": "x", "kind": "Input", "parameters": {"shape": [8]}},
                {"name": "dense", "kind": "Linear", "parameters": {"out_features": "=hidden"}},
                {"name": "relu", "kind": "ReLU"},
                {"name": "back", "kind": "Linear", "parameters": {"out_features": 8}},
                {"name": "y", "kind": "Output"},
            ],
            "wires": [
                "x.output -> dense.input",
                "dense.output -> relu.input",
                "relu.output -> back.input",
                "back.output -> y.input",
            ],
        },
    },
    "recipe": {
        "seed": 0,
        "stages": [
            {
                "name": "train",
                "rule": "gradient",
                "settings": {"epochs": 2, "batch_size": "=width"},
                "optimizer": {"kind": "Adam", "parameters": {"lr": "=width/1000"}},
                "schedule": {"kind": "constant"},
            }
        ],
    },
}

FILES: list[dict[str, Any]] = [
    NESTED,
    *(
        json.loads((shipped.project(n) / "project.json").read_bytes())
        for n in ("iris-mlp", "mnist-cnn", "elnino-lstm")
    ),
]

HOSTILE = st.sampled_from(
    [
        "CANARY()",
        "x; CANARY()",
        'x"); CANARY("',
        "x'\nCANARY()\n'",
        '"""\nCANARY()\n"""',
        "x\\",
        "x\r\nCANARY()",
        "x\u2028CANARY()",
        "x\x00CANARY",
        "# type: CANARY",
        "{CANARY}",
        "%(CANARY)s",
        "__class__",
        "__init__",
        "self.CANARY",
        "lambda: CANARY",
        "import",
        "None",
        "torch",
        "nn",
        "forward",
        "CANARY" * 40,
        "\ud800CANARY",
        "ＣＡＮＡＲＹ",
        "../../CANARY",
        "/dev/CANARY",
        "=CANARY()",
        "=CANARY",
        "=().__class__.__bases__[0].__subclasses__()",
        "=__import__('os').system('CANARY')",
        "=width.__class__",
        "=[CANARY for CANARY in (1,)]",
        "=(lambda: CANARY)()",
        "=9**9**9**9",
        "=2**64**64",
        "=10**400",
        "=-1*" * 60 + "1",
        "=" + "(" * 90 + "1" + ")" * 90,
        "=" + "-" * 150 + "1",
        "=1/0",
        "=sqrt(-1)",
        "=min()",
        "=round(1,2,3)",
        "=width if CANARY else 1",
        "=CANARY:=1",
        "=f'{CANARY}'",
        "=1e999",
        "=1j",
        "=True",
        "=hidden",
        "=width*2",
        "image.output -> CANARY.input",
        "image.output -> first.x\nCANARY",
        "block",
        "main",
        "first",
        "",
    ]
)
DEEP: Any = 1
for _ in range(60):
    DEEP = [DEEP]
VALUES = st.one_of(
    HOSTILE,
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.booleans(),
    st.none(),
    st.text(max_size=8),
    st.just(DEEP),
    st.lists(HOSTILE | st.integers(-3, 99), max_size=3),
    st.dictionaries(HOSTILE, HOSTILE | st.integers(0, 3), max_size=2),
)


BUILT_IN = {
    "self",
    "super",
    "layer",
    "range",
    "int",
    "float",
    "min",
    "max",
    "abs",
    "round",
    "len",
    "list",
    "tuple",
}
"""What generated code may call by a bare name, besides what it defines."""


def _places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from _places(value, (*path, key))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    tree = copy.deepcopy(draw(st.sampled_from(FILES)))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(tree))
        *path, last = draw(st.sampled_from(places))
        owner = tree
        for key in path:
            owner = owner[key]
        match draw(st.sampled_from(["replace", "replace", "replace", "rename", "delete", "repeat"])):
            case "replace":
                owner[last] = copy.deepcopy(draw(VALUES))
            case "rename" if isinstance(owner, dict):
                owner[draw(HOSTILE)] = owner.pop(last)
            case "delete":
                del owner[last]
            case _ if isinstance(owner, list):
                owner.append(copy.deepcopy(owner[last]))
    data = json.dumps(tree).encode()
    if draw(st.integers(0, 19)) == 0:
        place = draw(st.integers(0, len(data) - 1))
        data = data[:place] + draw(st.binary(max_size=3)) + data[place + 1 :]
    return data


def require_harmless(data: bytes) -> None:
    """Open, check and compile a file; any exception but a sentence for the person goes through."""
    try:
        document = schema.decode(data, "project.json")
    except UserError as error:
        text = str(error)
        assert text.startswith("project.json cannot be opened: ")
        assert text.isprintable()
        assert len(text) < 2000
        return
    report = check(document)
    for finding in report.diagnostics:
        assert finding.message
    document.computed()
    for network in document.networks:
        source = generate(document, report, network)
        tree = ast.parse(source.text)
        for node in ast.walk(tree):
            name = getattr(node, "id", "") or getattr(node, "attr", "") or getattr(node, "arg", "")
            if isinstance(name, str) and "CANARY" in name:
                # As the name of a node or a network it is an attribute or a class like any other, never called bare.
                assert name.isidentifier()
        called = {
            n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        }
        defined = {node.name for node in ast.walk(tree) if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
        assert called <= defined | BUILT_IN
    schema.decode(schema.encode(document))


@given(mutated())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_mutated_file_opens_or_is_refused_with_a_sentence(data: bytes) -> None:
    require_harmless(data)


@pytest.mark.long
@given(mutated())
@settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
def test_many_mutated_files(data: bytes) -> None:
    require_harmless(data)


@given(HOSTILE | st.text(alphabet="0123456789+-*/%().,=widthmnaxsqr_ \n[]{}:'\"", max_size=60))
@settings(max_examples=500, deadline=None)
def test_an_expression_gives_a_small_number_or_a_sentence(text: str) -> None:
    try:
        value = evaluate(f"={text}", {"width": 8, "a": 0.5})
    except ValueError:
        return
    assert isinstance(value, (int, float))
    assert not isinstance(value, bool)
    assert abs(value) <= 1e15
