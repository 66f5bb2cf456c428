"""Every kind of stage goes on bit for bit after it was stopped, or killed, wherever that was."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from nodeforge.core.document import Document, Stage
from nodeforge.project import schema
from nodeforge.project.runs import RunStore
from tests.training_jobs import fingerprint, run, stop_after, weights
from tests.unit.training.rule_drawings import BELIEF, MAP, readout, taught
from tests.unit.training.test_games import CRITIC, GAME, GENERATOR, with_turn

BELLS = readout(4, 3, "h = RadialBasis(units=6, learned=False)", "h -> ")
CENTRES = Stage(name="centres", rule="k-means")
CASES: dict[str, Document] = {
    "perceptron": taught(readout(4, 3), Stage(rule="perceptron")),
    "ridge": taught(readout(4, 3), Stage(rule="ridge")),
    "k-means, then ridge": taught(BELLS, CENTRES, Stage(name="out", rule="ridge")),
    "k-means by batches": taught(BELLS, replace(CENTRES, rule_settings={"updates": "batch"})),
    "competitive": taught(MAP.format(rows=3, columns=3), Stage(rule="competitive")),
    "batch map": taught(
        MAP.format(rows=3, columns=3),
        Stage(rule="competitive", rule_settings={"updates": "epoch", "start": "plane"}),
    ),
    "deep belief": taught(
        BELIEF,
        Stage(name="low", rule="contrastive-divergence", learns=("low",), settings={"batch_size": 200}),
        Stage(name="high", rule="contrastive-divergence", learns=("high",), settings={"batch_size": 200}),
        Stage(name="tune", settings={"batch_size": 200}),
        source="digits",
    ),
    "frozen": taught(readout(4, 3), Stage(rule="frozen")),
    "game": taught(GAME, with_turn(CRITIC, 2), GENERATOR),
}


def mixed(document: Document) -> Document:
    """The same with samples in random order."""
    copy = document.copy()
    stages = tuple(replace(s, settings={**s.settings, "shuffle": True}) for s in copy.recipe.stages)
    copy.recipe = replace(copy.recipe, stages=stages)
    return copy


@pytest.mark.parametrize("case", CASES)
def test_a_stopped_stage_goes_on_bit_for_bit(tmp_path, case):
    document = mixed(CASES[case])
    whole, seen = run(document, tmp_path)
    steps = list(seen.column("loss"))
    for step in sorted({1, len(steps) // 2, len(steps) - 1}):
        first, before = stop_after(document, tmp_path, step)
        info, after = run(document, tmp_path, resume=first)
        assert info.status == "finished"
        assert min(after.column("loss")) == step + 1
        told = {**before.column("loss"), **after.column("loss")}
        assert told == seen.column("loss")
        assert info.metrics == whole.metrics
        for checkpoint in ("last", "best"):
            ours, theirs = (weights(tmp_path, each, checkpoint) for each in (first, whole.id))
            assert fingerprint(ours) == fingerprint(theirs)


TRAIN = """
import sys
from pathlib import Path
from nodeforge.project import schema
from nodeforge.training import Control, TrainingJob, keeper, loop, train
keeper.SHARE, keeper.EPOCH_S, keeper.STEP_S, loop.EPOCH_S, loop.STEP_S = 0, 0.0, 0.0, 0.0, 0.0
document = schema.decode(Path(sys.argv[1]).read_bytes())
job = TrainingJob(document=document, folder=Path(sys.argv[2]), resume=sys.argv[3])
train(job, Control(), lambda event: print(getattr(event, "step", 0) or 0, flush=True))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
@pytest.mark.parametrize("case", ["competitive", "deep belief", "game"])
def test_a_killed_stage_goes_on_bit_for_bit(tmp_path, case):
    document = mixed(CASES[case])
    whole, seen = run(document, tmp_path)
    file = tmp_path / "document.json"
    file.write_bytes(schema.encode(document))
    store = RunStore(tmp_path)
    chance = random.Random(case)
    moment = chance.randrange(2, max(seen.column("loss")))
    killed = _killed_at(file, tmp_path, moment)
    assert store.info(killed).status == "interrupted"
    info, _ = run(document, tmp_path, resume=killed)
    assert info.metrics == whole.metrics
    assert fingerprint(weights(tmp_path, killed)) == fingerprint(weights(tmp_path, whole.id))
    assert store.curve(killed, "loss") == store.curve(whole.id, "loss")


def _killed_at(file: Path, folder: Path, step: int) -> str:
    """Train in another process, and end it by force once it tells of the step; the run."""
    command = [sys.executable, "-c", TRAIN, str(file), str(folder), ""]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= step:
                os.kill(process.pid, signal.SIGKILL)
                break
    return RunStore(folder).latest().id
