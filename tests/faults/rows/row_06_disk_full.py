"""Row 6: the disk of the database is full, then the disk of the spool of `rapport ingest`.

Both are on a small tmpfs. If this process may not mount a tmpfs, the row says so and does not pass.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from streams.embedded import EmbeddedError
from streams.kafka.brokers import end_offsets
from streams.kafka.topics import TICKETS, USAGE_EVENTS
from tests.faults.lab import Lab, Worker
from tests.faults.outage import UNREADY_SECONDS, attempt, end_all, wait_every_partition, with_environment
from tests.faults.process import ROOT
from tests.faults.rows import Plan, Row, Tally

DATABASE_MEBIBYTES = 512
SPOOL_MEBIBYTES = 1
LEFT_BYTES = 1 << 20
PAGE_BYTES = 4_096
BUFFERED_ROWS = 35
"""Rows that fill more than a page, but less than the 8 KiB buffer of a file."""

BLOCK_BYTES = 1 << 20
FULL_SECONDS = 60.0
BACK_SECONDS = 60.0
DISK_FULL = "53100"
KINDS = ("sentiment", "usage")


def disk_full(plan: Plan, tally: Tally) -> None:
    lab = Lab(seed=plan.seed)
    with _tmpfs(lab.postgres.folder, DATABASE_MEBIBYTES), lab:
        _fill_the_database(lab, plan, tally)
        _fill_the_spool(lab, tally)


@contextmanager
def _tmpfs(folder: Path, mebibytes: int) -> Iterator[Path]:
    """Mount a file system of this size for the duration of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=755", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"SKIPPED, not passed: a tmpfs cannot be mounted here: {done.stderr.strip()}"
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


def _fill_the_database(lab: Lab, plan: Plan, tally: Tally) -> None:
    workers = [lab.start_relay(), *(lab.start_worker(kind) for kind in KINDS)]
    lab.wait_ready(*workers)
    for number in range(plan.repeats_or(4, 2)):
        usage = lab.paced(USAGE_EVENTS, lab.inputs.endless_usage(), rate=plan.pick(2_000, 500))
        tickets = lab.paced(TICKETS, lab.inputs.endless_tickets(), rate=plan.pick(200, 100))
        lab.wait_for(lambda: lab.number("SELECT count(*) FROM sentiments") > 0, 60, "the first effects")
        ballast = _fill(lab.postgres.folder)
        _demand_a_clear_error(lab, workers)
        if number % 2:
            _ask_for_more_log(lab)
        time.sleep(plan.pick(30, 8))
        assert all(worker.is_running() and worker.health().alive for worker in workers), "a worker ended"
        ended = not lab.postgres._server.is_running()
        _give_space_back(lab, ballast)
        returned, mark = time.monotonic(), lab.audit.mark()
        wait_every_partition(lab, KINDS, mark, BACK_SECONDS)
        tally.recovered.append(time.monotonic() - returned)
        usage.stop()
        tickets.stop()
        for kind in KINDS:
            lab.wait_drained(kind)
        lab.wait_published()
        tally.repeats += 1
        tally.notes.append("the server ended and was started again" if ended else "the server stayed up")
        tally.take(lab.check(*KINDS))
    tally.notes.append(f"{_read_everything(lab)} rows read, all indexes built again")
    end_all(workers)


