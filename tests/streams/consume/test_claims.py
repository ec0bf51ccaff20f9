"""A claim is short and a restore is long: no worker waits for another that stalls while it loads."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Engine, text
from sqlmodel import Session

from responders.store import progress
from streams.process.clock import utc_now
from tests.streams.support.rig import TOPIC, Rig, Summing, chunk

PLACE = progress.Place("summing", TOPIC, 0)
TOTAL = "SELECT total FROM sums WHERE partition = 0"


@dataclass
class Loading(Summing):
    """Lets something happen in the middle of its first restore, then reads the sum again."""

    meanwhile: Callable[[Session], None] = lambda session: None
    read_again: list[int | None] = field(default_factory=list)

    def restore(self, session: Session, partition: int) -> None:
        super().restore(session, partition)
        if len(self.restored) == 1:
            self.meanwhile(session)
            self.read_again.append(session.execute(text(TOTAL)).scalar())


def claim_without_waiting(engine: Engine) -> None:
    """Claim the partition as another worker does; raises if its row is locked."""
    with Session(engine) as session, session.begin():
        session.execute(text("SET LOCAL lock_timeout = '2s'"))
        progress.claim(session, PLACE, first_offset=0, owner="other", now=utc_now())


def sum_of(rig: Rig) -> list[tuple[int]]:
    return [(total,) for (total,) in rig.rows(TOTAL)]


def test_a_worker_claims_while_another_loads_and_the_late_worker_claims_again(
    engine: Engine,
) -> None:
    rig = Rig(engine, Loading(meanwhile=lambda _: claim_without_waiting(engine)))
    rig.play(chunk([1, 2]))
    assert rig.handler.restored == [0, 0]
    assert rig.rows("SELECT epoch, owner FROM partition_progress") == [(3, "local")]
    assert rig.count("rapport_fenced_writes_total", consumer_group="summing") == 1
    assert sum_of(rig) == [(3,)]


def test_a_worker_whose_group_moved_on_while_it_loaded_leaves_the_partition_alone(engine: Engine) -> None:
    rig = Rig(engine)

    def lose(_: Session) -> None:
        claim_without_waiting(engine)
        rig.generation = 2

    rig.handler = Loading(meanwhile=lose)
    rig.play(chunk([1, 2]))
    assert (rig.handler.restored, rig.handler.sums, sum_of(rig)) == ([0], {}, [])
    assert rig.rows("SELECT epoch, owner, next_offset FROM partition_progress") == [(2, "other", 0)]


def test_the_loaded_state_is_of_one_moment_although_a_newer_owner_writes_meanwhile(engine: Engine) -> None:
    Rig(engine, Summing()).play(chunk([1, 2]))
    other = Rig(engine, Summing(), generation=2)
    loading = Loading(meanwhile=lambda _: other.play(chunk([3, 4], start=2, generation=2)))
    rig = Rig(engine, loading)
    rig.play(chunk([3, 4], start=2))
    assert loading.read_again == [3]
    assert sum_of(rig) == [(10,)]


def test_a_state_that_a_late_worker_sets_aside_stays_with_the_newer_owner(engine: Engine) -> None:
    Rig(engine, Summing()).play(chunk([1, 2]))
    rig = Rig(engine)

    def set_aside(session: Session) -> None:
        session.execute(text("DELETE FROM sums"))
        claim_without_waiting(engine)
        rig.generation = 2

    rig.handler = Loading(meanwhile=set_aside)
    rig.play(chunk([3], start=2))
    assert sum_of(rig) == [(3,)]


def test_a_state_that_the_owner_sets_aside_while_it_loads_is_set_aside(engine: Engine) -> None:
    Rig(engine, Summing()).play(chunk([1, 2]))

    def set_aside(session: Session) -> None:
        session.execute(text("UPDATE sums SET partition = 7"))

    rig = Rig(engine, Loading(meanwhile=set_aside))
    rig.play(chunk([1, 2]))
    assert rig.rows("SELECT partition, total FROM sums") == [(7, 3)]
