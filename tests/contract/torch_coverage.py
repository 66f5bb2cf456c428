"""Which kind covers what torch.nn has, as the table in the help; read from torch itself.

Run as a script, it writes the table anew.
"""

from __future__ import annotations

import inspect

from contract.onnx_table import NO_ONNX
from torch import nn

from nodeforge.catalog import CATEGORIES, kinds
from nodeforge.catalog.kind import Kind
from nodeforge.project import shipped

PAGE = shipped.resources() / "help" / "layers.md"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->"

CONTAINER = "a container: the drawing itself takes its place"
LAZY = "finds its sizes at the first batch; here they always follow from the wires"
BASE = "what other layers are made of, no layer by itself"
ELSEWHERE = {
    **dict.fromkeys(
        ("Container", "Module", "ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"),
        CONTAINER,
    ),
    **dict.fromkeys(("RNNBase", "RNNCellBase"), BASE),
    "Parameter": "the kind Parameter",
    "Buffer": "the kind Constant",
    "UninitializedParameter": LAZY,
    "UninitializedBuffer": LAZY,
    "NLLLoss2d": "deprecated: NLLLoss",
    "UpsamplingNearest2d": "deprecated: Upsample with mode nearest",
    "UpsamplingBilinear2d": "deprecated: Upsample with mode bilinear and align_corners",
    "CrossMapLRN2d": "not documented by torch: LocalResponseNorm",
    "SyncBatchNorm": "BatchNorm for several processes; it cannot run in one",
    "LinearCrossEntropyLoss": "Linear and CrossEntropyLoss, in less memory",
    "LinearCrossEntropyOptions": "belongs to LinearCrossEntropyLoss",
    "DataParallel": "copies a network to several devices; not a part of one",
}
"""What no kind is called after, with the reason. Lazy layers are known by their name."""

UNSAID = {
    "device": "chosen when training",
    "dtype": "weights are float32",
    "inplace": "would change what other wires carry",
    "size_average": "deprecated",
    "reduce": "deprecated",
    "_weight": "internal",
    "_freeze": "internal",
    "_random_samples": "internal",
    "sparse": "few optimizers take sparse gradients",
    "include_last_offset": "bags are rows here, so there are no offsets",
    "return_indices": "the kinds WithIndices",
    "custom_encoder": "wire TransformerEncoder and TransformerDecoder",
    "custom_decoder": "wire TransformerEncoder and TransformerDecoder",
    "mask_check": "belongs to nested tensors, which are off",
}
"""Constructor arguments that no kind declares, with the reason."""

UNSAID_OF = {
    ("Hardtanh", "min_value"): "deprecated",
    ("Hardtanh", "max_value"): "deprecated",
    **{(f"ConvTranspose{axes}d", "padding_mode"): "torch allows zeros only" for axes in (1, 2, 3)},
    **dict.fromkeys(
        [(f"Transformer{part}", f"{part.lower()}_layer") for part in ("Encoder", "Decoder")],
        "made from the parameters of the block",
    ),
}


UNWIRED = {
    "hx": "initial_hidden and initial_cell",
    "x": "RMSNorm's word for input",
    "input_": "AdaptiveLogSoftmaxWithLoss's word for input",
    "target_": "AdaptiveLogSoftmaxWithLoss's word for target",
    "src_mask": "the port mask",
    "offsets": "bags are rows here, so there are no offsets",
    "need_weights": "follows from whether a wire reads the weights",
    "output_size": "output_padding says the same",
    "is_causal": "the parameter causal makes the mask; torch takes this for a hint only",
    "src_is_causal": "see is_causal",
    "tgt_is_causal": "see is_causal",
    "memory_is_causal": "see is_causal",
}
"""Arguments of `forward` that are neither ports nor parameters, with the reason."""


def documented() -> dict[str, type[nn.Module]]:
    """Every public class of torch.nn, by name."""
    found = {}
    for name, value in vars(nn).items():
        if inspect.isclass(value) and not name.startswith("_"):
            found[name] = value
    return found


def covering(name: str) -> list[Kind]:
    """Kinds whose code makes this class."""
    return [kind for kind in kinds().values() if kind.module == f"nn.{name}"]


def reason(name: str) -> str:
    """Why no kind covers a class; "" when there is no reason."""
    return LAZY if name.startswith("Lazy") else ELSEWHERE.get(name, "")


def unsaid(name: str, made: type) -> list[str]:
    """Constructor arguments that a kind neither declares nor derives, nor has a reason to leave out."""
    kind = covering(name)[0]
    known = {p.name for p in kind.parameters} | {d.name for d in kind.derived} | set(kind.fixed)
    parameters = list(inspect.signature(made).parameters.values())
    named = [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return [a for a in named if a not in known and a not in UNSAID and (name, a) not in UNSAID_OF]


def unwired(name: str, made: type) -> list[str]:
    """Arguments of `forward` that a kind has no port or parameter for, nor a reason."""
    kind = covering(name)[0]
    known = {port.name for port in kind.inputs} | {p.name for p in kind.parameters}
    forward = inspect.signature(made.forward).parameters  # type: ignore[attr-defined]
    named = [p.name for p in forward.values() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return [a for a in named[1:] if a not in known and a not in UNWIRED]


def table() -> str:
    """The tables in Markdown: what is covered by category, the rest with its reasons, what torch.nn lacks."""
    names = documented()
    lines = ["| torch.nn | In the palette | |", "|---|---|---|"]
    covered = [(covering(name), name) for name in names if covering(name)]
    covered.sort(key=lambda row: (CATEGORIES.index(row[0][0].category), list(kinds()).index(row[0][0].name)))
    for found, name in covered:
        shown = ", ".join(f"{kind.name}" for kind in found)
        lines.append(f"| `{name}` | {found[0].category}: {shown} | {found[0].summary} |")
    lines += ["", "Not in the palette:", "", "| torch.nn | Reason |", "|---|---|"]
    lines += [f"| `{name}` | {reason(name)} |" for name in sorted(names) if not covering(name)]
    lines += ["", "Beyond torch.nn:", "", "| Kind | In the palette | |", "|---|---|---|"]
    beyond = [kind for kind in kinds().values() if not kind.module.startswith("nn.")]
    lines += [f"| `{kind.name}` | {kind.category} | {kind.summary} |" for kind in beyond]
    lines += ["", "Not in ONNX files:", "", "| Kind | Reason |", "|---|---|"]
    lines += [f"| `{name}` | {why} |" for name, why in NO_ONNX.items()]
    return "\n".join(lines) + "\n"


def page(text: str) -> str:
    """The page with its table made anew."""
    head, rest = text.split(BEGIN)
    return head + BEGIN + table() + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
