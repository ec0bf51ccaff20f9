"""Write messages of the corpus as one table, in the columns that `rapport evaluate sentiment` reads."""

import csv
from collections.abc import Collection, Iterable, Iterator
from typing import Final, TextIO

from detectors.sentiment.corpus.messages import CorpusError, CorpusMessage

HEADER: Final = ("text", "label", "frustrated", "threat", "category", "industry", "register", "writer")


def of_writers(
    messages: Iterable[CorpusMessage], writers: Collection[str] | None = None
) -> list[CorpusMessage]:
    """Return the agreed messages of these writers (default: of all), in order.

    Raises CorpusError if a writer has no message.
    """
    found = [
        message
        for message in messages
        if message.is_agreed and (writers is None or message.writer in writers)
    ]
    unknown = sorted(set(writers or ()) - {message.writer for message in found})
    if unknown:
        raise CorpusError(f"no writer {', '.join(unknown)}")
    return found


def write_table(messages: Iterable[CorpusMessage], target: TextIO) -> None:
    """Write HEADER and one row per message, in order."""
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(_rows(messages))


def _rows(messages: Iterable[CorpusMessage]) -> Iterator[tuple[str, ...]]:
    for message in messages:
        label = message.label
        flags = (str(int(label.is_frustrated)), str(int(label.is_threat)))
        places = (message.category, message.industry, message.register, message.writer)
        yield message.text, label.mood, *flags, *places
