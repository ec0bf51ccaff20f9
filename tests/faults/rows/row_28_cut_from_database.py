"""Row 28: one of two workers is cut off the database, or its connections become half open and silent."""

import time
from collections.abc import Callable
from random import Random

from sqlalchemy import text

from streams.kafka.topics import USAGE_EVENTS
from tests.faults.lab import Lab, Proxy, Worker, proxied_database_url
from tests.faults.outage import UNREADY_SECONDS, end_all, wait_every_partition
from tests.faults.rows import Plan, Row, Tally

STATEMENT_SECONDS = 10.0
SLACK_SECONDS = 1.0
HALF_OPEN_NOTICED_SECONDS = 30.0
"""A connection is given up after a silence of 12 s, and so is the next connection."""

BACK_SECONDS = 30.0
STEP = "SELECT 1 FROM partition_progress WHERE consumer_group = 'usage' FOR UPDATE"
RUNNING = (
    "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - query_start)), 0) * 1000"
    " FROM pg_stat_activity WHERE state = 'active' AND application_name = :name"
)


def cut_from_database(plan: Plan, tally: Tally) -> None:
    with Lab(seed=plan.seed) as lab:
        cut_from_database_in(lab, plan, tally)


def cut_from_database_in(lab: Lab, plan: Plan, tally: Tally) -> None:
    """Run the row in a lab that other rows may have used."""
    chance, proxy = Random(plan.seed), lab.database_proxy()
    cut_one = lab.start_worker("usage", database_url=proxied_database_url(proxy))
    other = lab.start_worker("usage")
    lab.wait_ready(cut_one, other)
    sender = lab.paced(USAGE_EVENTS, lab.inputs.endless_usage(), rate=plan.pick(2_000, 500))
    pair = _Pair(lab, proxy, cut_one, other)
    lab.wait_for(pair.both_work, 60, "both workers to have partitions")
    for _ in range(plan.repeats_or(2, 1)):
        for fault in pair.faults(plan):
            time.sleep(chance.uniform(0.5, 2.0))
            name, seconds = fault()
            tally.recovered.append(seconds)
            tally.notes.append(f"{name}: back {seconds:.1f} s")
            tally.repeats += 1
    sender.stop()
    lab.wait_drained("usage")
    tally.take(lab.check("usage"))
    end_all([cut_one, other])


class _Pair:
    """The worker with the proxy and the other worker; a fault returns its name and the seconds to recover."""

    def __init__(self, lab: Lab, proxy: Proxy, cut_one: Worker, other: Worker) -> None:
        self._lab, self._proxy = lab, proxy
        self._cut_one, self._other = cut_one, other

    def faults(self, plan: Plan) -> list[Callable[[], tuple[str, float]]]:
        """Return the faults in the order of the row."""
        cut, silent = float(plan.pick(60, 6)), float(plan.pick(60, 20))
        return [lambda: self._cut(cut), self._reset, lambda: self._half_open(silent), self._locked]

    def both_work(self) -> bool:
        """Tell whether each worker owns partitions, and both together own all partitions."""
        mine, others = self._owned(self._cut_one), self._owned(self._other)
        return bool(mine) and bool(others) and len(mine) + len(others) == self._lab.partitions

    def _owned(self, worker: Worker) -> set[int]:
        """Return the partitions whose last claim was this worker's."""
        query = (
            "SELECT partition FROM (SELECT DISTINCT ON (partition) partition, writer FROM lab.steps"
            " WHERE is_claim AND consumer_group = 'usage' ORDER BY partition, step_id DESC) claims"
            " WHERE writer = :name"
        )
        return {int(row[0]) for row in self._lab.rows(query, name=worker.name)}

    def _cut(self, seconds: float) -> tuple[str, float]:
        self._proxy.cut()
        self._stand(seconds, noticed=UNREADY_SECONDS)
        self._proxy.heal()
        return f"cut {seconds:.0f} s", self._back()

    def _half_open(self, seconds: float) -> tuple[str, float]:
        self._proxy.half_open()
        self._stand(seconds, noticed=HALF_OPEN_NOTICED_SECONDS)
        self._proxy.heal()
        return f"half open {seconds:.0f} s", self._back()

    def _reset(self) -> tuple[str, float]:
        self._proxy.reset()
        return "reset", self._back()

    def _locked(self) -> tuple[str, float]:
        """Lock the rows that both must update for longer than a statement may take; they must retry."""
        longest = 0.0
        with self._lab.engine.connect() as holder, holder.begin():
            holder.execute(text(STEP))
            until = time.monotonic() + STATEMENT_SECONDS + 3 * SLACK_SECONDS
            while time.monotonic() < until:
                pair = (self._cut_one, self._other)
                longest = max(longest, *(self._running_seconds(worker) for worker in pair))
                time.sleep(0.2)
        limit = STATEMENT_SECONDS + SLACK_SECONDS
        assert STATEMENT_SECONDS - SLACK_SECONDS < longest <= limit, f"a statement ran {longest:.1f} s"
        return f"rows locked, statements up to {longest:.1f} s", self._back()

    def _running_seconds(self, worker: Worker) -> float:
        return self._lab.number(RUNNING, name=worker.name) / 1_000

    def _stand(self, seconds: float, *, noticed: float) -> None:
        """Demand during the fault that the cut worker reports the outage and that the other goes on."""
        began, mark, others = time.monotonic(), self._lab.audit.mark(), self._owned(self._other)
        self._lab.wait_until(self._says_so, noticed, "the cut worker to report that the database is away")
        while time.monotonic() - began < seconds:
            assert not self._cut_one.ready().ready, "the cut worker is ready"
            assert self._cut_one.health().alive
            assert self._other.ready().ready, f"the other worker: {self._other.ready().reason}"
            time.sleep(0.5)
        moved = self._lab.audit.moved("usage", after=mark)
        assert moved >= others, f"of the other worker's {others} only {moved} made progress"

    def _says_so(self) -> bool:
        answer = self._cut_one.ready()
        return not answer.ready and "database" in answer.reason

    def _back(self) -> float:
        began, mark = time.monotonic(), self._lab.audit.mark()
        wait_every_partition(self._lab, ["usage"], mark, BACK_SECONDS)
        self._lab.wait_ready(self._cut_one, self._other, seconds=BACK_SECONDS)
        return time.monotonic() - began


ROWS_HERE = (Row(28, "one worker cut off the database, half open", cut_from_database),)
