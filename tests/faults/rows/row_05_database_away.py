"""Row 5: the database is gone for 60 s under load; records wait on Kafka, and the desk says so."""

import time
from random import Random

import httpx

from streams.kafka.topics import TICKETS, USAGE_EVENTS
from streams.process.ports import free_port
from tests.faults.lab import Lab, Sender, Worker
from tests.faults.outage import (
    Watch,
    end_all,
    most_attempts,
    stay_unready,
    wait_every_partition,
    wait_unready,
    warm_up,
)
from tests.faults.rows import Plan, Row, Tally
from tests.responders.support.desk_samples import draft_of, draft_row, event_row, put

BACK_SECONDS = 30.0
IN_HAND_SECONDS = 3.0
LOOPS = 3
"""Loops of a worker that retry: the write of one batch, the claims of the next, the reading of the clock."""

KINDS = ("sentiment", "usage")
TYPED = "My own words"

LINK_SECRET = "the-secret-of-the-start-link"


def database_away(plan: Plan, tally: Tally) -> None:
    with Lab(seed=plan.seed) as lab:
        database_away_in(lab, plan, tally)


def database_away_in(lab: Lab, plan: Plan, tally: Tally) -> None:
    """Run the row in a lab that other rows may have used."""
    chance, port = Random(plan.seed), free_port()
    workers = [lab.start_worker(kind) for kind in KINDS]
    relay, desk = lab.start_relay(), lab.start_worker("desk", desk_port=port, desk_token=LINK_SECRET)
    lab.wait_ready(*workers, relay, desk)
    warm_up(lab)
    with Watch([*workers, relay, desk]) as watch:
        senders = _load(lab, plan)
        for number in range(plan.repeats_or(2, 1)):
            time.sleep(chance.uniform(1.0, 3.0))
            client = _DeskClient(lab, port, f"asked-{number}")
            _outage(lab, workers, relay, client=client, seconds=plan.pick(60, 12), tally=tally)
            client.decide_when_back()
            tally.repeats += 1
        for sender in senders:
            sender.stop()
        for kind in KINDS:
            lab.wait_drained(kind)
        lab.wait_published()
    tally.notes.append(watch.demand())
    tally.take(lab.check(*KINDS))
    end_all([*workers, relay])


def _load(lab: Lab, plan: Plan) -> list[Sender]:
    usage = lab.paced(USAGE_EVENTS, lab.inputs.endless_usage(), rate=plan.pick(2_000, 500))
    return [usage, lab.paced(TICKETS, lab.inputs.endless_tickets(), rate=plan.pick(200, 50))]


def _outage(
    lab: Lab, workers: list[Worker], relay: Worker, *, client: "_DeskClient", seconds: float, tally: Tally
) -> None:
    every = [*workers, relay]
    before, letters = [_retries(worker) for worker in every], _letters(lab)
    lab.postgres.kill()
    gone = time.monotonic()
    told = wait_unready(lab, [*every, client.desk], "database")
    client.demand_it_says_so()
    time.sleep(max(0.0, IN_HAND_SECONDS - (time.monotonic() - gone)))
    handled = [_handled(worker) for worker in workers]
    stay_unready([*every, client.desk], until=gone + seconds)
    assert handled == [_handled(worker) for worker in workers], "records got a fate without the database"
    lab.postgres.start()
    returned, mark = time.monotonic(), lab.audit.mark()
    retries = [round(_retries(worker) - at) for worker, at in zip(every, before, strict=True)]
    wait_every_partition(lab, KINDS, mark, BACK_SECONDS)
    lab.wait_ready(*every, client.desk, seconds=max(1.0, BACK_SECONDS - (time.monotonic() - returned)))
    tally.recovered.append(time.monotonic() - returned)
    most = most_attempts(returned - gone, loops=LOOPS)
    assert all(2 <= number <= most for number in retries), f"retries {retries}, not 2 to {most}"
    assert _letters(lab) == letters, "good records became dead letters"
    tally.notes.append(f"unready after {told:.1f} s, retries {retries} of {most} at most")


def _retries(worker: Worker) -> float:
    return worker.metric("rapport_retries_total", dependency="database")


def _handled(worker: Worker) -> float:
    return worker.metric("rapport_records_total")


def _letters(lab: Lab) -> int:
    return lab.number("SELECT count(*) FROM dead_letters")


class _DeskClient:
    """A person at the desk with an open draft, who continues to type while the database is away."""

    def __init__(self, lab: Lab, port: int, ticket_id: str) -> None:
        self._lab = lab
        self._draft_id = f"draft-{ticket_id}"
        self.desk = next(worker for worker in reversed(lab.workers) if worker.name.startswith("desk"))
        put(lab.engine, event_row(ticket_id), draft_row(draft_of(ticket_id)))
        self._client = httpx.Client(
            base_url=f"http://localhost:{port}",
            headers={"Authorization": f"Bearer {LINK_SECRET}"},
            timeout=30,
        )
        assert self._client.get(f"/tickets/{ticket_id}").status_code == 200

    def demand_it_says_so(self) -> None:
        """Demand a page that names the outage, and a refused decision that returns the person's words."""
        page = self._client.get("/tickets")
        assert (page.status_code, "retry-after" in page.headers) == (503, True), page.status_code
        assert "The database does not answer" in page.text
        answer = self._decide()
        assert answer.status_code == 503, f"a decision got {answer.status_code} without the database"
        assert "could not be recorded" in answer.text, "the refusal does not say that nothing was recorded"
        assert TYPED in answer.text, "the refused decision lost the person's words"

    def decide_when_back(self) -> None:
        """Demand that the same decision is recorded now, once."""
        assert self._decide().status_code == 303
        query = "SELECT count(*) FROM decisions WHERE draft_id = :draft"
        assert self._lab.number(query, draft=self._draft_id) == 1
        self._client.close()

    def _decide(self) -> httpx.Response:
        form = {"token": self._client.cookies["rapport_desk"], "action": "send", "text": TYPED}
        return self._client.post(f"/drafts/{self._draft_id}/decision", data=form)


ROWS_HERE = (Row(5, "database gone 60 s under load", database_away),)
