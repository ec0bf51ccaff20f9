"""Reading constructed exports of help desks, and the private words that each of them contains."""

from collections.abc import Sequence
from pathlib import Path

from schemas import Ticket
from streams.ingest import (
    FORMATS,
    TICKET_KIND,
    Instants,
    RejectedRow,
    RowCount,
    SourceFile,
    Spool,
    parse_columns,
    read_into,
)

SECRET = "for the staff alone"
Said = tuple[str, str, str]


def read_export(
    path: Path, form: str, *columns: str, beside: Sequence[Path] = ()
) -> tuple[list[Ticket], list[RejectedRow], RowCount]:
    source = SourceFile(
        path,
        parse_columns(TICKET_KIND.fields, columns, []),
        Instants(),
        form=FORMATS[form],
        beside=tuple(beside),
    )
    wrong: list[RejectedRow] = []
    with Spool() as spool:
        count = read_into(spool, TICKET_KIND, source, progress=lambda _: None, wrong=wrong.append)
        records = list(spool.records(by_time=False))
    assert count.rows == len(records) + len(wrong)
    assert all(SECRET.encode() not in record.value for record in records)
    return [Ticket.model_validate_json(record.value) for record in records], wrong, count


def said(tickets: Sequence[Ticket]) -> list[Said]:
    return [(ticket.kind, ticket.body, ticket.occurred_at.isoformat()[:16]) for ticket in tickets]
