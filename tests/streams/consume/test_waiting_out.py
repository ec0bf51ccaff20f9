"""The pipeline waits for a database that is away: no dead letter, and nothing is done twice."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from streams.consume import Pipeline
from streams.process.errors import Fatal
from streams.process.metrics import Metrics
from tests.embedded_fixtures import connect
from tests.streams.support.cluster import wait_until
from tests.streams.support.rig import GROUP, Doubling, Rig, Summing, chunk


def close_doors(server: "psycopg.Connection[Any]", database: str, *, opened: bool) -> None:
    allow = f'ALTER DATABASE "{database}" WITH ALLOW_CONNECTIONS {str(opened).lower()}'
    server.execute(allow.encode())
    if not opened:
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        server.execute(query, [database])


def test_a_database_that_is_away_for_a_while_costs_nothing_but_time(
    engine: Engine, postgres_url: str
) -> None:
    rig = Rig(engine)
    chunks = [chunk([20, 21]), chunk([22, 23], start=2)]
    database = str(engine.url.database)

    def come_back() -> None:
        wait_until(lambda: rig.count("rapport_retries_total", **labels) >= 2)
        assert rig.pipeline is not None
        assert rig.pipeline.waiting_for == "database"
        close_doors(server, database, opened=True)

    labels = {"consumer_group": GROUP, "dependency": "database"}
    with connect(postgres_url) as server:
        close_doors(server, database, opened=False)
        rig.play(*chunks, meanwhile=come_back)
    assert rig.doubled() == [20, 21, 22, 23]
    assert rig.letters() == []
    assert rig.pipeline is not None
    assert rig.pipeline.waiting_for is None


def test_a_connection_that_dies_in_the_middle_of_a_write_is_written_again_once(engine: Engine) -> None:
    deaths = iter(range(3))

    def die(session: Session, _numbers: list[int]) -> None:
        if next(deaths, None) is not None:
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    rig = Rig(engine, Summing(before_write=die))
    rig.play(chunk([1, 2, 3]), chunk([4], start=3))
    assert rig.rows("SELECT total FROM sums") == [(10,)]
    assert rig.letters() == []
    labels = {"consumer_group": "summing", "dependency": "database"}
    assert rig.count("rapport_retries_total", **labels) == 3


@dataclass
class Idling(Doubling):
    turns: list[float] = field(default_factory=list)

    def idle(self, session: Session) -> None:
        self.turns.append(time.monotonic())
        session.execute(text("INSERT INTO doubled VALUES (-1, -1)"))


def test_a_handler_gets_idle_turns_while_no_record_comes(engine: Engine) -> None:
    rig = Rig(engine, Idling())
    rig.play(chunk([20]), meanwhile=lambda: wait_until(lambda: bool(rig.handler.turns)))
    wait_until(lambda: -1 in rig.doubled())


def test_a_handler_that_owns_nothing_gets_no_idle_turn(engine: Engine) -> None:
    rig = Rig(engine, Idling())
    rig.play(meanwhile=lambda: time.sleep(1.3))
    assert rig.handler.turns == []


class Corrupt(Doubling):
    def restore(self, session: Session, partition: int) -> None:
        raise ValueError("the stored state is not what we wrote")


class Lost(Doubling):
    def compute(self, work: Any) -> Any:
        raise Fatal("the device is lost")


class Uncountable(Doubling):
    def committed(self, effects: Any, extra: Any) -> None:
        raise RuntimeError("after the commit")


@pytest.mark.parametrize(
    ("handler", "error"), [(Corrupt(), ValueError), (Lost(), Fatal), (Uncountable(), Fatal)]
)
def test_an_error_beyond_retry_and_dead_letters_leaves_serve_unacknowledged(
    engine: Engine, handler: Doubling, error: type[Exception]
) -> None:
    sent = chunk([20, 21])
    with pytest.raises(error):
        Rig(engine, handler).play(sent)
    assert sent.acks == 0


def test_a_full_intake_makes_the_reader_wait(engine: Engine) -> None:
    async def fill() -> int:
        pipeline = Pipeline(Doubling(), engine, metrics=Metrics())
        for number in range(1_000):
            try:
                await asyncio.wait_for(pipeline.offer(chunk([number], start=number)), 0.2)
            except TimeoutError:
                return number
        return 1_000

    assert 0 < asyncio.run(fill()) < 100
