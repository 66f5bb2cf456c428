"""The deep check on networks that are broken on purpose, one property each, and on sound ones."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from drawings import drawing

from nodeforge.analysis import check
from nodeforge.compiler import Source, generate
from nodeforge.core.diagnostics import Severity
from nodeforge.core.document import Document
from nodeforge.project import schema, shipped
from nodeforge.torch_backend.deep_check import (
    TITLES,
    Answer,
    Deadline,
    Finding,
    Outcome,
    Subject,
    deep_check,
    drawn,
)


def subject_of(
    document: Document,
    *,
    causal: bool = False,
    change: Callable[[str], str] = lambda text: text,
    tick: Callable[[], None] = lambda: None,
) -> Subject:
    """A document, without data, ready to be checked; `change` may break its source."""
    report = check(document)
    assert report.ok, report.diagnostics
    source: Source = generate(document, report)
    changed = change(source.text)
    place = torch.device("cpu")
    return Subject(
        document=document,
        report=report,
        source=replace(source, text=changed),
        samples=drawn(document, source, report.networks[document.main].nodes, place),
        device=place,
        seed=7,
        causal=causal,
        quiet=nullcontext,
        tick=tick,
    )


def answers(subject: Subject) -> dict[str, Answer]:
    return {verdict.check: verdict.answer for verdict in deep_check(subject)}


def finding(subject: Subject, name: str) -> Finding:
    """The one finding of a property that does not hold."""
    answer = answers(subject)[name]
    assert answer.outcome is Outcome.BROKEN, answer
    (found,) = answer.findings
    return found


def swap(old: str, new: str) -> Callable[[str], str]:
    """A change of the source that must find what it changes."""

    def change(text: str) -> str:
        assert text.count(old) == 1, text
        return text.replace(old, new)

    return change


CLASSIFIER = """
    x = Input(shape=[6])
    label = Target()
    wide = Linear(out_features=8)
    norm = BatchNorm1d()
    relu = ReLU()
    drop = Dropout()
    narrow = Linear(out_features=3)
    scores = Output()
    loss = CrossEntropyLoss()
    x -> wide -> norm -> relu -> drop -> narrow -> scores
    narrow -> loss
    label -> loss.target
"""

DECODER = """
    tokens = Input(shape=[7], dtype="int64")
    words = Embedding(num_embeddings=11, embedding_dim=8)
    first = MultiheadAttention(num_heads=2, causal=True)
    second = MultiheadAttention(num_heads=2, causal={causal})
    head = Linear(out_features=11)
    scores = Output()
    tokens -> words -> first -> second -> head -> scores
"""


def test_a_sound_classifier_holds_every_property_that_it_can_be_asked() -> None:
    found = answers(subject_of(drawing(CLASSIFIER)))
    assert list(found) == list(TITLES)
    assert {name for name, answer in found.items() if answer.outcome is Outcome.HELD} == {
        "runs", "independent", "gradients", "modes", "repeatable", "scale",
    }  # fmt: skip
    assert found["causal"].outcome is Outcome.SKIPPED
    assert found["modes"].note == "Only norm and drop work otherwise while training."


def test_a_sound_decoder_does_not_look_ahead() -> None:
    found = answers(subject_of(drawing(DECODER.format(causal=True))))
    assert found["causal"].outcome is Outcome.HELD
    assert found["gradients"].outcome is Outcome.SKIPPED  # no loss


# Samples of a batch --------------------------------------------------------------------------------


def test_a_normalization_without_running_statistics_mixes_samples() -> None:
    document = drawing(CLASSIFIER.replace("BatchNorm1d()", "BatchNorm1d(track_running_stats=False)"))
    found = finding(subject_of(document), "independent")
    assert (found.code, found.node, found.severity) == ("samples-mixed", "norm", Severity.ERROR)
    (remedy,) = found.remedies
    assert (remedy.node, remedy.parameter, remedy.value) == ("norm", "track_running_stats", True)


def test_a_mean_over_the_batch_is_blamed_on_its_node_and_not_on_those_behind() -> None:
    broken = swap("x = self.relu(x)", "x = self.relu(x - x.mean(0))")
    assert finding(subject_of(drawing(CLASSIFIER), change=broken), "independent").node == "relu"


def test_mixing_that_only_reaches_later_samples_is_found() -> None:
    broken = swap("x = self.relu(x)", "x = self.relu(x).cumsum(0)")
    assert finding(subject_of(drawing(CLASSIFIER), change=broken), "independent").node == "relu"


def test_what_the_loss_alone_sees_may_mix_samples() -> None:
    broken = swap("loss = self.loss(scores, label)", "loss = self.loss(scores - scores.mean(0), label)")
    assert answers(subject_of(drawing(CLASSIFIER), change=broken))["independent"].outcome is Outcome.HELD


# The future ----------------------------------------------------------------------------------------


def test_an_attention_without_a_mask_behind_one_with_it_looks_ahead() -> None:
    found = finding(subject_of(drawing(DECODER.format(causal=False))), "causal")
    assert (found.code, found.node) == ("looks-ahead", "second")
    (remedy,) = found.remedies
    assert (remedy.parameter, remedy.value) == ("causal", True)


BIDIRECTIONAL = """
    series = Input(shape=[9, 2])
    lstm = LSTM(hidden_size=4, bidirectional={both})
    head = Linear(out_features=1)
    next = Output()
    series -> lstm -> head -> next
