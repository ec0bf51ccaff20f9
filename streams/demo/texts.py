"""The hand-written texts of the sample company, read from the package and validated.

A mistake in a data file raises ValueError (or its subclass msgspec.ValidationError) with the name
of the file.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal, TypeVar

import msgspec

from schemas.tickets import Channel, TicketEventKind
from streams.demo.model import TicketMood, Unanswerable

MACRO_SLOTS = frozenset({"requester_name", "plan", "seats", "account_name"})
TICKET_SLOTS = frozenset(
    "project dataset run count few percent minutes hours amount colleague people day".split()
)
FRONT_MATTER = frozenset({"title", "tags", "updated_days_ago"})
SLOT = re.compile(r"\{([a-z_]+)\}")

PlanName = Literal["Starter", "Team", "Business", "Enterprise"]
Story = Literal["mood_slide", "drop", "silence", "error_surge", "outage"]
T = TypeVar("T")


class ThreadText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A later event of a ticket, `after_minutes` after the first message."""

    after_minutes: int
    body: str
    kind: TicketEventKind = "customer_message"


class TicketText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text of a ticket; exactly one of `answer` (article or macro id) and `why` is given.

    Without `channels`, the channels follow from length and mood; a text with `once` is used only once.
    """

    topic: str
    mood: TicketMood
    subject: str
    body: str
    answer: str | None = None
    why: Unanswerable | None = None
    channels: tuple[Channel, ...] = ()
    plans: tuple[PlanName, ...] = ()
    paste: Literal["training_log"] | None = None
    once: bool = False
    thread: tuple[ThreadText, ...] = ()


class StoryText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text of a ticket of a planted story; exactly one of the three times is given."""

    mood: TicketMood
    channel: Channel
    subject: str
    body: str
    answer: str | None = None
    why: Unanswerable | None = None
    days_before_end: float | None = None
    hours: float | None = None
    minutes: float | None = None
    plans: tuple[PlanName, ...] = ()


class MacroText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A macro without its date."""

    macro_id: str
    title: str
    question: str
    tags: tuple[str, ...]
    updated_days_ago: int
    body: str


class SolvedText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A solved ticket without account and date."""

    days_ago: int
    tags: tuple[str, ...]
    question: str
    answer: str


class ArticleText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An article without its date; `section` is the folder, `slug` the file name."""

    slug: str
    section: str
    title: str
    tags: tuple[str, ...]
    updated_days_ago: int
    body: str


class MadeUpNames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Made-up names of companies, people, projects and datasets."""

    owners: tuple[str, ...]
    companies: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    titles: tuple[str, ...]
    projects: tuple[str, ...]
    datasets: tuple[str, ...]


class Hand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hand-written messages of customers and support in addition to the texts of the tickets."""

    nudges: tuple[str, ...]
    replies: tuple[str, ...]
    quotes: tuple[str, ...]


class Phrases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Openings and closings of messages by mood; closings in other languages by topic."""

    openings: dict[TicketMood, tuple[str, ...]]
    closings: dict[TicketMood, tuple[str, ...]]
    foreign_closings: dict[str, str]
    hand: Hand


def _data() -> Traversable:
    return files("streams.demo").joinpath("data")


def _toml(name: str, shape: type[T], *, key: str | None = None) -> T:
    content: dict[str, Any] = tomllib.loads(_data().joinpath(name).read_text(encoding="utf-8"))
    try:
        return msgspec.convert(content if key is None else content[key], shape)
    except (msgspec.ValidationError, KeyError) as error:
        raise ValueError(f"{name}: {error}") from error


def slots_of(text: str) -> frozenset[str]:
    """Return the names of the slots in a text.

    >>> sorted(slots_of("{run} of {project} failed, {run}!"))
    ['project', 'run']
    """
    return frozenset(SLOT.findall(text))


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _check_answer(name: str, text: TicketText | StoryText) -> None:
    _require(
        (text.answer is None) != (text.why is None), f"{name}: give one of answer and why: {text.subject}"
    )
    unknown = slots_of(text.subject + text.body) - TICKET_SLOTS
    _require(not unknown, f"{name}: unknown slots {sorted(unknown)}: {text.subject}")


