"""`rapport topics`: make, list and check the topics."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from streams.cli.composition.connections import open_broker, read_settings
from streams.cli.terminal import errors, fail
from streams.kafka.brokers import Held, create_topics, held_offsets, partition_counts, refusal
from streams.kafka.topics import TOPICS, TopicSpec

app = typer.Typer(help="Make, list and check the topics of the service.", no_args_is_help=True)


@app.command()
def create(
    partitions: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Default: RAPPORT_TOPIC_PARTITIONS.")
    ] = None,
    replication: Annotated[
        int | None, typer.Option(min=1, max=9, help="Default: RAPPORT_TOPIC_REPLICATION.")
    ] = None,
) -> None:
    """Create the topics that are missing; refuse existing ones with another number of partitions.

    Safe to repeat. Partitions cannot be changed later: an account would move to another partition.

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
    """Say in one sentence what is wrong with the topics; exit code 1 where something is.

    Example: rapport topics check && rapport worker sentiment
    """
    settings = read_settings()
    found = partition_counts(open_broker(settings))
    _refuse(problems(found, partitions=settings.topic_partitions))
    errors.print(f"All {len(TOPICS)} topics are there.", highlight=False)


@app.command("list")
def list_topics() -> None:
    """List the topics: what stands on them, who reads them, partitions, records held, retention.

    Example: rapport topics list
    """
    held = held_offsets(open_broker(read_settings()), [spec.name for spec in TOPICS])
    Console().print(topics_table(TOPICS, held))


def problems(found: Mapping[str, int], *, partitions: int, specs: Sequence[TopicSpec] = TOPICS) -> list[str]:
    """Return one sentence for each topic that is missing or has another number of partitions.

    >>> problems({"t": 4}, partitions=8, specs=[TopicSpec("t", "Ticket", (), 28)])
    ['Topic t has 4 partitions, but RAPPORT_TOPIC_PARTITIONS or --partitions says 8.']
    """
    asked = "RAPPORT_TOPIC_PARTITIONS or --partitions"
    sentences = (refusal(one.name, found.get(one.name), wanted=partitions, said_by=asked) for one in specs)
    return [sentence for sentence in sentences if sentence is not None]


def _refuse(sentences: Sequence[str]) -> None:
    if len(sentences) > 1:
        fail(f"{sentences[0]} The same or alike holds for {len(sentences) - 1} more topics.")
    if sentences:
        fail(sentences[0])


def topics_table(specs: Iterable[TopicSpec], held: Mapping[tuple[str, int], Held]) -> Table:
    """Return the topics as a table, one row each."""
    table = Table(title="Topics")
    for heading in ("topic", "records are", "read by"):
        table.add_column(heading)
    for heading in ("partitions", "records held", "kept"):
        table.add_column(heading, justify="right")
    for spec in specs:
        at = [one for (topic, _), one in held.items() if topic == spec.name]
        count = sum(one.end - one.begin for one in at)
        places = str(len(at)) if at else "missing"
        groups = ", ".join(spec.groups) or "-"
        table.add_row(spec.name, spec.record, groups, places, f"{count:,}", f"{spec.retention_days} days")
    return table
