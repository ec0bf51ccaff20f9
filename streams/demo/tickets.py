"""The tickets of the sample company: everyday tickets, threads and the tickets of the planted stories."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from schemas.knowledge import Account
from schemas.tickets import Channel, Ticket
from streams.demo.accounts import utc_offset
from streams.demo.model import Company, Onset, PlannedTicket
from streams.demo.texts import (
    Story,
    StoryText,
    ThreadText,
    TicketText,
    phrases,
    slots_of,
    story_texts,
    ticket_texts,
)
from streams.demo.voice import Requester, Setting, dressed, fill, requester, slot_values, with_paste

EVERYDAY = 345
"""Everyday tickets in a recording, next to the tickets of the stories."""

NUDGE_SHARE = 0.05
REPLY_SHARE = 0.10
FIRST_NUMBER = 20_417
UPSET = ("angry", "worried")
WEEKEND_SHARE = 0.12
SHORT = 230
"""Characters below which a message may come by chat."""

PUBLIC_TOPICS = (
    "label_quality",
    "ontology",
    "queue",
    "video",
    "exports",
    "import",
    "datasets",
    "training",
    "api",
)


@dataclass(frozen=True, slots=True)
class _Outline:
    """A ticket before it has a number: text, account, time, channel and later events."""

    text: TicketText
    account: Account
    at: datetime
    channel: Channel
    thread: tuple[ThreadText, ...]


def tickets(company: Company, seed: int) -> list[Ticket]:
    """Return all ticket events sorted by time; ids are unique.

    They cover the two weeks of the recording; only the mood slide begins four weeks before the end.
    For the tickets of `company.seed`, `company.answerable` holds the ids that can be answered.
    """
    events = [event for planned in planned_tickets(company, seed) for event in planned.events]
    return sorted(events, key=lambda event: (event.occurred_at, event.event_id))


def answerable(company: Company, seed: int) -> frozenset[str]:
    """Return the ids of the tickets that an article or a macro answers."""
    return frozenset(p.ticket_id for p in planned_tickets(company, seed) if p.source_id is not None)


def planned_tickets(company: Company, seed: int) -> list[PlannedTicket]:
    """Return the tickets with the truth about each, in the order of their first messages."""
    rng = Random(seed)
    outlines = [*_everyday(company, rng), *_stories(company, rng)]
    outlines.sort(key=lambda outline: (outline.at, outline.account.account_id, outline.text.subject))
    return [_plan(number, outline, company.end, rng) for number, outline in enumerate(outlines)]


def _everyday(company: Company, rng: Random) -> list[_Outline]:
    apart = company.planted.account_ids()
    healthy = [account for account in company.accounts if account.account_id not in apart]
    desk = _Desk(healthy, rng)
    return [_everyday_outline(company, desk.account(text), text, first, rng) for text, first in _uses(rng)]


def _uses(rng: Random) -> Iterable[tuple[TicketText, bool]]:
    """Yield EVERYDAY texts: each text once, then texts that read differently each time again."""
    texts = list(ticket_texts())
    again = [text for text in texts if not text.once and (_varies(text) or "email" in _channels(text))]
    rng.shuffle(again)
    again.sort(key=lambda text: not _varies(text))
    repeats = again[: EVERYDAY - len(texts)]
    return [*((text, True) for text in texts), *((text, False) for text in repeats)]


def _varies(text: TicketText) -> bool:
    return bool(slots_of(text.body))


class _Desk:
    """Deal accounts to tickets; an account is upset at most once, so that no mood slides by accident."""

    def __init__(self, accounts: Sequence[Account], rng: Random) -> None:
        self._calm = list(accounts)
        self._upset = list(accounts)
        rng.shuffle(self._upset)
        self._rng = rng

    def account(self, text: TicketText) -> Account:
        if text.mood not in UPSET:
            return self._rng.choice([account for account in self._calm if _fits(account, text.plans)])
        return _take(self._upset, text.plans)


def _take(pool: list[Account], plans: Sequence[str]) -> Account:
    for account in pool:
        if _fits(account, plans):
            pool.remove(account)
            return account
    raise ValueError(f"no account of the plans {plans} is left")


def _fits(account: Account, plans: Sequence[str]) -> bool:
    return not plans or account.plan in plans


def _everyday_outline(
    company: Company, account: Account, text: TicketText, first_use: bool, rng: Random
) -> _Outline:
    channel = rng.choice(_channels(text)) if first_use or _varies(text) else "email"
    thread = _thread(text, first_use, rng)
    return _Outline(text, account, _working_hour(company, account, rng), channel, thread)


def _channels(text: TicketText) -> tuple[Channel, ...]:
    """Return the channels of a text: short texts also come by chat, calm public questions also by forum."""
    if text.channels:
        return text.channels
    chat: tuple[Channel, ...] = ("chat",) if len(text.body) < SHORT else ()
    public = text.mood == "neutral" and text.topic in PUBLIC_TOPICS
    forum: tuple[Channel, ...] = ("forum", "forum") if public else ()
    return ("email", "email", "web", *chat, *forum)


def _thread(text: TicketText, first_use: bool, rng: Random) -> tuple[ThreadText, ...]:
    if first_use and text.thread:
        return text.thread
    return () if text.answer is None else _routine_thread(rng)


def _routine_thread(rng: Random) -> tuple[ThreadText, ...]:
    hand, dice = phrases().hand, rng.random()
    if dice < NUDGE_SHARE:
        return (ThreadText(after_minutes=rng.randint(90, 1500), body=rng.choice(hand.nudges)),)
    if dice < NUDGE_SHARE + REPLY_SHARE:
        replied = rng.randint(240, 900)
        reply = ThreadText(after_minutes=replied, body=rng.choice(hand.replies), kind="human_reply")
        closed = ThreadText(after_minutes=replied + rng.randint(600, 2000), body="Solved.", kind="closed")
        return (reply, closed)
    return ()


def _working_hour(company: Company, account: Account, rng: Random) -> datetime:
    """Return a random moment of the recording, mostly in the account's working hours."""
    while True:
        day = company.start + timedelta(days=rng.randrange(15))
        local = day.replace(hour=0, minute=0) + timedelta(hours=rng.triangular(7.0, 19.0, 10.5))
        moment = (local - utc_offset(account)).replace(microsecond=0)
        weekend = local.weekday() > 4
        inside = company.start <= moment < company.end
        if inside and (not weekend or rng.random() < WEEKEND_SHARE):
            return moment


