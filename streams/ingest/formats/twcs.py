"""Customer support on Twitter, `twcs.csv`: one tweet per row, answers before or after their questions."""

from array import array
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from streams.ingest.documents import FileRow, RejectedRow

COLUMNS: Final = (
    *("tweet_id", "author_id", "inbound", "created_at", "text"),
    "in_response_to_tweet_id",
)
MAX_DEPTH: Final = 10_000
"""How many answers are followed up to the first tweet, at most; this also ends a circle."""

NO_TWEET: Final = -1
CONSUMER: Final = {"true": True, "1": True, "false": False, "0": False}


class Conversations:
    """The conversation and the account of each tweet; 25 bytes of memory per tweet.

    A conversation is the tweets of one customer and a company below one first tweet. Its account is the
    customer: the author of the tweet if it came in, otherwise of the nearest tweet above it that came in.
    """

    def __init__(self, rows: Iterable[FileRow | RejectedRow]) -> None:
        ids, above, authors, inbound = array("q"), array("q"), array("l"), array("b")
        self._names: dict[str, int] = {}
        for row in rows:
            ident = _tweet(row.cells.get("tweet_id")) if isinstance(row, FileRow) else NO_TWEET
            if ident != NO_TWEET:
                ids.append(ident)
                above.append(_tweet(row.cells.get("in_response_to_tweet_id")))
                authors.append(self._number(str(row.cells.get("author_id"))))
                inbound.append(_inbound(row.cells) is True)
        order = np.argsort(np.array(ids, dtype=np.int64), kind="stable")
        self._ids = np.array(ids, dtype=np.int64)[order]
        self._above = np.array(above, dtype=np.int64)[order]
        self._authors = np.array(authors, dtype=np.int64)[order]
        self._inbound = np.array(inbound, dtype=np.int8)[order]
        self._by_number = list(self._names)

    def add(self, _people: object) -> None:
        """Add nothing: the tweets contain everything."""

    def event(self, row: FileRow) -> FileRow | RejectedRow:
        """Return the ticket event of a tweet, or the rejected row with its reason."""
        ident, came_in = _tweet(row.cells.get("tweet_id")), _inbound(row.cells)
        if ident == NO_TWEET:
            return row.rejected("tweet_id: not a number")
        if came_in is None:
            return row.rejected("inbound: neither True nor False")
        first, account = self._conversation(ident)
        if account is None:
            return row.rejected("account_id: no tweet of a customer is above this one")
        kind = "customer_message" if came_in else "human_reply"
        told = {"event_id": f"twcs-{ident}", "ticket_id": f"twcs-{first}-{account}", "account_id": account}
        said = {"body": row.cells.get("text"), "occurred_at": row.cells.get("created_at")}
        return replace(row, cells={**row.cells, **told, **said, "kind": kind, "channel": "forum"})

    def _conversation(self, ident: int) -> tuple[int, str | None]:
        account: str | None = None
        for _ in range(MAX_DEPTH):
            place = self._place(ident)
            if place is None:
                break
            if account is None and self._inbound[place]:
                account = self._by_number[self._authors[place]]
            if self._place(int(self._above[place])) is None:
                break
            ident = int(self._above[place])
        return ident, account

    def _place(self, ident: int) -> int | None:
        place = int(np.searchsorted(self._ids, ident))
        return place if place < len(self._ids) and self._ids[place] == ident else None

    def _number(self, author: str) -> int:
        return self._names.setdefault(author, len(self._names))


def _tweet(said: Any) -> int:
    """Return the number of a tweet, written as `8` or, by spreadsheets, as `8.0`; -1 if there is none.

    >>> _tweet("8"), _tweet("8.0"), _tweet(""), _tweet("x")
    (8, 8, -1, -1)
    """
    text = str(said).strip().removesuffix(".0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else NO_TWEET


def _inbound(cells: dict[str, Any]) -> bool | None:
    return CONSUMER.get(str(cells.get("inbound")).strip().lower())
