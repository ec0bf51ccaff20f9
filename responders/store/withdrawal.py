"""Withdrawal of knowledge: the plan of an import, the deletion of sources, and warnings in citing drafts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Select, delete, select, text
from sqlmodel import Session, col

from responders.chunks.chunk import KnowledgeSource, source_id_of, source_of_chunk
from responders.store.drafts import WITHDRAWN
from responders.store.heads import hold
from responders.store.knowledge import among, content_hashes, stored_hashes
from responders.store.notify import notify
from schemas.knowledge import Account
from schemas.table_parts import IS_LIVE
from schemas.tables import AccountRow, ChunkRow, DraftRow, SourceRow
from schemas.tickets import Citation, Draft, SourceKind

_CITING_SQL: Final = (
    """
SELECT draft_id, ticket_id FROM drafts WHERE """
    + IS_LIVE
    + """ AND EXISTS (
    SELECT 1 FROM jsonb_array_elements(record->'citations') AS cited
    WHERE regexp_replace(cited->>'source_id', '#[^#]*$', '') = ANY(CAST(:source_ids AS text[])))
ORDER BY draft_id
"""
)
_CITING: Final = text(_CITING_SQL)
_HOLD_CITING: Final = text(_CITING_SQL + " FOR UPDATE")

OWN_ID: Final[Mapping[SourceKind, str]] = {
    "article": "article_id",
    "macro": "macro_id",
    "solved_ticket": "ticket_id",
}


class ImportPlan(NamedTuple):
    """The changes of an import, as the operator's own ids in order; `kept` counts the unchanged records."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    kept: int

    @property
    def removes_all(self) -> bool:
        """Whether the import would remove all stored records of its kind."""
        return bool(self.removed) and not self.changed and not self.kept


def plan_sources(session: Session, kind: SourceKind, sources: Sequence[KnowledgeSource]) -> ImportPlan:
    """Return the changes that make `sources` the only sources of their kind."""
    own_ids = {source_id_of(source): str(getattr(source, OWN_ID[kind])) for source in sources}
    own_id = col(SourceRow.record)[OWN_ID[kind]].as_string()
    query = select(col(SourceRow.source_id), own_id).where(col(SourceRow.source_kind) == kind)
    stored = {source_id: str(name) for source_id, name in session.execute(query)}
    hashes, known = content_hashes(sources), stored_hashes(session, list(own_ids))
    return _plan(own_ids, stored, {key for key in known if known[key] != hashes[key]})


def plan_accounts(session: Session, accounts: Sequence[Account]) -> ImportPlan:
    """Return the changes that make `accounts` the only accounts."""
    rows = session.execute(select(col(AccountRow.account_id), col(AccountRow.record)))
    stored = {str(account_id): record for account_id, record in rows}
    wanted = {account.account_id: account.to_json() for account in accounts}
    changed = {key for key in wanted if key in stored and stored[key] != wanted[key]}
    return _plan({key: key for key in wanted}, {key: key for key in stored}, changed)


def _plan(wanted: Mapping[str, str], stored: Mapping[str, str], changed: set[str]) -> ImportPlan:
    return ImportPlan(
        added=tuple(own_id for key, own_id in wanted.items() if key not in stored),
        changed=tuple(own_id for key, own_id in wanted.items() if key in changed),
        removed=tuple(sorted(own_id for key, own_id in stored.items() if key not in wanted)),
        kept=sum(key in stored and key not in changed for key in wanted),
    )


def withdraw_sources(session: Session, source_ids: Sequence[str], *, now: datetime) -> tuple[list[str], int]:
    """Delete sources with their chunks and vectors; return the deleted ids and the number of warned drafts.

    After the commit no new draft uses them. Each live draft that cites one of them gets a warning.
    """
    found = list(session.scalars(_in_order(source_ids).with_for_update()))
    session.execute(delete(SourceRow).where(among(col(SourceRow.source_id), found)))
    session.execute(delete(ChunkRow).where(among(col(ChunkRow.source_id), source_ids)))
    return found, _warn_waiting(session, found, now=now)


def remove_accounts(session: Session, account_ids: Sequence[str]) -> list[str]:
    """Delete the records of accounts, but not their tickets and findings; return the deleted ids."""
    statement = delete(AccountRow).where(among(col(AccountRow.account_id), account_ids))
    return list(session.scalars(statement.returning(col(AccountRow.account_id))))


def with_withdrawals(session: Session, draft: Draft) -> Draft:
    """Return the draft with a warning for each cited source that was withdrawn since it was written.

    The other cited sources cannot be withdrawn before the caller commits; a later withdrawal finds the draft.
    """
    cited = _cited_sources(draft)
    return _warned(draft, cited - hold_sources(session, [draft])) if cited else draft


def hold_sources(session: Session, drafts: Iterable[Draft]) -> set[str]:
    """Keep the sources that the drafts cite until the transaction ends; return the ids that are stored.

    A transaction that saves several drafts calls this first, before it locks a ticket or a draft. A
    withdrawal locks in the same order: sources by id, then tickets by id, then drafts. The two transactions
    wait for each other and never deadlock.
    """
    cited = sorted(set().union(*map(_cited_sources, drafts)))
    if not cited:
        return set()
    return set(session.scalars(_in_order(cited).with_for_update(read=True, key_share=True)))


def _in_order(source_ids: Sequence[str]) -> Select[str]:
    source_id = col(SourceRow.source_id)
    return select(source_id).where(among(source_id, source_ids)).order_by(source_id)


def _cited_sources(draft: Draft) -> set[str]:
    cited = (citation for citation in draft.citations if citation.source_kind != "account_fact")
    return {source_of_chunk(citation.source_id) for citation in cited}


def _warn_waiting(session: Session, source_ids: Sequence[str], *, now: datetime) -> int:
    bound = {"source_ids": list(source_ids)}
    hold(session, (row.ticket_id for row in session.execute(_CITING, bound) if row.ticket_id))
    waiting = list(session.scalars(_HOLD_CITING, bound))
    for row in session.scalars(select(DraftRow).where(col(DraftRow.draft_id).in_(waiting))):
        draft = _warned(Draft.model_validate(row.record), set(source_ids))
        row.record, row.updated_at = draft.to_json(), now
        session.add(row)
        notify(session, "draft", row.draft_id)
    session.flush()
    return len(waiting)


def _warned(draft: Draft, gone: set[str]) -> Draft:
    lost = [citation for citation in draft.citations if source_of_chunk(citation.source_id) in gone]
    new = [text for text in dict.fromkeys(map(_warning, lost)) if text not in draft.warnings]
    return draft.model_copy(update={"warnings": (*new, *draft.warnings)}) if new else draft


def _warning(citation: Citation) -> str:
    return f"{WITHDRAWN}: “{citation.title}”. Check what the reply says before you send it."
