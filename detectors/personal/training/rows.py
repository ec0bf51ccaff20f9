"""The rows that the personal head learns from: messages whose personal values are marked."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from detectors.personal.decoding import ValueSpan
from detectors.personal.head import OUTPUTS
from detectors.sentiment.arrays import Int64
from schemas.reading.units import UnitSpan

FOLDER: Final = Path(__file__).parents[1] / "corpus"

TUNED: Final = frozenset({"n4", "safety"})
"""The files that judge nothing: the rules were tuned on `safety`, and `n4` was written against errors of the
model that had been seen. What the model adds on them wrongly counts when limits are chosen."""

_OUTPUT_OF: Final = {
    "name": "name",
    "address": "address",
    "secret": "secret",
    "url_with_token": "secret",
    "phone": "phone",
    "national_id": "number",
    "account_number": "number",
    "iban": "number",
    "card": "number",
    "birthdate": "birthdate",
    "email": "format",
    "ip": "format",
}
"""The output for each kind of the corpus."""


@dataclass(frozen=True, slots=True)
class PersonalRow:
    """A text and its values, whose kinds are those of the corpus."""

    row_id: str
    writer: str
    text: str
    spans: tuple[ValueSpan, ...] = ()

    @property
    def is_tuned(self) -> bool:
        """Tell whether the row judges nothing."""
        return self.writer in TUNED


def read_rows(folder: Path = FOLDER) -> list[PersonalRow]:
    """Return all rows of a folder, file by file. Raises OSError, KeyError or ValueError."""
    return [row for path in sorted(folder.glob("*.jsonl")) for row in _rows_of(path)]


def _rows_of(path: Path) -> Iterator[PersonalRow]:
    for line in path.read_text(encoding="utf-8").splitlines():
        told: dict[str, Any] = json.loads(line)
        spans = tuple(ValueSpan(span["start"], span["end"], span["kind"]) for span in told["spans"])
        if any(span.kind not in _OUTPUT_OF for span in spans):
            raise ValueError(f"{path.name} has a span of an unknown kind in {told['id']}")
        yield PersonalRow(told["id"], path.stem, told["text"], spans)


def outputs_of(row: PersonalRow, units: Sequence[UnitSpan]) -> Int64:
    """Return the right output of each unit, (units,): numbers of OUTPUTS.

    >>> row = PersonalRow("1", "w", "hi Ada", (ValueSpan(3, 6, "name"),))
    >>> outputs_of(row, [(0, 2), (3, 6)]).tolist()
    [0, 1]
    """
    right = np.zeros(len(units), dtype=np.int64)
    for span in row.spans:
        for number, (start, end) in enumerate(units):
            if start < span.end and span.start < end:
                right[number] = OUTPUTS.index(_OUTPUT_OF[span.kind])
    return right
