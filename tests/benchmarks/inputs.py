"""The real inputs as files that `rapport ingest` takes: customers' questions, students' daily clicks."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

QUESTIONS = ("train", "test")
BANK_ACCOUNTS = 500
START = datetime(2013, 10, 1, tzinfo=UTC)
USAGE_OPTIONS = (
    *("--column", "account_id=cohort+account_id", "--column", "occurred_at=day"),
    *("--column", "quantity=count", "--set", "kind=event", "--start", f"{START:%Y-%m-%d}"),
)
"""The accounts are `cohort/account_id`; all cohorts begin on the same day."""


class MissingDataError(Exception):
    """A file is missing in the data folder; the message is one sentence for a person."""


@dataclass(frozen=True)
class Inputs:
    """The files of a run, the number of their records, and their options of `rapport ingest`."""

    tickets_file: Path
    tickets: int
    usage_file: Path
    usage_events: int

    def commands(self) -> dict[str, list[str]]:
        """Return the arguments of `rapport` that play each file at full speed."""
        return {
            "tickets": ["ingest", "tickets", str(self.tickets_file)],
            "usage": ["ingest", "usage", str(self.usage_file), *USAGE_OPTIONS],
        }


def make_inputs(data: Path, folder: Path, *, tickets: int | None, usage: int | None) -> Inputs:
    """Write the files for `rapport ingest` into `folder`; None takes everything.

    Usage is cut by whole accounts, in the order of the file, until there are at least `usage` rows. The whole
    usage file is used where it is.
    """
    source = data / "oulad" / "usage.csv.gz"
    _refuse_missing([data / "banking77" / f"{part}.csv" for part in QUESTIONS] + [source])
    tickets_file = folder / "tickets.csv"
    usage_file = source if usage is None else folder / "usage.csv"
    made = _write_tickets(data / "banking77", tickets_file, limit=tickets)
    if usage is None:
        events = sum(1 for _ in _rows(source))
    else:
        events = _write_usage(source, usage_file, at_least=usage)
    return Inputs(tickets_file, made, usage_file, events)


def _refuse_missing(files: list[Path]) -> None:
    for file in files:
        if not file.is_file():
            raise MissingDataError(f"{file} is missing: name the folder of the benchmark's data with --data.")


def _write_tickets(source: Path, target: Path, *, limit: int | None) -> int:
    """Write one ticket per question, one ticket per minute; return their number."""
    questions = [
        (f"{part}-{number:05d}", row["text"])
        for part in QUESTIONS
        for number, row in enumerate(_rows(source / f"{part}.csv"), start=1)
    ]
    # The files are sorted by intent: every n-th question gives a small run the same variety.
    step = 1 if limit is None else max(1, len(questions) // limit)
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["event_id", "ticket_id", "account_id", "body", "occurred_at"])
        chosen = questions[::step][:limit]
        for number, (name, text) in enumerate(chosen):
            at = START + timedelta(minutes=number)
            account_id = f"bank-{number % BANK_ACCOUNTS:03d}"
            writer.writerow([f"banking77-{name}", f"banking77-{name}", account_id, text, at.isoformat()])
    return len(chosen)


def _write_usage(source: Path, target: Path, *, at_least: int) -> int:
    chosen = _accounts_with(source, at_least)
    written = 0
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["cohort", "account_id", "day", "event", "count"])
        writer.writeheader()
        for row in _rows(source):
            if (row["cohort"], row["account_id"]) in chosen:
                writer.writerow(row)
                written += 1
    return written


def _accounts_with(source: Path, at_least: int) -> set[tuple[str, str]]:
    counts: dict[tuple[str, str], int] = {}
    for row in _rows(source):
        key = (row["cohort"], row["account_id"])
        counts[key] = counts.get(key, 0) + 1
    chosen: set[tuple[str, str]] = set()
    total = 0
    for key, count in counts.items():
        if total >= at_least:
            break
        chosen.add(key)
        total += count
    return chosen


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as file:
        yield from csv.DictReader(file)
