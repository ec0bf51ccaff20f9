"""Taking knowledge back: what a new file leaves out, what is removed by id, and the drafts that cite it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import delete, select, text
from sqlmodel import Session, col

from responders.chunks.chunk import KnowledgeSource, source_id_of, source_of_chunk
from responders.store.drafts import WITHDRAWN
from responders.store.knowledge import among, content_hashes, stored_hashes
from responders.store.notify import notify
from schemas import Account, Citation, Draft
from schemas.tables import AccountRow, ChunkRow, DraftRow, SourceRow
from schemas.tickets import SourceKind

_CITING = text(
    """
SELECT draft_id FROM drafts WHERE state IN ('ready', 'abstained') AND EXISTS (
    SELECT 1 FROM jsonb_array_elements(record->'citations') AS cited
    WHERE regexp_replace(cited->>'source_id', '#[^#]*$', '') = ANY(CAST(:source_ids AS text[])))
ORDER BY draft_id FOR UPDATE
"""
)

OWN_ID: Final[Mapping[SourceKind, str]] = {
    "article": "article_id",
    "macro": "macro_id",
    "solved_ticket": "ticket_id",
}


class Plan(NamedTuple):
    """What a file changes, by the operator's own ids in order; `kept` counts what stays as it is."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    kept: int

    @property
    def removes_all(self) -> bool:
        """Whether nothing that is stored would be left as it is or changed."""
        return bool(self.removed) and not self.changed and not self.kept


def plan_sources(session: Session, kind: SourceKind, sources: Sequence[KnowledgeSource]) -> Plan:
    """Return what would change if the sources of a kind were exactly these."""
    own_ids = {source_id_of(source): str(getattr(source, OWN_ID[kind])) for source in sources}
    name = col(SourceRow.record)[OWN_ID[kind]].as_string()
    stored = select(col(SourceRow.source_id), name).where(col(SourceRow.source_kind) == kind)
    here = {source_id: str(own_id) for source_id, own_id in session.execute(stored)}
    hashes, known = content_hashes(sources), stored_hashes(session, list(own_ids))
    return _plan(own_ids, here, {key for key in known if known[key] != hashes[key]})


def plan_accounts(session: Session, accounts: Sequence[Account]) -> Plan:
    """Return what would change if the accounts were exactly these."""
    rows = session.execute(select(col(AccountRow.account_id), col(AccountRow.record)))
    stored = {str(account_id): record for account_id, record in rows}
    wanted = {account.account_id: account.to_json() for account in accounts}
    names = {account_id: account_id for account_id in wanted}
    here = {account_id: account_id for account_id in stored}
    return _plan(names, here, {key for key in wanted if key in stored and stored[key] != wanted[key]})


def _plan(wanted: Mapping[str, str], here: Mapping[str, str], changed: set[str]) -> Plan:
    return Plan(
        added=tuple(own_id for key, own_id in wanted.items() if key not in here),
        changed=tuple(own_id for key, own_id in wanted.items() if key in changed),
        removed=tuple(sorted(own_id for key, own_id in here.items() if key not in wanted)),
        kept=sum(key in here and key not in changed for key in wanted),
    )


def withdraw_sources(session: Session, source_ids: Sequence[str], *, now: datetime) -> tuple[list[str], int]:
    """Delete sources with their chunks and vectors; return the ids that were there and the drafts warned.

    From the commit on no draft is made of them. A draft that waits and cites one gets a warning.
    """
    gone = delete(SourceRow).where(among(col(SourceRow.source_id), source_ids))
    found = list(session.scalars(gone.returning(col(SourceRow.source_id))))
    session.execute(delete(ChunkRow).where(among(col(ChunkRow.source_id), source_ids)))
    return found, _warn_waiting(session, found, now=now)


def remove_accounts(session: Session, account_ids: Sequence[str]) -> list[str]:
    """Delete what was told of accounts; return the ids that were there. What they did stays."""
    gone = delete(AccountRow).where(among(col(AccountRow.account_id), account_ids))
    return list(session.scalars(gone.returning(col(AccountRow.account_id))))


def with_withdrawals(session: Session, draft: Draft) -> Draft:
    """Return a draft that is about to be saved, with a warning for each source withdrawn in the meantime.

    The sources that are still there stay until the caller commits: who withdraws one then finds the draft.
    """
    cited = {source_of_chunk(one.source_id) for one in draft.citations if one.source_kind != "account_fact"}
    if not cited:
        return draft
    query = select(col(SourceRow.source_id)).where(among(col(SourceRow.source_id), sorted(cited)))
    held = query.order_by(col(SourceRow.source_id)).with_for_update(read=True, key_share=True)
    there = set(session.scalars(held))
    return _warned(draft, cited - there)


def _warn_waiting(session: Session, source_ids: Sequence[str], *, now: datetime) -> int:
    waiting = list(session.scalars(_CITING, {"source_ids": list(source_ids)}))
    for row in session.scalars(select(DraftRow).where(col(DraftRow.draft_id).in_(waiting))):
        draft = _warned(Draft.model_validate(row.record), set(source_ids))
        row.record, row.updated_at = draft.to_json(), now
        session.add(row)
        notify(session, "draft", row.draft_id)
    session.flush()
    return len(waiting)


def _warned(draft: Draft, gone: set[str]) -> Draft:
    lost = [one for one in draft.citations if source_of_chunk(one.source_id) in gone]
    new = [text for text in dict.fromkeys(map(_warning, lost)) if text not in draft.warnings]
    return draft.model_copy(update={"warnings": (*new, *draft.warnings)}) if new else draft


def _warning(citation: Citation) -> str:
    return f"{WITHDRAWN}: “{citation.title}”. Check what the reply says before you send it."
