"""Drafts whose sources changed or were withdrawn: they are retired, and a new draft is asked for.

A transaction that changes sources and one that saves drafts lock in the same order: sources by id, then
tickets by id, then drafts. So a draft is either seen by the change of its source, or sees that change itself.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select, text
from sqlmodel import Session, col

from responders.chunks.chunk import source_of_chunk
from responders.markup.converting import as_markdown
from responders.store.drafts import retire_draft
from responders.store.heads import hold
from responders.store.knowledge import among
from schemas.redrafts import Redraft, SourceChange
from schemas.table_parts import IS_LIVE
from schemas.tables import ChunkRow, DraftRow, SourceRow
from schemas.tickets import Citation, Draft

_CITING_SQL: Final = (
    """
SELECT draft_id, ticket_id FROM drafts WHERE """
    + IS_LIVE
    + """ AND ticket_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM jsonb_array_elements(record->'citations') AS cited
    WHERE regexp_replace(cited->>'source_id', '#[^#]*$', '') = ANY(CAST(:source_ids AS text[])))
ORDER BY draft_id
"""
)
_CITING: Final = text(_CITING_SQL)
_HOLD_CITING: Final = text(_CITING_SQL + " FOR UPDATE")

STALE_WORDS: Final[dict[SourceChange, str]] = {
    "source_changed": "source changed",
    "source_withdrawn": "source withdrawn",
}
"""The reason of a retired draft as people read it."""


class Outdated(NamedTuple):
    """What happened to a cited source, and the first citation of it that no longer stands."""

    reason: SourceChange
    citation: Citation


def hold_sources(session: Session, drafts: Iterable[Draft]) -> set[str]:
    """Keep the sources that the drafts cite until the transaction ends; return the ids that are stored.

    A transaction that saves drafts calls this first, before it locks a ticket or a draft.
    """
    cited = sorted(set().union(*map(cited_sources, drafts)))
    if not cited:
        return set()
    source_id = col(SourceRow.source_id)
    wanted = select(source_id).where(among(source_id, cited)).order_by(source_id)
    return set(session.scalars(wanted.with_for_update(read=True, key_share=True)))


def cited_sources(draft: Draft) -> set[str]:
    """Return the ids of the articles, macros and solved tickets that a draft cites."""
    return {source_of_chunk(citation.source_id) for citation in _of_knowledge(draft)}


def outdated_source(session: Session, draft: Draft) -> Outdated | None:
    """Return the first cited source of a draft that does not say any more what the draft quotes, or None.

    The caller holds the sources (`hold_sources`), so that the answer stays true until it commits.
    """
    cited = _of_knowledge(draft)
    if not cited:
        return None
    chunks = _chunks_of(session, sorted(cited_sources(draft)))
    return next((found for citation in cited if (found := _judged(citation, chunks))), None)


def retire_outdated(session: Session, source_ids: Sequence[str], *, now: datetime) -> list[Redraft]:
    """Retire the live drafts whose quotes do not stand in these sources any more; return their redrafts.

    The caller has changed or deleted the sources in this transaction, and must publish the redrafts in it.
    """
    if not source_ids:
        return []
    source_id = col(SourceRow.source_id)
    session.execute(
        select(source_id).where(among(source_id, source_ids)).order_by(source_id).with_for_update()
    )
    bound = {"source_ids": list(source_ids)}
    hold(session, (row.ticket_id for row in session.execute(_CITING, bound)))
    waiting = list(session.scalars(_HOLD_CITING, bound))
    rows = session.scalars(select(DraftRow).where(among(col(DraftRow.draft_id), waiting)))
    found = [retired(session, Draft.model_validate(row.record), attempt=1, now=now) for row in rows.all()]
    return [redraft for redraft in found if redraft is not None]


def retired(session: Session, draft: Draft, *, attempt: int, now: datetime) -> Redraft | None:
    """Retire a live reply draft if a source of it is outdated; return its redraft, or None if all stand."""
    outdated = outdated_source(session, draft) if draft.ticket_id is not None else None
    if outdated is None or draft.ticket_id is None:
        return None
    retire_draft(session, draft.draft_id, reason=STALE_WORDS[outdated.reason], now=now)
    return Redraft(
        redraft_id=f"redraft:{uuid5(NAMESPACE_URL, f'rapport:redraft:{draft.draft_id}')}",
        draft_id=draft.draft_id,
        ticket_id=draft.ticket_id,
        account_id=draft.account_id,
        based_on=draft.based_on,
        reason=outdated.reason,
        source_kind=outdated.citation.source_kind,
        title=outdated.citation.title,
        attempt=attempt,
        requested_at=now,
    )


def _of_knowledge(draft: Draft) -> list[Citation]:
    return [citation for citation in draft.citations if citation.source_kind != "account_fact"]


def _chunks_of(session: Session, source_ids: Sequence[str]) -> dict[str, list[Any]]:
    """Return the chunks of each stored source; a source without text has none."""
    wanted = (
        select(col(SourceRow.source_id), ChunkRow)
        .outerjoin(ChunkRow, col(ChunkRow.source_id) == col(SourceRow.source_id))
        .where(among(col(SourceRow.source_id), source_ids))
        .execution_options(populate_existing=True)
    )
    chunks: dict[str, list[Any]] = {}
    for source_id, chunk in session.execute(wanted):
        chunks.setdefault(source_id, []).extend([] if chunk is None else [chunk])
    return chunks


def _judged(citation: Citation, chunks: dict[str, list[Any]]) -> Outdated | None:
    held = chunks.get(source_of_chunk(citation.source_id))
    if held is None:
        return Outdated("source_withdrawn", citation)
    offered = [chunk for chunk in held if chunk.public == citation.public and chunk.url == citation.url]
    return None if _stands(citation, offered) else Outdated("source_changed", citation)


def _stands(citation: Citation, offered: Sequence[Any]) -> bool:
    """Tell whether a quote is still in a source; that of a solved ticket may be reworded sentences of it."""
    if citation.source_kind == "solved_ticket":
        return any(chunk.updated_at == citation.updated_at for chunk in offered) or _says(citation, offered)
    quote = squeezed(citation.quote)
    return any(quote in squeezed(chunk.body) for chunk in offered)


def _says(citation: Citation, offered: Sequence[Any]) -> bool:
    said = " ".join(squeezed(chunk.body) for chunk in offered)
    return all(squeezed(line) in said for line in citation.quote.splitlines())


def squeezed(quote: str) -> str:
    r"""Return a quote as Markdown with single blanks, so that only its words are compared.

    >>> squeezed("Open  **Seats**.\n\nSave.")
    'Open **Seats**. Save.'
    """
    return " ".join(as_markdown(quote).split())
