"""Stages that do not go together, or not with what they teach: each is told of, and mended by its fix."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nodeforge.core.document import Document, Recipe, Stage
from nodeforge.core.edits import SetRecipe, apply
from tests.drawings import drawing
from tests.findings import codes, mends, only

BELLS = """
    x = Input(shape=[4])
    bells = RadialBasis(units=6, learned=False)
    out = Linear(out_features=3)
    y = Output()
    t = Target()
    loss = CrossEntropyLoss()
    other = Linear(out_features=2)
    z = Output()
    size = Minimize()
    x -> bells -> out -> y
    x -> other -> z
    other -> size
    out -> loss.input
    t -> loss.target
"""
MAP = """
    x = Input(shape=[4])
    som = SelfOrganizingMap()
    y = Output()
    x -> som -> y
"""
BELIEF = """
    x = Input(shape=[4])
    low = RestrictedBoltzmannMachine(hidden=3)
    high = RestrictedBoltzmannMachine(hidden=2)
    y = Output()
    x -> low -> high -> y
"""
SEQUENCE = """
    x = Input(shape=[12, 1])
    gru = GRU(bidirectional=True)
    last = Select()
    y = Output()
    x -> gru -> last -> y
"""
CENTRES = Stage(name="centres", rule="k-means")
READOUT = Stage(name="readout", rule="ridge", learns=("out",))
OTHER = Stage(name="other", learns=("other",))


def trained(text: str, *stages: Stage) -> Document:
    document = drawing(text)
    apply(document, SetRecipe(Recipe(stages=stages)))
    return document


CASES = {
    "stage-same-name": (
        trained(BELLS, CENTRES, replace(READOUT, name="centres"), OTHER),
        "Two stages are called centres: give one of them another name.",
    ),
    "stage-rule-unsupported": (
        trained(BELLS, CENTRES, replace(READOUT, rule="competitive", learns=("out",)), OTHER),
        "Stage readout learns by Competitive learning, and none of the nodes it teaches (out) can learn so.",
    ),
    "stage-loss-out-of-reach": (
        trained(BELLS, CENTRES, READOUT, replace(OTHER, objectives=("loss",))),
        "Stage other teaches other, from where no wire leads to the loss loss.",
    ),
    "stage-without-loss": (
        trained(MAP, Stage()),
        "Stage train learns by Gradient descent, which needs a loss, and none is drawn.",
    ),
    "never-taught": (
        trained(BELLS, READOUT, OTHER),
        "No stage teaches bells: it stays as at the start.",
    ),
    "stage-order": (
        trained(BELLS, READOUT, CENTRES, OTHER),
        "Stage readout learns from what bells gives, and stage centres changes that afterwards.",
    ),
    "stage-not-greedy": (
        trained(BELIEF, Stage(rule="contrastive-divergence")),
        "Stage train teaches low and high at once, though each learns from what the one below gives.",
    ),
    "stage-turns-alone": (
        trained(BELLS, replace(CENTRES, alternates=True), READOUT, OTHER),
        "Stage centres takes turns with the stage before it, and it is the first.",
    ),
    "stage-truncation": (
        trained(SEQUENCE, Stage(rule_settings={"truncate_steps": 4})),
        "Stage train cuts the gradients of RNN, LSTM and GRU layers in time, and gru reads its sequence backwards too.",
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_what_does_not_go_together_is_told_and_mended(code: str) -> None:
    document, message = CASES[code]
    finding = only(document, code)
    assert finding.message == message
    mends(document, finding)


@pytest.mark.parametrize(
    "document",
    [
        trained(BELLS, CENTRES, READOUT, OTHER),
        trained(MAP, Stage(rule="competitive")),
        trained(
            BELIEF,
            *(Stage(name=name, rule="contrastive-divergence", learns=(name,)) for name in ("low", "high")),
        ),
        trained(BELLS, CENTRES, Stage(name="all"), replace(OTHER, name="again")),
    ],
    ids=["bells", "map", "belief", "gradients after centres"],
)
def test_recipes_that_go_together_are_left_alone(document: Document) -> None:
    assert not [code for code in codes(document) if code.startswith("stage") or code == "never-taught"]


PAIR = """
    x = Input(shape=[4])
    real = Linear(out_features=1)
    fake = Linear(out_features=1, shares="real")
    noise = RandomNormal()
    likes = Minimize()
    x -> real
    x -> noise -> fake -> likes
"""


def test_a_loss_behind_another_use_of_the_same_weights_is_in_reach() -> None:
    stage = Stage(learns=("real",), objectives=("likes",))
    assert "stage-loss-out-of-reach" not in codes(trained(PAIR, stage))
    alone = trained(PAIR.replace(', shares="real"', ""), stage)
    assert "stage-loss-out-of-reach" in codes(alone)


def test_players_with_the_same_nodes_are_told_of() -> None:
    twin = replace(OTHER, name="twin", alternates=True)
    finding = only(trained(BELLS, CENTRES, READOUT, OTHER, twin), "stage-same-nodes")
    assert finding.message == "Stage twin takes turns with another that moves other too."
    apart = replace(twin, learns=("out",))
    assert "stage-same-nodes" not in codes(trained(BELLS, CENTRES, OTHER, apart))


def test_ridge_asks_for_a_loss_that_knows_the_answers() -> None:
    finding = only(trained(BELLS, CENTRES, replace(READOUT, learns=("other",))), "stage-loss-out-of-reach")
    assert finding.message == (
        "Stage readout teaches other, from where no wire leads to any loss that knows the answers."
    )
