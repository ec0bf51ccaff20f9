"""Withdrawal of knowledge: the plan of an import, and the deletion of sources and accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import delete, select
from sqlmodel import Session, col

from responders.chunks.chunk import KnowledgeSource, source_id_of
from responders.store.knowledge import among, content_hashes, stored_hashes
from responders.store.outdated import retire_outdated
from schemas.knowledge import Account
from schemas.redrafts import Redraft
from schemas.tables import AccountRow, ChunkRow, SourceRow
from schemas.tickets import SourceKind

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


def plan_sources(
    session: Session, kind: SourceKind, sources: Sequence[KnowledgeSource], *, personal: str = ""
) -> ImportPlan:
    """Return the changes that make `sources` the only sources of their kind.

    `personal` is the version of the model that will hear personal values in solved tickets, "" for none.
    """
    own_ids = {source_id_of(source): str(getattr(source, OWN_ID[kind])) for source in sources}
    own_id = col(SourceRow.record)[OWN_ID[kind]].as_string()
    query = select(col(SourceRow.source_id), own_id).where(col(SourceRow.source_kind) == kind)
    stored = {source_id: str(name) for source_id, name in session.execute(query)}
    hashes, known = content_hashes(sources, personal), stored_hashes(session, list(own_ids))
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


def withdraw_sources(
    session: Session, source_ids: Sequence[str], *, now: datetime
) -> tuple[list[str], list[Redraft]]:
    """Delete sources with their chunks and vectors; return the deleted ids and the redrafts.

    After the commit no new draft uses them. Each live draft that cites one of them is retired, and the caller
    must publish its redraft in this transaction.
    """
    source_id = col(SourceRow.source_id)
    held = select(source_id).where(among(source_id, source_ids)).order_by(source_id).with_for_update()
    found = list(session.scalars(held))
    session.execute(delete(SourceRow).where(among(col(SourceRow.source_id), found)))
    session.execute(delete(ChunkRow).where(among(col(ChunkRow.source_id), source_ids)))
    return found, retire_outdated(session, found, now=now)


def remove_accounts(session: Session, account_ids: Sequence[str]) -> list[str]:
    """Delete the records of accounts, but not their tickets and findings; return the deleted ids."""
    statement = delete(AccountRow).where(among(col(AccountRow.account_id), account_ids))
    return list(session.scalars(statement.returning(col(AccountRow.account_id))))
