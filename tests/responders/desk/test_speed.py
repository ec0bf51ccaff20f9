"""The speed of the queue page with many tickets: `pytest tests/responders/desk/test_speed.py -rP`."""

import asyncio
import sys
import time

import httpx
from sqlalchemy import Engine, text

from responders.desk import create_desk
from tests.responders.support.desk_samples import (
    NOW,
    account_row,
    angry,
    draft_of,
    draft_row,
    event_row,
    mood_row,
    put,
)

TICKETS = 5_000
# The objective is 0.3 s; a shared machine gets twice that before the test fails.
# Measured by the command above: p50 47 ms, p95 73 ms on 2 busy cores.
P95_SECONDS = 0.6


def test_the_queue_page_with_five_thousand_tickets_answers_quickly(engine: Engine) -> None:
    names = [f"t{n:05}" for n in range(TICKETS)]
    put(engine, *(account_row(f"account-{n}", f"Account {n}") for n in range(200)))
    put(engine, *(event_row(t, minutes_ago=n, account_id=f"account-{n % 200}") for n, t in enumerate(names)))
    put(engine, *(angry(t) if n % 9 == 0 else mood_row(t) for n, t in enumerate(names)))
    put(engine, *(draft_row(draft_of(t)) for n, t in enumerate(names) if n % 10))
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    seconds = sorted(asyncio.run(_timed(engine, 60)))
    p50, p95 = seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.95)]
    sys.stdout.write(f"queue page, {TICKETS} tickets: p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms\n")
    assert p95 < P95_SECONDS


async def _timed(engine: Engine, count: int) -> list[float]:
    app = create_desk(engine, now=lambda: NOW)
    spent = []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        for _ in range(count):
            started = time.perf_counter()
            answer = await client.get("/tickets")
            spent.append(time.perf_counter() - started)
            assert answer.text.count("data-item") == 100
    return spent
