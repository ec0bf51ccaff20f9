"""Marks, figures and tables of the comparison, without broker, database or peers."""

from pathlib import Path

import pytest
from msgspec import structs

from tests.benchmarks.delivery.catalogue import PEERS, chosen
from tests.benchmarks.delivery.catchup import Caught, speed
from tests.benchmarks.delivery.faults import Survived
from tests.benchmarks.delivery.inputs import usage_messages
from tests.benchmarks.delivery.job import Detectors, Spec, usage_decoder
from tests.benchmarks.delivery.machine import Disturbance
from tests.benchmarks.delivery.progress import Mark, Progress, Start, read_marks, write_json
from tests.benchmarks.delivery.report import as_json, delivery_table, markdown, ratios
from tests.benchmarks.delivery.run import Found, Plan
from tests.benchmarks.delivery.tally import Tally
from tests.benchmarks.delivery.venvs import COMMON, ENVIRONMENTS, LOCKS

QUIET = Disturbance(0.0, 0.0)
USAGE = Plan(PEERS, frozenset({"usage"}))


def spec_in(folder: Path, total: int) -> Spec:
    place = ("", "", str(folder))
    return Spec("usage", "guarded", "topic", "", "group", *place, total)


def caught(peer: str, cpu: float, rate: float) -> Caught:
    return Caught(peer, "usage", 1_000, cpu, rate, 90.0, 0.1, True, QUIET)


def test_progress_marks_the_first_the_hundredths_and_the_last(tmp_path: Path) -> None:
    progress = Progress(spec_in(tmp_path, 250))
    for _ in range(250):
        progress.done(1)
    progress.close()
    counts = [mark.count for mark in read_marks(tmp_path / "progress.jsonl")]
    assert (counts[0], counts[-1]) == (1, 250)
    assert len(counts) > 100


def test_a_mark_cut_off_by_a_kill_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    path.write_bytes(b'{"pid":1,"count":5,"wall":2.0,"cpu":1.0}\n{"pid":1,"cou')
    assert read_marks(path) == [Mark(1, 5, 2.0, 1.0)]
    assert read_marks(tmp_path / "none") == []


def test_latencies_count_from_the_moment_a_record_was_due(tmp_path: Path) -> None:
    decode, start = usage_decoder(), tmp_path / "start.json"
    events = [decode(message.value) for message in usage_messages(20)]
    spec = structs.replace(spec_in(tmp_path, 20), first=10, start=str(start))
    write_json(start, Start(at=0.0, rate=10.0))
    progress = Progress(spec)
    progress.all(events)
    progress.close()
    found = (tmp_path / "latencies.json").read_text()
    assert '"records":10' in found


def test_the_first_tenth_is_dropped_from_the_speed() -> None:
    slow_start = [Mark(1, 1, 0.0, 0.0), Mark(1, 100, 10.0, 9.0), Mark(1, 1_000, 11.0, 9.9)]
    cpu, rate = speed(slow_start, 1_000)
    assert (round(cpu), round(rate)) == (1_000, 900)


def test_no_speed_without_two_marks() -> None:
    with pytest.raises(ValueError, match="too few"):
        speed([Mark(1, 1_000, 1.0, 1.0)], 1_000)


def test_the_detectors_see_every_account() -> None:
    decode, detectors = usage_decoder(), Detectors()
    for message in usage_messages(1_500):
        detectors.observe(decode(message.value))
    assert detectors.anomalies == 0


def test_ratios_are_ours_over_theirs() -> None:
    found = Found(caught=[caught("ours", 5.0, 200.0), caught("quix", 10.0, 100.0)])
    assert ratios(found) == {"quix": {"records_per_second": 2.0, "cpu": 2.0}}


def test_the_report_names_failed_systems_and_systems_that_could_not_be_installed() -> None:
    found = Found(failed=[{"peer": "quix", "what": "usage", "error": "ended"}])
    found.not_installed = {"bytewax": "no wheel"}
    text = markdown(found, USAGE)
    assert "- quix, usage: ended" in text
    assert "Bytewax 0.21.1 (could not be installed)" in text
    assert as_json(found, USAGE, "command")["not_installed"] == {"bytewax": "no wheel"}


def test_the_delivery_table_shows_lost_and_doubled() -> None:
    counts = Tally(100, 3, 0, 7, 41, 2, 0)
    found = Found(survived=[Survived("faust", "effect", "plain", counts, [1.0], 0, 1, 9.0)])
    row = delivery_table(found).splitlines()[-1]
    assert row == "| Faust, async for 0.15.3 | plain upsert | 100 | 3 | 0 | 7 | 41 | 0 of 2 | 0 | 1 |"


def test_an_unknown_peer_is_refused() -> None:
    with pytest.raises(ValueError, match="No such peer: kafka"):
        chosen("ours,kafka")


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_environment_is_locked_with_hashes_at_the_versions_named(name: str) -> None:
    text = (LOCKS / f"{name}.txt").read_text()
    for wanted in (*ENVIRONMENTS[name], *COMMON):
        package = wanted.partition("[")[0].partition(">")[0].partition("=")[0]
        version = wanted.partition("==")[2]
        assert f"{package}=={version}" in text
    assert text.count("--hash=sha256:") > 100
    assert "://" not in text