"""


def test_a_network_read_in_both_directions_looks_ahead_when_it_is_asked_not_to() -> None:
    document = drawing(BIDIRECTIONAL.format(both=True))
    assert answers(subject_of(document))["causal"].outcome is Outcome.SKIPPED
    found = finding(subject_of(document, causal=True), "causal")
    assert found.node == "lstm"
    assert [remedy.parameter for remedy in found.remedies] == ["bidirectional"]
    one_way = subject_of(drawing(BIDIRECTIONAL.format(both=False)), causal=True)
    assert answers(one_way)["causal"].outcome is Outcome.HELD


ATTENTION_BY_HAND = """
    query = Input(shape=[5, 8])
    key = Linear(out_features=8)
    turn = Transpose(dim0=1, dim1=2)
    table = MatMul()
    {mask}
    share = Softmax()
    mixed = MatMul()
    answer = Output()
    query -> key -> turn
    query -> table
    turn -> table.other
    {way}
    share -> mixed
    query -> mixed.other
    mixed -> answer
"""


def test_an_attention_of_plain_operations_is_blamed_where_the_future_gets_in() -> None:
    """The table of scores always changes: only what is made of it tells whether it was masked."""
    document = drawing(ATTENTION_BY_HAND.format(mask="", way="table -> share"))
    assert finding(subject_of(document, causal=True), "causal").node == "mixed"


def test_a_convolution_that_pads_on_both_sides_looks_ahead() -> None:
    document = drawing("""
        series = Input(shape=[2, 9])
        conv = Conv1d(out_channels=4, kernel_size=3, padding=1)
        out = Output()
        series -> conv -> out
    """)
    assert finding(subject_of(document, causal=True), "causal").node == "conv"


@pytest.mark.parametrize(
    "series",
    [
        "series = Input(shape=[2, 9])\n pad = Pad(dim=2, before=2, after=0)\n series -> pad -> block",
        "series = Input(shape=[9, 2])\n turn = Transpose(dim0=1, dim1=2)\n"
        "pad = Pad(dim=2, before=2, after=0)\n series -> turn -> pad -> block",
    ],
)
def test_time_runs_along_the_axis_that_the_first_layer_reads(series: str) -> None:
    """A convolution that pads before the first step only sees no future, wherever the channels stand."""
    text = f"""
        {series}
        block = convolve()
        out = Output()
        block -> out

        network convolve()
        x = Input(shape=[2, 11])
        conv = Conv1d(out_channels=4, kernel_size=3)
        y = Output()
        x -> conv -> y
    """
    answer = answers(subject_of(drawing(text), causal=True))["causal"]
    assert answer.outcome is Outcome.HELD
    wide = text.replace("before=2, after=0", "before=1, after=1")
    found = finding(subject_of(drawing(wide), causal=True), "causal")
    assert (found.network, found.node) == ("convolve", "conv")


def test_an_encoder_may_be_read_whole_by_a_causal_decoder() -> None:
    """Memory comes from another sequence, which is no future of this one."""
    document = drawing("""
        source = Input(shape=[7, 8])
        target = Input(shape=[7, 8])
        encoder = TransformerEncoderLayer(nhead=2)
        decoder = TransformerDecoderLayer(nhead=2, causal=True)
        out = Output()
        source -> encoder -> decoder.memory
        target -> decoder.tgt
        decoder -> out
    """)
    answer = answers(subject_of(document))["causal"]
    assert answer.outcome is Outcome.HELD
    assert answer.note.startswith("target changed from some step on")


# Gradients -----------------------------------------------------------------------------------------


def classifier_with(node: str) -> Document:
    """The classifier with a node in place of its Dropout."""
    return drawing(CLASSIFIER.replace("drop = Dropout()", f"drop = {node}"))


def test_a_stopped_gradient_is_one_finding_for_all_that_it_leaves_without() -> None:
    found = finding(subject_of(classifier_with("StopGradient()")), "gradients")
    assert found.message == (
        "No gradient reaches wide and norm, so they never learn: drop (StopGradient) lets none through."
    )
    assert (found.node, found.severity) == ("drop", Severity.WARNING)
    assert [(remedy.node, remedy.parameter) for remedy in found.remedies] == [("drop", "")]


def test_a_dead_activation_is_named() -> None:
    broken = swap("x = self.relu(x)", "x = self.relu(x - 100)")
    before, behind = answers(subject_of(drawing(CLASSIFIER), change=broken))["gradients"].findings
    assert before.message == (
        "The gradient of wide and norm is 0 in every batch, so they never learn: relu (ReLU) stops it, "
        "for it gives 0 for every sample."
    )
    assert behind.message.startswith("The gradient of the weight of narrow is 0 in every batch")


def test_a_layer_that_starts_at_zero_is_not_taken_for_a_dead_one() -> None:
    """Its weights are zero, so nothing passes at first; after one step it does."""
    start = "self.narrow = nn.Linear(8, 3)"
    zero = f"{start}; nn.init.zeros_(self.narrow.weight)"
    found = answers(subject_of(drawing(CLASSIFIER), change=swap(start, zero)))
    assert found["gradients"].outcome is Outcome.HELD


# Modes and seeds -----------------------------------------------------------------------------------


def test_noise_in_evaluation_is_found_with_every_node_that_makes_some() -> None:
    def noisy(text: str) -> str:
        text = swap("x = self.relu(x)", "x = self.relu(x) + x.new_empty(8).uniform_()")(text)
        return swap("x = self.wide(x)", "x = self.wide(x) * x.new_empty(8).uniform_()")(text)

    answer = answers(subject_of(drawing(CLASSIFIER), change=noisy))["modes"]
    assert [found.code for found in answer.findings] == ["random-in-evaluation"] * 2
    assert [found.node for found in answer.findings] == ["wide", "relu"]


def test_noise_that_only_a_loss_sees_changes_no_answer() -> None:
    denoiser = """
        image = Input(shape=[8])
        noise = RandomNormal()
        noisy = Add()
        layer = Linear(out_features=8)
        loss = MSELoss()
        same = Linear(out_features=8, shares="layer")
        cleaned = Output()
        image -> noise -> noisy
        image -> noisy -> layer -> loss
        image -> loss.target
        image -> same -> cleaned
    """
    assert answers(subject_of(drawing(denoiser)))["modes"].outcome is Outcome.HELD


def test_a_layer_that_works_otherwise_in_training_without_being_made_for_it_is_found() -> None:
    class Sly(torch.nn.ReLU):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) * (2.0 if self.training else 1.0)

    subject = subject_of(drawing(CLASSIFIER))
    subject.probe.module.relu = Sly()
    found = finding(subject, "modes")
    assert (found.code, found.node) == ("differs-by-mode", "relu")


def test_random_numbers_that_no_seed_reaches_are_found() -> None:
    unseeded = "(generator := nn.init.torch.Generator(), generator.seed())[0]"
    noise = f"x.new_empty(8).uniform_(generator={unseeded})"
    broken = swap("x = self.relu(x)", f"x = self.relu(x) + {noise}")
    subject = subject_of(drawing(CLASSIFIER), change=broken)
    assert finding(subject, "repeatable").node == "relu"


# Running -------------------------------------------------------------------------------------------


def test_a_batch_that_cannot_run_is_blamed_on_its_node_once() -> None:
    broken = swap("x = self.relu(x)", "x = self.relu(x).view(-1, 24)")
    found = answers(subject_of(drawing(CLASSIFIER), change=broken))
    (failure,) = found["runs"].findings
    assert (failure.code, failure.node) == ("cannot-run", "relu")
    assert failure.message.startswith("relu fails on a batch of 1 in evaluation: ")
    assert {found[name].outcome for name in ("independent", "gradients", "modes")} == {Outcome.SKIPPED}


def test_another_shape_than_the_checker_gave_is_found() -> None:
    broken = swap("x = self.relu(x)", "x = self.relu(x)[:, :7]")
    found = answers(subject_of(drawing(CLASSIFIER), change=broken))
    (differs,) = found["runs"].findings
    assert differs.message == "relu gives 1×7 as float32 for a batch of 1; the drawing says N×8 as float32."
    assert found["independent"].outcome is Outcome.SKIPPED


def test_a_loss_that_takes_no_random_answers_is_not_blamed() -> None:
    broken = swap("loss = self.loss(scores, label)", "loss = self.loss(scores, label + 9)")
    answer = answers(subject_of(drawing(CLASSIFIER), change=broken))["gradients"]
    assert answer.outcome is Outcome.SKIPPED
    assert answer.note == "loss does not take answers drawn at random: choose data for the project."


def test_a_logarithm_of_what_is_negative_is_found() -> None:
    found = finding(subject_of(classifier_with("Log()")), "runs")
    assert found.node == "drop"
    assert found.message == (
        "For samples drawn at random drop gives values of minus infinity, and narrow makes values that are not a number (NaN) "
        "of them, so no training can start from them."
    )


def test_a_layer_that_is_made_to_look_at_the_whole_batch_is_a_warning() -> None:
    document = drawing("""
        image = Input(shape=[2, 4, 4])
        spread = MinibatchStd()
        out = Output()
        image -> spread -> out
    """)
    found = finding(subject_of(document), "independent")
    assert (found.node, found.severity) == ("spread", Severity.WARNING)


def test_places_that_random_numbers_miss_are_nobodys_fault() -> None:
    document = drawing("""
        table = Input(shape=[1])
        places = Input(shape=[3], dtype="int64")
        pick = Gather()
        out = Output()
        table -> pick
        places -> pick.index
        pick -> out
    """)
    answer = answers(subject_of(document))["runs"]
    assert answer.note == "pick does not take numbers drawn at random: choose data for the project."


def test_values_that_explode_are_a_hint() -> None:
    broken = swap("x = self.relu(x)", "x = self.relu(x) * 1e6")
    found = finding(subject_of(drawing(CLASSIFIER), change=broken), "scale")
    assert (found.code, found.node, found.severity) == ("activation-scale", "narrow", Severity.HINT)


def test_a_check_leaves_weights_and_running_statistics_as_they_were() -> None:
    subject = subject_of(drawing(CLASSIFIER))
    before = {name: value.clone() for name, value in subject.probe.module.state_dict().items()}
    answers(subject)
    after = subject.probe.module.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_what_is_not_done_in_time_is_said_to_be_unfinished() -> None:
    found = answers(subject_of(drawing(CLASSIFIER), tick=Deadline(0.0, lambda: False)))
    assert {answer.outcome for answer in found.values()} == {Outcome.UNFINISHED}
    assert found["scale"].note == "Not finished within 0 s."


def test_a_check_that_is_cancelled_keeps_what_it_has_found() -> None:
    done: list[str] = []
    subject = subject_of(drawing(CLASSIFIER), tick=Deadline(60.0, lambda: len(done) >= 2))
    outcomes = []
    for verdict in deep_check(subject):
        done.append(verdict.check)
        outcomes.append(verdict.answer.outcome)
    assert outcomes[:2] == [Outcome.HELD, Outcome.HELD]
    assert outcomes[-1] is Outcome.UNFINISHED


def test_samples_are_drawn_within_what_the_layers_take() -> None:
    subject = subject_of(drawing(DECODER.format(causal=True)))
    (tokens,) = subject.samples.inputs
    assert tokens.dtype == torch.int64
    assert (int(tokens.min()), int(tokens.max())) == (0, 10)
    labels = subject_of(drawing(CLASSIFIER)).samples.targets[0]
    assert set(labels.tolist()) == {0, 1, 2}


@pytest.mark.parametrize("size", [1, 5, 40])
def test_batches_go_round_the_pool(size: int) -> None:
    samples = subject_of(drawing(CLASSIFIER)).samples
    batch = samples.batch(20, size)
    assert len(batch.inputs[0]) == len(batch.targets[0]) == size
    assert torch.equal(batch.inputs[0][0], samples.inputs[0][20])
    if size > 4:
        assert torch.equal(batch.inputs[0][4], samples.inputs[0][0])


# Networks inside networks ---------------------------------------------------------------------------

STACK = """
    tokens = Input(shape=[6], dtype="int64")
    label = Target()
    words = Embedding(num_embeddings=9, embedding_dim=8)
    first = block(width=16)
    again = block(width=16, shares="first")
    many = block(width=32, repeat=3)
    same = block(width=32, repeat=2, share_repeats=True)
    last = Select(dim=1, index=-1)
    head = Linear(out_features=3)
    every = Output()
    scores = Output()
    loss = CrossEntropyLoss()
    tokens -> words -> first -> again -> many -> same -> last -> head -> scores
    same -> every
    head -> loss
    label -> loss.target

    network block(width=16)
    x = Input(shape=[6, 8])
    wide = Linear(out_features="=width")
    middle = {middle}
    back = inner()
    y = Output()
    x -> wide -> middle -> back -> y

    network inner()
    a = Input(shape=[6, 16])
    narrow = Linear(out_features=8)
    drop = Dropout()
    b = Output()
    a -> narrow -> drop -> b
