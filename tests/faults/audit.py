"""The database's own record of every change of `partition_progress`: who moved a partition, and when.

A trigger in a schema of the lab notes each claim and each step with the name of its connection. A write by a
worker that no longer owns a partition is visible there, independent of the workers.
"""

from dataclasses import dataclass

from sqlalchemy import Engine, text

_SCHEMA = """
CREATE SCHEMA lab;
CREATE TABLE lab.steps (
    step_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    consumer_group text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    epoch bigint NOT NULL,
    is_claim boolean NOT NULL,
    records bigint NOT NULL,
    writer text NOT NULL
);
CREATE FUNCTION lab.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO lab.steps (at, consumer_group, topic, partition, epoch, is_claim, records, writer)
    VALUES (clock_timestamp(), NEW.consumer_group, NEW.topic, NEW.partition, NEW.epoch,
            TG_OP = 'INSERT' OR NEW.epoch <> OLD.epoch,
            CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE NEW.next_offset - OLD.next_offset END,
            current_setting('application_name'));
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON partition_progress FOR EACH ROW EXECUTE FUNCTION lab.note();
"""

_ZOMBIES = """
SELECT step.consumer_group, step.partition, step.writer, owner.writer, step.at::text
FROM lab.steps step, LATERAL (
    SELECT claim.writer FROM lab.steps claim
    WHERE claim.is_claim AND claim.consumer_group = step.consumer_group AND claim.topic = step.topic
      AND claim.partition = step.partition AND claim.step_id < step.step_id
    ORDER BY claim.step_id DESC LIMIT 1
) owner
WHERE NOT step.is_claim AND step.records <> 0 AND step.writer <> owner.writer AND step.step_id > :after
ORDER BY step.step_id
"""


@dataclass(frozen=True)
class Zombie:
    """A write by a worker that was not the last to claim the partition."""

    group: str
    partition: int
    writer: str
    owner: str
    at: str


class Audit:
    """The noted steps; `mark` returns a point to count from."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def install(self) -> None:
        """Create the trigger; the tables of the service must exist."""
        with self._engine.begin() as connection:
            connection.execute(text(_SCHEMA))

    def mark(self) -> int:
        """Return the number of the newest step, 0 if there is none."""
        with self._engine.connect() as connection:
            return int(
                connection.execute(text("SELECT coalesce(max(step_id), 0) FROM lab.steps")).scalar_one()
            )

    def moved(self, group: str, *, after: int) -> set[int]:
        """Return the partitions that made progress since a mark."""
        query = (
            "SELECT DISTINCT partition FROM lab.steps WHERE consumer_group = :group AND records > 0"
            " AND step_id > :after"
        )
        with self._engine.connect() as connection:
            return {int(row[0]) for row in connection.execute(text(query), {"group": group, "after": after})}

    def longest_pauses(self, group: str, *, after: int) -> dict[int, float]:
        """Return the longest seconds between two steps forward of each partition since a mark."""
        query = (
            "SELECT partition, coalesce(max(extract(epoch FROM at - before)), 0) FROM ("
            " SELECT partition, at, lag(at) OVER (PARTITION BY partition ORDER BY step_id) AS before"
            " FROM lab.steps WHERE consumer_group = :group AND records > 0 AND step_id > :after"
            ") steps GROUP BY partition"
        )
        with self._engine.connect() as connection:
            found = connection.execute(text(query), {"group": group, "after": after})
            return {int(partition): float(seconds) for partition, seconds in found}

    def zombies(self, *, after: int = 0) -> list[Zombie]:
        """Return the writes of workers to partitions that another worker had already claimed."""
        with self._engine.connect() as connection:
            return [Zombie(*row) for row in connection.execute(text(_ZOMBIES), {"after": after})]
