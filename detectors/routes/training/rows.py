"""The rows that the route head learns from: labelled tickets, ordinary questions, and messages of moods."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final, Literal

from detectors.routes.head import NO_ROUTE, OUTPUTS
from detectors.sentiment.corpus.messages import CorpusMessage, read_messages
from schemas.reading.courtesies import without_courtesies
from schemas.reading.headers import without_reply_marks
from schemas.reading.reader import read

FOLDER: Final = Path(__file__).parents[1] / "corpus"
"""Files `r*.jsonl` have tickets with their reason, `p*.jsonl` questions that articles answer."""

RowKind = Literal["ticket", "asked", "calm", "unhappy", "threat"]

_WEIGHTS: Final[dict[RowKind, float]] = {
    "ticket": 1.0,
    "asked": 0.5,
    "calm": 0.4,
    "unhappy": 0.15,
    "threat": 0.4,
}
"""What a row weighs. Messages of moods were labelled for another question: an unhappy one may dispute a bill.
Chosen by hand."""

_MOST: Final[dict[RowKind, int]] = {"calm": 2_000, "unhappy": 300, "threat": 300}
"""Messages of moods at most, drawn by the seed: more cost time and taught nothing. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A text and the number of its reason in OUTPUTS; `sentence` shows the reason, "" if none is marked."""

    row_id: str
    writer: str
    kind: RowKind
    text: str
    output: int
    sentence: str = ""

    @property
    def weight(self) -> float:
        """Return what the row weighs."""
        return _WEIGHTS[self.kind]


def read_rows(seed: int, folder: Path = FOLDER) -> list[RouteRow]:
    """Return all rows; the seed draws the messages of moods. Raises OSError, KeyError or ValueError."""
    tickets = [row for path in sorted(folder.glob("*.jsonl")) for row in _tickets(path)]
    moods = [row for row in map(_of_mood, read_messages()) if row is not None]
    Random(seed).shuffle(moods)
    drawn = [row for kind, most in _MOST.items() for row in [row for row in moods if row.kind == kind][:most]]
    return tickets + drawn


def _tickets(path: Path) -> Iterator[RouteRow]:
    kind: RowKind = "ticket" if path.name.startswith("r") else "asked"
    for line in path.read_text(encoding="utf-8").splitlines():
        told: dict[str, Any] = json.loads(line)
        text = learned_text(told["subject"], told["body"])
        sentence = " ".join(told.get("sentence", "").split())
        yield RouteRow(told["id"], path.stem, kind, text, OUTPUTS.index(told["route"]), sentence)


def learned_text(subject: str, body: str) -> str:
    """Return the subject without reply marks and the newest words, as the product reads them."""
    return f"{without_reply_marks(subject)}\n{without_courtesies(read(body).text)}".strip()


def _of_mood(message: CorpusMessage) -> RouteRow | None:
    """Return a message of the mood corpus as a row; None if its readers differ or it is glad."""
    if not message.is_agreed or message.label.mood == "positive":
        return None
    is_threat = message.label.is_threat and message.second.is_threat
    kind: RowKind = "threat" if is_threat else "calm" if message.label.mood == "neutral" else "unhappy"
    output = OUTPUTS.index("leaving" if is_threat else NO_ROUTE)
    return RouteRow(message.message_id, message.writer, kind, message.text, output)


def folds_of(rows: list[RouteRow]) -> list[frozenset[str]]:
    """Return the writers that each fold leaves out: one writer of tickets, and a share of the others."""
    tickets = sorted({row.writer for row in rows if row.kind == "ticket"})
    asked = sorted({row.writer for row in rows if row.kind == "asked"})
    moods = sorted({row.writer for row in rows} - {*tickets, *asked})
    count = len(tickets)
    return [
        frozenset((writer, *asked[number::count], *moods[number::count]))
        for number, writer in enumerate(tickets)
    ]
