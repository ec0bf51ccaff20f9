"""The SQL half of the pipeline: claim partitions, write batches, bury culprits. Runs in the SQL thread."""

from collections.abc import Callable, Sequence
from typing import Generic

from sqlalchemy import Engine
from sqlmodel import Session

from responders.store import progress
from streams.consume.fates import FateWriter, Written, utc_now
from streams.consume.lanes import Lanes
from streams.consume.records import Handler, Item, Lane, LaneWork, Ran, Result, Slice


class Transactions(Generic[Item, Result]):
    """Each method is one transaction, committed or rolled back as a whole."""

    def __init__(
        self, engine: Engine, writer: FateWriter[Item, Result], lanes: Lanes[Item, Result], *, owner: str
    ) -> None:
        self._engine = engine
        self._writer = writer
        self._lanes = lanes
        self._owner = owner

    def claim(self, batch: Sequence[Slice], generation: int) -> None:
        """Raise the epoch of each partition that is new to us in this generation, and load its state."""
        wanted = self._lanes.missing(batch, generation)
        if not wanted:
            return
        with Session(self._engine) as session, session.begin():
            opened = [self._claim_one(session, item, generation) for item in wanted.items()]
        for lane in opened:
            self._lanes.open(lane)

    def _claim_one(self, session: Session, wanted: tuple[int, int], generation: int) -> Lane:
        partition, first_offset = wanted
        place = progress.Place(self.handler.group, self.handler.topic, partition)
        claimed = progress.claim(session, place, first_offset=first_offset, owner=self._owner, now=utc_now())
        self.handler.restore(session, partition)
        return Lane(partition, generation, claimed.epoch, claimed.next_offset)

    @property
    def handler(self) -> Handler[Item, Result]:
        """Return the handler whose partitions these are."""
        return self._writer.handler

    def write(self, works: Sequence[LaneWork[Item, Result]], ran: Ran[Result]) -> Written:
        """Commit a batch: every record of it has its fate afterwards. Raises Fenced."""
        with Session(self._engine) as session, session.begin():
            return self._writer.write(session, works, ran, now=utc_now())

    def bury(self, works: Sequence[LaneWork[Item, Result]]) -> Written:
        """Commit records that are all dead letters."""
        return self.write(works, Ran([[] for _ in works]))

    def idle(self, turn: Callable[[Session], None]) -> None:
        """Commit what a handler does of itself while no records come."""
        with Session(self._engine) as session, session.begin():
            turn(session)
