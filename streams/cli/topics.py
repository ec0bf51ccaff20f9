"""`rapport topics`: create, list and check the topics."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from streams.cli.composition.connections import open_broker, read_settings
from streams.cli.terminal import errors, fail
from streams.kafka.brokers import OffsetRange, create_topics, held_offsets, partition_counts, refusal
from streams.kafka.topics import TOPICS, TopicSpec

app = typer.Typer(help="Create, list and check the topics of the service.", no_args_is_help=True)


@app.command()
def create(
    partitions: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Default: RAPPORT_TOPIC_PARTITIONS.")
    ] = None,
    replication: Annotated[
        int | None, typer.Option(min=1, max=9, help="Default: RAPPORT_TOPIC_REPLICATION.")
    ] = None,
) -> None:
    """Create the missing topics; refuse existing topics with another number of partitions.

    Safe to repeat. The number of partitions cannot be changed later, because accounts would move to other
    partitions.

    Example: rapport topics create --partitions 12 --replication 3
    """
    settings = read_settings()
    wanted = partitions or settings.topic_partitions
    broker = open_broker(settings)
    made = create_topics(broker, partitions=wanted, replication=replication or settings.topic_replication)
    found = partition_counts(broker)
    for name in made:
        errors.print(f"created {name} with {wanted} partitions", highlight=False)
    _refuse(problems(found, partitions=wanted))
    errors.print(f"All {len(TOPICS)} topics are there.", highlight=False)


@app.command()
def check() -> None:
    """Say in one sentence what is wrong with the topics; exit code 1 if something is wrong.

    Example: rapport topics check && rapport worker sentiment
    """
    settings = read_settings()
    found = partition_counts(open_broker(settings))
    _refuse(problems(found, partitions=settings.topic_partitions))
    errors.print(f"All {len(TOPICS)} topics are there.", highlight=False)


@app.command("list")
def list_topics() -> None:
    """List the topics: their records, who reads them, partitions, number of records, retention.

    Example: rapport topics list
    """
    held = held_offsets(open_broker(read_settings()), [spec.name for spec in TOPICS])
    Console().print(topics_table(TOPICS, held))


def problems(found: Mapping[str, int], *, partitions: int, specs: Sequence[TopicSpec] = TOPICS) -> list[str]:
    """Return one sentence for each topic that is missing or has another number of partitions.

    >>> problems({"t": 4}, partitions=8, specs=[TopicSpec("t", "Ticket", (), 28)])
    ['Topic t has 4 partitions, but RAPPORT_TOPIC_PARTITIONS or --partitions says 8.']
    """
    source = "RAPPORT_TOPIC_PARTITIONS or --partitions"
    sentences = (
        refusal(spec.name, found.get(spec.name), wanted=partitions, said_by=source) for spec in specs
    )
    return [sentence for sentence in sentences if sentence is not None]


def _refuse(sentences: Sequence[str]) -> None:
    if len(sentences) > 1:
        fail(f"{sentences[0]} {len(sentences) - 1} more topics are wrong too.")
    if sentences:
        fail(sentences[0])


def topics_table(specs: Iterable[TopicSpec], held: Mapping[tuple[str, int], OffsetRange]) -> Table:
    """Return the topics as a table, one row each."""
    table = Table(title="Topics")
    for heading in ("topic", "records are", "read by"):
        table.add_column(heading)
    for heading in ("partitions", "records held", "kept"):
        table.add_column(heading, justify="right")
    for spec in specs:
        ranges = [offsets for (topic, _), offsets in held.items() if topic == spec.name]
        records = sum(offsets.end - offsets.begin for offsets in ranges)
        partitions = str(len(ranges)) if ranges else "missing"
        groups = ", ".join(spec.groups) or "-"
        table.add_row(
            spec.name, spec.record, groups, partitions, f"{records:,}", f"{spec.retention_days} days"
        )
    return table
