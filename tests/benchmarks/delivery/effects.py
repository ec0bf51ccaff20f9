"""The SQL effect of the second job: a score row, a booking, and a log line for each application.

The log has no unique key and the balance adds up, so an effect that is applied twice is visible. Two idioms:

plain    the score row is an upsert on the event id (nothing happens on conflict); log and balance count every
         delivery, so at-least-once shows as doubled bookings.
guarded  log and balance count only the rows that the same statement inserted: our built-in dedupe, written by
         hand.
"""

from collections.abc import Sequence
from typing import Any, Final, LiteralString

from tests.benchmarks.delivery.job import Idiom, SupportEvent

TABLES: Final[LiteralString] = """
CREATE TABLE scored (event_id text PRIMARY KEY, account_id text NOT NULL, amount bigint NOT NULL,
    score double precision NOT NULL);
CREATE TABLE effects_log (event_id text NOT NULL, account_id text NOT NULL, at timestamptz NOT NULL);
CREATE TABLE balances (account_id text PRIMARY KEY, total bigint NOT NULL);
"""

EMPTY: Final[LiteralString] = "TRUNCATE scored, effects_log, balances"

_BATCH: Final[LiteralString] = """
WITH batch AS (SELECT * FROM unnest(%(ids)s::text[], %(accounts)s::text[], %(amounts)s::bigint[],
    %(scores)s::double precision[]) AS b (event_id, account_id, amount, score)),
fresh AS (INSERT INTO scored SELECT DISTINCT ON (event_id) * FROM batch
    ON CONFLICT (event_id) DO NOTHING RETURNING *),
"""

_PLAIN: Final[LiteralString] = (
    _BATCH
    + """
logged AS (INSERT INTO effects_log SELECT event_id, account_id, now() FROM batch)
INSERT INTO balances SELECT account_id, sum(amount) FROM batch GROUP BY account_id
ON CONFLICT (account_id) DO UPDATE SET total = balances.total + excluded.total
"""
)

_GUARDED: Final[LiteralString] = (
    _BATCH
    + """
logged AS (INSERT INTO effects_log SELECT event_id, account_id, now() FROM fresh)
INSERT INTO balances SELECT account_id, sum(amount) FROM fresh GROUP BY account_id
ON CONFLICT (account_id) DO UPDATE SET total = balances.total + excluded.total
"""
)

STATEMENTS: Final[dict[Idiom, LiteralString]] = {"plain": _PLAIN, "guarded": _GUARDED}


def parameters(events: Sequence[SupportEvent], scores: Sequence[float]) -> dict[str, list[Any]]:
    """Return the parameters of a statement for a batch."""
    return {
        "ids": [event.event_id for event in events],
        "accounts": [event.account_id for event in events],
        "amounts": [event.amount for event in events],
        "scores": list(scores),
    }


def plain_url(url: str) -> str:
    """Return the address in the form that psycopg expects.

    >>> plain_url("postgresql+psycopg://u@/db?host=/tmp")
    'postgresql://u@/db?host=/tmp'
    """
    return url.replace("+psycopg", "", 1)
