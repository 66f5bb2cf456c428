"""The run store against plain arithmetic, broken indexes and dead processes."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from array import array
from pathlib import Path

import pytest

from nodeforge.core.errors import UserError
from nodeforge.project.processes import is_alive, this_process
from nodeforge.project.run_log import EpochRecord
from nodeforge.project.runs import RunStore


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path)


def make(store: RunStore) -> str:
    return store.create(b"{}", seed=3, environment={"torch": "2"}).id


def log_steps(store: RunStore, run: str, first: int, losses: list[float]) -> int:
    log = store.log(run)
    steps = array("i", range(first, first + len(losses)))
    log.add_steps({"step": steps.tobytes(), "loss": array("f", losses).tobytes()})
    return log.flush()


def epoch(number: int) -> EpochRecord:
    metrics = {"train": {"loss": 1.0 / number}}
    return EpochRecord(
        stage="train",
        epoch=number,
        step=number * 10,
        learning_rate=0.1,
        samples_per_second=5.0,
        metrics=metrics,
    )


def test_a_new_run_keeps_the_document_and_its_circumstances(store):
    run = store.create(b'{"a": 1}', seed=7, environment={"torch": "2.13"})
    assert store.document(run.id) == b'{"a": 1}'
    assert store.runs() == [run] == [store.info(run.id)]
    assert (run.status, run.seed, run.environment, run.name) == ("running", 7, {"torch": "2.13"}, "Run 1")


def test_runs_made_in_the_same_second_have_their_own_folders_and_names(store):
    runs = [store.create(b"{}", seed=0, environment={}) for _ in range(12)]
    assert len({run.id for run in runs}) == 12
    assert [run.name for run in store.runs()] == [f"Run {n}" for n in range(12, 0, -1)]


def test_newer_runs_come_first_whatever_the_clock_and_the_names_say(store):
    moments = {
        "20250330-015959": "2025-03-30T01:59:59+01:00",
        "20250330-030000": "2025-03-30T03:00:00+02:00",  # a second later, as the clocks went forward
        "20251026-025959": "2025-10-26T02:59:59+02:00",
        "20251026-020000": "2025-10-26T02:00:00+01:00",  # a second later, as the clocks went back
        "20251026-120000-2": "2025-10-26T12:00:00.999999+01:00",
        "20251026-120001": "2025-10-26T12:00:01+01:00",
    }
    today = epoch_less_info(store)
    for run, created in moments.items():
        (store.folder / run).mkdir()
        store._write(dataclasses.replace(today, id=run, created=created))
    assert [info.id for info in store.runs()] == [today.id, *reversed(moments)]
    store.update("20251026-120001", created="yesterday")
    assert store.runs()[-1].id == "20251026-120001"


def test_renaming_lasts_and_an_empty_name_is_refused(store):
    run = make(store)
    store.rename(run, "  wide net ")
    assert RunStore(store.folder.parent).info(run).name == "wide net"
    with pytest.raises(UserError, match="needs a name"):
        store.rename(run, "  ")


def test_deleting_removes_folder_and_curves_but_not_of_a_run_that_trains(store):
    run = make(store)
    log_steps(store, run, 1, [1.0])
    assert len(store.curve(run, "loss")[0]) == 1
    with pytest.raises(UserError, match="stop it"):
        store.delete(run)
    store.update(run, status="stopped")
    store.delete(run)
    assert store.runs() == []
    (store.folder / run).mkdir()
    store._write(dataclasses.replace(epoch_less_info(store), id=run))
    assert len(store.curve(run, "loss")[0]) == 0


def epoch_less_info(store: RunStore):
    return store.create(b"{}", seed=0, environment={})


@pytest.mark.parametrize("name", ["nothing", "../x", "", "a/b", ".hidden"])
def test_an_unknown_run_is_one_sentence(store, name):
    make(store)
    with pytest.raises(UserError, match="There is no run"):
        store.info(name)


def test_a_run_of_a_dead_process_is_interrupted_and_can_be_resumed(store):
    run = make(store)
    assert not store.info(run).resumable
    program = "from nodeforge.project.processes import this_process; print(this_process())"
    dead = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    mark = dead.stdout.strip()
    assert "@" in mark
    assert not is_alive(mark)
    store.update(run, process=mark)
    assert store.info(run).status == "interrupted"
    assert store.info(run).resumable


def test_a_pid_that_is_used_again_is_another_process():
    pid, _, started = this_process().partition("@")
    assert is_alive(f"{pid}@{started}")
    assert not is_alive(f"{pid}@{int(started) + 1}" if started.isdigit() else f"{pid}@x")
    assert not is_alive("")


def test_epochs_come_back_in_order(store):
    run = make(store)
    log = store.log(run)
    for number in (1, 2, 3):
        log.add_epoch(epoch(number))
    log.flush()
    assert store.epochs(run) == [epoch(1), epoch(2), epoch(3)]


def test_curves_grow_while_they_are_read(store):
    run = make(store)
    log_steps(store, run, 1, [3.0, 2.0])
    assert list(store.curve(run, "loss")[1]) == [3.0, 2.0]
    log_steps(store, run, 3, [1.0])
    steps, losses = store.curve(run, "loss")
    assert list(steps) == [1, 2, 3]
    assert list(losses) == [3.0, 2.0, 1.0]
    assert list(store.curve(run, "unheard_of")[0]) == []


def test_a_thinned_curve_keeps_its_spikes_and_stays_in_order(store):
    run = make(store)
    values = [1.0] * 100_000
    values[54_321], values[77_777] = 9.0, -9.0
    log_steps(store, run, 0, values)
    steps, losses = store.curve(run, "loss", points=100)
    assert len(steps) <= 100
    assert list(steps) == sorted(steps)
    assert losses[list(steps).index(54_321)] == 9.0
    assert losses[list(steps).index(77_777)] == -9.0


@pytest.mark.parametrize("damage", ["missing", "garbage", "truncated"])
def test_the_index_is_built_again_from_the_folders(store, damage):
    run = make(store)
    log_steps(store, run, 1, [3.0, 2.0])
    log = store.log(run)
    log.add_epoch(epoch(1))
    log.flush()
    before = store.curve(run, "loss")
    index = store.folder / "index.sqlite"
    if damage == "missing":
        index.unlink()
    elif damage == "garbage":
        index.write_bytes(b"not a database at all, but long enough to look like one" * 100)
    else:
        index.write_bytes(index.read_bytes()[:5000])
    assert store.curve(run, "loss") == before
    assert store.epochs(run) == [epoch(1)]


def test_a_line_cut_by_a_crash_is_left_out_until_it_is_whole(store):
    run = make(store)
    log_steps(store, run, 1, [3.0])
    path = store.folder / run / "log.jsonl"
    whole = path.read_bytes()
    log_steps(store, run, 2, [2.0])
    grown = path.read_bytes()
    path.write_bytes(grown[: len(whole) + 9])
    assert list(store.curve(run, "loss")[1]) == [3.0]
    path.write_bytes(grown)
    assert list(store.curve(run, "loss")[1]) == [3.0, 2.0]


def test_garbled_lines_are_skipped(store):
    run = make(store)
    path = store.folder / run / "log.jsonl"
    path.write_bytes(
        b'nonsense\n[1]\n{"steps": {"step": "!", "loss": ""}}\n{"epoch": {"x": 1}}\n{"steps": 3}\n'
    )
    log_steps(store, run, 1, [3.0])
    assert list(store.curve(run, "loss")[1]) == [3.0]
    assert store.epochs(run) == []


def test_going_on_from_a_checkpoint_forgets_what_was_logged_after_it(store):
    run = make(store)
    size = log_steps(store, run, 1, [3.0, 2.0])
    log_steps(store, run, 3, [50.0])
    assert list(store.curve(run, "loss")[1]) == [3.0, 2.0, 50.0]
    store.update(run, status="stopped")
    store.rewind(run, size)
    assert store.info(run).status == "running"
    log_steps(store, run, 3, [1.5, 1.25])
    assert list(store.curve(run, "loss")[0]) == [1, 2, 3, 4]
    assert list(store.curve(run, "loss")[1]) == [3.0, 2.0, 1.5, 1.25]


def test_a_broken_run_is_left_out_of_the_list(store):
    good, bad = make(store), make(store)
    (store.folder / bad / "run.json").write_text('{"name": ')
    assert [run.id for run in store.runs()] == [good]
    with pytest.raises(UserError, match="cannot be read"):
        store.info(bad)


def test_the_latest_run_is_the_newest_with_a_checkpoint(store):
    with pytest.raises(UserError, match="train it first"):
        store.latest()
    first, _ = make(store), make(store)
    (store.folder / first / "last.safetensors").write_bytes(b"")
    assert store.latest().id == first