def _stories(company: Company, rng: Random) -> list[_Outline]:
    by_id = {account.account_id: account for account in company.accounts}
    outlines: list[_Outline] = []
    for story, onset in company.planted.onsets().items():
        outlines.extend(_story_outlines(story, onset, by_id[onset.account_id], company.end))
    return [*outlines, *_outage_outlines(company, by_id, rng)]


def _story_outlines(story: Story, onset: Onset, account: Account, end: datetime) -> list[_Outline]:
    texts = story_texts()[story]
    return [_story_outline(text, account, _story_time(text, onset.at, end)) for text in texts]


def _outage_outlines(company: Company, by_id: dict[str, Account], rng: Random) -> list[_Outline]:
    outage = company.planted.outage
    hit = [by_id[account_id] for account_id in outage.account_ids]
    rng.shuffle(hit)
    outlines = []
    for text in story_texts()["outage"]:
        account = _take(hit, text.plans)
        outlines.append(_story_outline(text, account, _story_time(text, outage.started_at, company.end)))
    return outlines


def _story_time(text: StoryText, onset: datetime, end: datetime) -> datetime:
    if text.days_before_end is not None:
        moment = end - timedelta(days=text.days_before_end)
    else:
        moment = onset + timedelta(hours=text.hours or 0.0, minutes=text.minutes or 0.0)
    return moment.replace(second=(moment.minute * 7) % 60, microsecond=0)


def _story_outline(text: StoryText, account: Account, at: datetime) -> _Outline:
    words = TicketText(
        topic="story",
        mood=text.mood,
        subject=text.subject,
        body=text.body,
        answer=text.answer,
        why=text.why,
    )
    return _Outline(words, account, at, text.channel, ())


def _plan(number: int, outline: _Outline, end: datetime, rng: Random) -> PlannedTicket:
    ticket_id = f"TES-{FIRST_NUMBER + number}"
    who = _requester(outline, rng)
    values = slot_values(outline.account, rng)
    first = _first_message(ticket_id, outline, who, values, rng)
    later = [_later_event(first, index, text, values) for index, text in enumerate(outline.thread, start=2)]
    return PlannedTicket(
        ticket_id=ticket_id,
        topic=outline.text.topic,
        mood=outline.text.mood,
        source_id=outline.text.answer,
        why=outline.text.why,
        events=(first, *(event for event in later if event.occurred_at < end)),
    )


def _requester(outline: _Outline, rng: Random) -> Requester:
    """Return the writer; in a story the account always has the same requester."""
    if outline.text.topic == "story":
        return requester(outline.account, Random(outline.account.account_id))
    return requester(outline.account, rng)


def _first_message(
    ticket_id: str, outline: _Outline, who: Requester, values: dict[str, str], rng: Random
) -> Ticket:
    setting = Setting(who, outline.at, outline.channel, outline.text.mood, outline.text.topic)
    body = dressed(fill(outline.text.body, values), setting, rng)
    return Ticket(
        event_id=f"{ticket_id}-1",
        ticket_id=ticket_id,
        account_id=outline.account.account_id,
        channel=outline.channel,
        subject=fill(outline.text.subject, values),
        body=with_paste(body, outline.text, outline.at, rng),
        requester_name=who.first if outline.channel in ("chat", "forum") else who.name,
        requester_email=who.email if outline.channel in ("email", "web") else None,
        occurred_at=outline.at,
    )


def _later_event(first: Ticket, index: int, text: ThreadText, values: dict[str, str]) -> Ticket:
    prefix = "Re: " if first.channel == "email" else ""
    return first.model_copy(
        update={
            "event_id": f"{first.ticket_id}-{index}",
            "kind": text.kind,
            "subject": f"{prefix}{first.subject}",
            "body": fill(text.body, values),
            "occurred_at": first.occurred_at + timedelta(minutes=text.after_minutes),
        }
    )
