"""The checked facts of an account that a draft may use."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from responders.drafting.situation import Situation
from responders.drafting.usage_facts import anomaly_fact, incident_fact
from responders.drafting.usage_words import day
from responders.generation.brief import Fact
from responders.markup.tags import untagged
from schemas.knowledge import Account

MAX_ID_CHARS: Final = 200
"""Longest id of a source: the limit of `schemas.base.Id`."""


def facts_of(situation: Situation, *, names: Mapping[str, str], now: datetime) -> tuple[Fact, ...]:
    """Return the checked facts of the account: at most one incident, at most two anomalies, then its fields.

    Incidents and anomalies are also spoken; the account's fields only fill slots. Incidents that do not name
    the account are left out. `names` are the operator's words for metrics.
    """
    account_id = situation.account.account_id if situation.account else None
    mine = [incident for incident in situation.incidents if account_id in incident.account_ids]
    live = [
        anomaly for anomaly in situation.anomalies if account_id is None or anomaly.account_id == account_id
    ]
    return (
        *(incident_fact(incident, names=names, now=now) for incident in mine[:1]),
        *(anomaly_fact(anomaly, names=names, now=now) for anomaly in live[:2]),
        *(_account_facts(situation.account) if situation.account else ()),
    )


def _account_facts(account: Account) -> Iterator[Fact]:
    named: dict[str, str | None] = {
        "account_name": account.name,
        "company": account.name,
        "plan": account.plan,
        "seats": None if account.seats is None else str(account.seats),
        "region": account.region,
        "owner": account.owner,
        "success_manager": account.owner,
        "renewal_date": f"{day(account.renewal_on)} {account.renewal_on.year}"
        if account.renewal_on
        else None,
    }
    for name, given in named.items():
        value = untagged(given or "")
        if value:
            yield Fact(
                name=name,
                value=value,
                quote=f"Account {untagged(account.name)}: {told_fact(name, value)}",
                source_id=_account_source(account.account_id, name),
            )


def told_fact(name: str, value: str) -> str:
    """Return a field of an account in words; claims are checked against them.

    >>> told_fact("seats", "81"), told_fact("renewal_date", "1 May 2026")
    ('81 seats', 'renewal date 1 May 2026')
    """
    return f"{value} seats" if name == "seats" else f"{name.replace('_', ' ')} {value}"


def _account_source(account_id: str, name: str) -> str:
    """Return the id that a claim cites for one field of an account; a long account id is hashed."""
    source_id = f"account:{account_id}/{name}"
    if len(source_id) <= MAX_ID_CHARS:
        return source_id
    return f"account:{hashlib.sha256(account_id.encode()).hexdigest()}/{name}"
