"""The records and names of accounts, as the pages of the desk show them."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlmodel import Session

from schemas.knowledge import Account, account_at_rest
from schemas.tables import AccountRow

_NAMES = text("SELECT account_id, name FROM accounts WHERE account_id = ANY(:account_ids)")


def find_account(session: Session, account_id: str) -> Account | None:
    """Return the record that the operator loaded for the account, or None if there is no record."""
    row = session.get(AccountRow, account_id)
    return account_at_rest(row.account_id, row.record) if row else None


def account_names(session: Session, account_ids: Iterable[str]) -> dict[str, str]:
    """Return the names of the accounts that have one, by account id."""
    rows = session.execute(_NAMES, {"account_ids": list(set(account_ids))})
    return {row.account_id: row.name for row in rows}