def _fill(folder: Path) -> Path:
    """Write until the disk is full except for 1 MiB, which the database soon takes."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        attempt(lambda: [file.write(bytes(BLOCK_BYTES)) for _ in range(DATABASE_MEBIBYTES)], (OSError,))
        file.truncate(max(0, file.tell() - LEFT_BYTES))
    return ballast


def _ask_for_more_log(lab: Lab) -> None:
    """Make the server begin new files of its write-ahead log until it ends because it cannot create one."""
    query = text("SELECT pg_switch_wal(), pg_logical_emit_message(false, 'lab', 'x')")

    def switch() -> bool:
        def once() -> None:
            with lab.engine.begin() as connection:
                connection.execute(query)

        return attempt(once, (DBAPIError,)) is not None

    lab.wait_for(switch, 30, "the server to fail at a new log file")


def _demand_a_clear_error(lab: Lab, workers: list[Worker]) -> None:
    """Demand that within a minute a worker counts a retry, and that a log names the full disk."""

    def told() -> bool:
        return any(worker.metric("rapport_retries_total", dependency="database") for worker in workers[1:])

    lab.wait_until(told, FULL_SECONDS, "a worker to wait for the full database")
    lab.wait_until(
        lambda: any(DISK_FULL in worker.log() for worker in workers), UNREADY_SECONDS, "a log to name it"
    )


def _give_space_back(lab: Lab, ballast: Path) -> None:
    """Remove the ballast; start the server again if it ended, as `rapport up` does."""
    ballast.unlink()
    if not lab.postgres._server.is_running():
        lab.wait_until(
            lambda: attempt(lab.postgres.start, (EmbeddedError,)) is None, BACK_SECONDS, "the server to start"
        )


def _read_everything(lab: Lab) -> int:
    """Read every row of every table and rebuild every index; both raise if something is damaged."""
    tables = [row[0] for row in lab.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    count = 0
    for table in tables:
        lab.number(f"SELECT count(hashtext(entry::text)) FROM {table} entry")
        count += lab.number(f"SELECT count(*) FROM {table}")
        with lab.engine.begin() as connection:
            connection.execute(text(f"REINDEX TABLE {table}"))
    return count


def _fill_the_spool(lab: Lab, tally: Tally) -> None:
    """Ingest a file whose records do not fit into the spool."""
    source = lab.folder / "usage.jsonl"
    row = {"account_id": "acme", "kind": "task.labelled", "occurred_at": "2026-01-05T00:00:00Z"}
    source.write_text(f"{json.dumps(row)}\n" * 20_000)
    (lab.folder / "small.jsonl").write_text(f"{json.dumps(row)}\n" * BUFFERED_ROWS)
    for name in ("usage.jsonl", "small.jsonl"):
        with _tmpfs(lab.folder / "spool", SPOOL_MEBIBYTES) as spool:
            if name == "small.jsonl":
                _fill_to_the_last_page(spool)
            _demand_nothing_sent(lab, lab.folder / name, spool)
        tally.repeats += 1
    tally.notes.append("ingest refused with one sentence, nothing sent")


def _fill_to_the_last_page(spool: Path) -> None:
    """Leave less room than the buffer of the spool, so that the error comes with the flush."""
    with (spool / "ballast").open("wb", buffering=0) as file:
        attempt(lambda: [file.write(bytes(PAGE_BYTES)) for _ in range(SPOOL_MEBIBYTES << 8)], (OSError,))
        file.truncate(file.tell() - PAGE_BYTES)


def _demand_nothing_sent(lab: Lab, source: Path, spool: Path) -> None:
    before = end_offsets(lab.broker, [USAGE_EVENTS])
    done = subprocess.run(
        [sys.executable, "-m", "streams", "ingest", "usage", str(source)],
        cwd=ROOT,
        env=with_environment(lab, TMPDIR=str(spool)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = done.stderr.strip()
    assert end_offsets(lab.broker, [USAGE_EVENTS]) == before, "records of a file that was not read were sent"
    assert done.returncode == 1, f"{source.name}: exit code {done.returncode}: {said[-300:]}"
    assert "Traceback" not in said, f"{source.name}: {said[-300:]}"
    assert "full" in said.lower() or "space" in said.lower(), (
        f"{source.name}: the error does not say why: {said}"
    )
    assert str(source) not in said, f"the error blames the file that was read: {said}"


ROWS_HERE = (Row(6, "disk full: database, spool", disk_full),)