"""


def test_a_sound_network_of_networks_holds_every_property() -> None:
    found = answers(subject_of(drawing(STACK.format(middle="ReLU()")), causal=True))
    assert {answer.outcome for answer in found.values()} == {Outcome.HELD}
    assert found["modes"].note == "Only inner.drop works otherwise while training."


def test_a_gradient_that_ends_inside_a_network_is_blamed_on_the_node_inside() -> None:
    """Of the last repeat what lies behind the node still learns; all before it does not."""
    found = finding(subject_of(drawing(STACK.format(middle="StopGradient()"))), "gradients")
    assert (found.network, found.node) == ("block", "middle")
    assert found.message == (
        "No gradient reaches words, block.wide and inner.narrow, so they never learn: "
        "block.middle (StopGradient) lets none through."
    )


def test_what_looks_ahead_inside_a_network_is_blamed_on_the_node_inside() -> None:
    document = drawing(STACK.format(middle="LSTM(hidden_size=8, bidirectional=True)"))
    found = finding(subject_of(document, causal=True), "causal")
    assert (found.network, found.node) == ("block", "middle")
    assert found.message.startswith("block.middle looks into the future")


def test_a_causal_layer_inside_a_network_asks_its_sequence_not_to_look_ahead() -> None:
    causal = "MultiheadAttention(num_heads=2, causal=True)"
    assert answers(subject_of(drawing(STACK.format(middle=causal))))["causal"].outcome is Outcome.HELD
    before = "MultiheadAttention(num_heads=2)"
    broken = drawing(STACK.format(middle=causal).replace("words ->", "words -> peek ->").replace(
        "many = ", f"peek = {before}\n    many = "
    ))  # fmt: skip
    found = finding(subject_of(broken), "causal")
    assert (found.network, found.node) == ("main", "peek")


def test_whole_numbers_are_drawn_within_a_table_inside_a_network() -> None:
    document = drawing("""
        tokens = Input(shape=[4], dtype="int64")
        table = lookup()
        out = Output()
        tokens -> table -> out

        network lookup()
        names = Input(shape=[4], dtype="int64")
        rows = Embedding(num_embeddings=3, embedding_dim=2)
        found = Output()
        names -> rows -> found
    """)
    assert set(subject_of(document).samples.inputs[0].flatten().tolist()) == {0, 1, 2}


def test_a_small_influence_does_not_hide_behind_many_layers() -> None:
    """Each repeat of the block leaves a tenth of it: with the first weights nothing is left to be seen at the end."""
    document = drawing(
        STACK.format(middle="ReLU()")
        .replace("repeat=3", "repeat=8")
        .replace("words ->", "words -> peek ->")
        .replace("many = ", "peek = MultiheadAttention(num_heads=2)\n    many = ")
    )
    assert finding(subject_of(document, causal=True), "causal").node == "peek"


def test_only_nodes_on_the_way_to_the_output_are_blamed() -> None:
    """What sums up the whole sequence may look at all of it."""
    document = drawing("""
        series = Input(shape=[9, 4])
        both = LSTM(hidden_size=4, bidirectional=True)
        last = Select(dim=1, index=-1)
        summary = Output()
        attention = MultiheadAttention(num_heads=2)
        each = Output()
        series -> both -> last -> summary
        series -> attention -> each
    """)
    assert finding(subject_of(document, causal=True), "causal").node == "attention"


@pytest.mark.parametrize(
    "path", sorted((shipped.resources() / "blocks").glob("*.json")), ids=lambda p: p.stem
)
def test_the_shipped_blocks_are_sound(path: Path) -> None:
    """The decoder's memory is no sequence of its own, and the experts draw no lots in evaluation."""
    found = answers(subject_of(schema.decode(path.read_bytes(), path.name)))
    assert {answer.outcome for answer in found.values()} <= {Outcome.HELD, Outcome.SKIPPED}
    assert found["independent"].outcome is Outcome.HELD
    if path.stem in ("gpt_block", "transformer_decoder_block"):
        assert found["causal"].outcome is Outcome.HELD
