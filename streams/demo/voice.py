"""Turn a hand-written text into a message: slots, openings, closings, signatures, quotes, logs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from schemas.knowledge import Account
from schemas.tickets import Channel
from streams.demo.model import NAME, TicketMood
from streams.demo.texts import SLOT, TicketText, names, phrases

T = TypeVar("T")
GREETINGS = ("hello", "hi", "guten", "bonjour", "hola", "buenos", "hope", "thanks", "dear")
FORUM_OPENINGS = ("", "", "Hi all,", "Hello everyone,")
QUOTE_SHARE = 0.12
LOG_LINES = (180, 420)


@dataclass(frozen=True, slots=True)
class Requester:
    """A made-up requester of an account."""

    first: str
    last: str
    title: str
    company: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"

    @property
    def email(self) -> str:
        """An address under `.example`, a domain that cannot be registered."""
        host = self.company.lower().replace(" ", "-")
        return f"{self.first}.{self.last}@{host}.example".lower()


def requester(account: Account, rng: Random) -> Requester:
    """Return a made-up person who works for the account."""
    known = names()
    return Requester(
        rng.choice(known.first_names), rng.choice(known.last_names), rng.choice(known.titles), account.name
    )


def slot_values(account: Account, rng: Random) -> dict[str, str]:
    """Return one value per slot for the whole ticket; an account keeps the same few projects and datasets."""
    known, own = names(), Random(account.account_id)
    return {
        "project": rng.choice(own.sample(known.projects, 3)),
        "dataset": rng.choice(own.sample(known.datasets, 3)),
        "colleague": rng.choice(known.first_names),
        "run": f"run-{rng.randint(1200, 9800)}",
        "count": f"{rng.choice((rng.randint(11, 99) * 100, rng.randint(10_001, 98_765))):,}",
        "few": str(rng.randint(14, 480)),
        "percent": f"{rng.randint(8, 43)} %",
        "minutes": str(rng.choice((25, 40, 50, 70, 90, 110))),
        "hours": rng.choice(("three", "four", "five", "six", "seven", "nine")),
        "amount": f"${rng.randint(9, 96) * 10 + 300:,}",
        "people": str(max(3, round(0.7 * (account.seats or 5)))),
        "day": rng.choice(("9th", "11th", "13th", "14th", "16th", "17th")),
    }


def fill(text: str, values: dict[str, str]) -> str:
    """Return the text with its slots filled; other braces stay.

    >>> fill("{run}: {'a': 1}", {"run": "run-1"})
    "run-1: {'a': 1}"
    """
    return SLOT.sub(lambda match: values[match[1]], text)


@dataclass(frozen=True, slots=True)
class Setting:
    """The circumstances of a message: requester, time, channel, mood and topic."""

    requester: Requester
    at: datetime
    channel: Channel
    mood: TicketMood
    topic: str = ""


def dressed(body: str, setting: Setting, rng: Random) -> str:
    """Return the message as it arrives through the channel."""
    if setting.channel == "chat":
        return body
    if setting.channel == "forum":
        return _joined("" if _greets(body) else rng.choice(FORUM_OPENINGS), body)
    text = _joined("" if _greets(body) else _opening(setting, rng), body, _closing(setting, rng))
    if setting.channel == "email" and rng.random() < QUOTE_SHARE:
        return _joined(text, quote(setting.at - timedelta(hours=rng.randint(3, 60)), rng))
    return text


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _greets(body: str) -> bool:
    first = body.split(maxsplit=1)[0].lower().strip(",.!:;")
    return first in GREETINGS


def _opening(setting: Setting, rng: Random) -> str:
    if setting.topic in phrases().foreign_closings:
        return ""
    if setting.channel == "web" and rng.random() < 0.6:
        return ""
    return rng.choice(phrases().openings[setting.mood])


def _closing(setting: Setting, rng: Random) -> str:
    known, foreign = phrases(), phrases().foreign_closings.get(setting.topic)
    if setting.channel == "web":
        return foreign or rng.choice(("", "", "", "Thanks", setting.requester.first))
    words = foreign or rng.choice(known.closings[setting.mood])
    return "\n".join(line for line in (words, *_signature(setting.requester, rng)) if line)


def _signature(who: Requester, rng: Random) -> Sequence[str]:
    if rng.random() < 0.3:
        return (who.first,)
    return (who.name, f"{who.title}, {who.company}") if rng.random() < 0.6 else (who.name, who.company)


def quote(at: datetime, rng: Random) -> str:
    """Return an earlier message of support in the quoting style of mail programs."""
    words = rng.choice(phrases().hand.quotes)
    return f"On {at:%a, %d %b %Y at %H:%M}, {NAME} Support <support@tessera.example> wrote:\n> {words}"


def with_paste(body: str, text: TicketText, at: datetime, rng: Random) -> str:
    """Return the body with the log that the text announces, if any."""
    return body if text.paste is None else _joined(body, training_log(at, rng))


def training_log(ended_at: datetime, rng: Random) -> str:
    """Return some hundred log lines of a run that ends out of memory, oldest first."""
    lines, loss = [], 2.4
    total = rng.randint(*LOG_LINES)
    for number in range(total):
        at = ended_at - timedelta(minutes=total - number)
        loss = max(0.08, loss * rng.uniform(0.975, 1.012))
        memory = rng.uniform(17.1, 22.9)
        lines.append(
            f"{at:%H:%M:%S} INFO step={number * 20} loss={loss:.4f} lr=1.0e-04 gpu_mem={memory:.1f}GB"
        )
    lines.append(f"{ended_at:%H:%M:%S} ERROR allocation of 3.2GB refused, 24.0GB in total, 1.9GB free")
    lines.append(f"{ended_at:%H:%M:%S} ERROR run ended, checkpoint of step {(total // 15) * 300} kept")
    return "\n".join(lines)