@lru_cache(maxsize=1)
def names() -> MadeUpNames:
    """Return the made-up names."""
    return _toml("names.toml", MadeUpNames)


@lru_cache(maxsize=1)
def phrases() -> Phrases:
    """Return openings, closings and hand-written replies."""
    return _toml("phrases.toml", Phrases)


@lru_cache(maxsize=1)
def macro_texts() -> tuple[MacroText, ...]:
    """Return the macros in file order; every slot is one of MACRO_SLOTS."""
    found = _toml("macros.toml", tuple[MacroText, ...], key="macro")
    for macro in found:
        unknown = slots_of(macro.body) - MACRO_SLOTS
        _require(not unknown, f"macros.toml: unknown slots {sorted(unknown)}: {macro.macro_id}")
    return found


@lru_cache(maxsize=1)
def solved_texts() -> tuple[SolvedText, ...]:
    """Return the solved tickets in file order."""
    parts = (_toml(name, tuple[SolvedText, ...], key="solved") for name in ("solved_a.toml", "solved_b.toml"))
    return tuple(text for part in parts for text in part)


@lru_cache(maxsize=1)
def ticket_texts() -> tuple[TicketText, ...]:
    """Return the everyday tickets, in the order of the file names."""
    found: list[TicketText] = []
    for name in sorted(entry.name for entry in _data().joinpath("tickets").iterdir()):
        if name.endswith(".toml") and name != "planted.toml":
            found.extend(_toml(f"tickets/{name}", tuple[TicketText, ...], key="ticket"))
    for text in found:
        _check_answer("tickets", text)
    return tuple(found)


@lru_cache(maxsize=1)
def story_texts() -> dict[Story, tuple[StoryText, ...]]:
    """Return the tickets of the planted stories."""
    stories = _toml("tickets/planted.toml", dict[Story, tuple[StoryText, ...]])
    for text in (text for texts in stories.values() for text in texts):
        _check_answer("planted.toml", text)
        times = (text.days_before_end, text.hours, text.minutes)
        _require(sum(time is not None for time in times) == 1, f"planted.toml: one time each: {text.subject}")
    return stories


@lru_cache(maxsize=1)
def article_texts() -> tuple[ArticleText, ...]:
    """Return the articles, sorted by section and slug."""
    return tuple(sorted(_read_articles(), key=lambda article: (article.section, article.slug)))


def _read_articles() -> Iterator[ArticleText]:
    for section in _data().joinpath("articles").iterdir():
        if section.is_dir():
            for entry in section.iterdir():
                yield parse_article(section.name, entry.name, entry.read_text(encoding="utf-8"))


def parse_article(section: str, file_name: str, content: str) -> ArticleText:
    r"""Read one Markdown file with its front matter (title, tags, updated_days_ago).

    Raises ValueError if the front matter is missing or incomplete.

    >>> parse_article("exports", "a.md", "---\ntitle: A: b\ntags: x\nupdated_days_ago: 3\n---\nHi\n").title
    'A: b'
    """
    parts = content.split("---\n", 2)
    _require(len(parts) == 3 and not parts[0], f"{section}/{file_name}: front matter missing")
    head = dict(line.split(": ", 1) for line in parts[1].splitlines())
    _require(head.keys() == FRONT_MATTER, f"{section}/{file_name}: front matter {sorted(head)}")
    return ArticleText(
        slug=file_name.removesuffix(".md"),
        section=section,
        title=head["title"],
        tags=tuple(tag.strip() for tag in head["tags"].split(",")),
        updated_days_ago=int(head["updated_days_ago"]),
        body=parts[2].strip(),
    )
