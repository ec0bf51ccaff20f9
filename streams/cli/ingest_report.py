"""The messages of `rapport ingest`: wrong rows, remarks on the whole file, and how the rows add up."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO

import typer

from streams.cli.terminal import errors
from streams.ingest import Delivery, IngestError, RejectedRow, RowCount, line_ranges
from streams.ingest.words import allowed_channels

SHOWN_WRONG_ROWS: Final = 20
"""Number of wrong rows that are printed; `--rejects` keeps all of them."""

SHOWN_CHARACTERS: Final = 500
"""Length to which the list of unacknowledged lines is cut."""

SHOWN_WORDS: Final = 10
"""Number of unknown channel names that are printed, the most frequent first."""

SHOWN_WORD_CHARACTERS: Final = 40
NOT_ALL_SENT: Final = 1
"""Exit code if some rows were not acknowledged."""

SOME_WRONG: Final = 3
"""Exit code if all rows were acknowledged except refused ones."""


class Report:
    """Shows the first wrong rows, and writes all of them to the file of `--rejects`. A context manager.

    Its methods raise IngestError if that file cannot be written.
    """

    def __init__(self, rejects: Path | None, file: Path) -> None:
        self._path = rejects
        self._shown = 0
        self._target: TextIO | None = None
        if rejects is not None and rejects.exists() and file.exists() and rejects.samefile(file):
            raise IngestError(f"--rejects {rejects} is the file that is read.")

    def __enter__(self) -> "Report":
        if self._path is not None:
            with self._named_errors():
                self._target = self._path.open("w", encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        # The file is still open only if the run failed for another reason, which is told already.
        with suppress(IngestError):
            self.close()

    def add(self, wrong: RejectedRow) -> None:
        """Print or count one wrong row, and write it to the file of `--rejects`."""
        self._shown += 1
        if self._shown <= SHOWN_WRONG_ROWS:
            _say(f"{wrong.unit} {wrong.line}: {wrong.reason}")
        if self._shown == SHOWN_WRONG_ROWS + 1:
            _say("more wrong rows follow; --rejects FILE keeps all")
        if self._target is not None:
            row = {wrong.unit: wrong.line, "reason": wrong.reason, "row": wrong.cells}
            with self._named_errors():
                self._target.write(json.dumps(row, default=str) + "\n")

    def close(self) -> None:
        """Flush and close the file of `--rejects`. Call this before anything is sent."""
        target, self._target = self._target, None
        if target is not None:
            with self._named_errors():
                target.close()

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            raise IngestError(
                f"--rejects {self._path} cannot be written: {reason}. Nothing was sent."
            ) from error


def _say(text: str) -> None:
    errors.print(text, style="yellow", markup=False, highlight=False, soft_wrap=True)


def tell(count: RowCount) -> None:
    """Say once for the whole file which words name no channel, and what was left out."""
    if count.unknown_channels:
        words = [word[:SHOWN_WORD_CHARACTERS] for word, _ in count.unknown_channels.most_common(SHOWN_WORDS)]
        _say(
            f"Words that name no channel: {', '.join(words)}. Channels are {allowed_channels()}; "
            f"write --map 'channel:{words[0]}=chat' for each."
        )
    if count.tickets is not None:
        left = [f"{number:,} {reason}" for reason, number in count.left_out.most_common()]
        _say(f"{count.tickets:,} tickets hold {_rows(count.rows)}; left out: {', '.join(left) or 'nothing'}.")


def say_count(count: RowCount, delivery: Delivery | None = None) -> None:
    """Say how the rows of a file add up: rows read = sent + refused + not acknowledged."""
    sent = delivery.acknowledged if delivery is not None else None
    unsent = len(delivery.unsent_lines) if delivery is not None else 0
    good = f"{count.rows - count.refused:,} good, nothing was sent" if sent is None else f"{sent:,} sent"
    missing = f", {unsent:,} not acknowledged" if unsent else ""
    errors.print(f"{_rows(count.rows)} read: {good}, {count.refused:,} refused{missing}.", highlight=False)


def _rows(count: int) -> str:
    """Return a number of rows with its noun.

    >>> _rows(1), _rows(1_200)
    ('1 row', '1,200 rows')
    """
    return f"{count:,} row{'' if count == 1 else 's'}"


def conclude(delivery: Delivery, count: RowCount) -> None:
    """Say which rows were sent, refused or not acknowledged; raise typer.Exit unless all were sent."""
    for refused in delivery.refused:
        _say(f"{count.unit} {refused.line}: {refused.reason}")
    count.refused += len(delivery.refused)
    rate = delivery.acknowledged / max(delivery.seconds, 1e-9)
    say_count(count, delivery)
    errors.print(
        f"{delivery.acknowledged:,} records acknowledged in {delivery.seconds:.1f} s ({rate:,.0f}/s).",
        highlight=False,
    )
    if delivery.unsent_lines:
        _say(_unsent(delivery, count.unit))
        raise typer.Exit(NOT_ALL_SENT)
    if count.refused:
        raise typer.Exit(SOME_WRONG)


def _unsent(delivery: Delivery, unit: str) -> str:
    lines = line_ranges(delivery.unsent_lines)
    if len(lines) > SHOWN_CHARACTERS:
        lines = lines[:SHOWN_CHARACTERS].rpartition(",")[0] + ", …"
    return (
        f"{len(delivery.unsent_lines):,} rows were not acknowledged ({delivery.stopped_by}), {unit}s {lines}."
        " Run the command again when the broker answers; nothing is doubled."
    )
