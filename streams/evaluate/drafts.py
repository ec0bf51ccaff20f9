"""How well drafts answer: which asks are fully answered, and which tickets are rightly left to a person."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from schemas.base import Body, Id, ShortText
from schemas.tickets import Channel, Draft, Ticket
from streams.evaluate.examples import LabelledExample
from streams.evaluate.reading import normalised

ExpectedOutcome = Literal["answer", "partial", "abstain", "route", "courtesy"]
DraftOutcome = Literal["answer", "abstain", "route", "courtesy"]

ROUTE: Final = "needs_a_person"
"""The reason of a draft that is left to a person, up to its colon."""

ACCOUNT_FACT: Final = "account_fact"

_SEED: Final = re.compile(r", seed \d+")


def _listed(variants: object) -> object:
    return [variants] if isinstance(variants, str) else variants


Variants = Annotated[tuple[str, ...], BeforeValidator(_listed)]
"""Texts of which one is enough."""


class AskExample(BaseModel):
    """One question of a ticket: `must` are groups of variants, of each of which the reply must have one."""

    model_config = ConfigDict(frozen=True)

    question: str = ""
    sources: tuple[str, ...] = ()
    must: tuple[Variants, ...] = ()
    must_not: tuple[str, ...] = ()


class TicketExample(LabelledExample):
    """A ticket, and what its draft should be: `expect`, and the asks that it has."""

    id: Id
    account_id: Id
    channel: Channel = "email"
    subject: ShortText = ""
    body: Body
    requester_name: ShortText | None = None
    expect: ExpectedOutcome
    asks: tuple[AskExample, ...] = ()

    def ticket(self, *, now: datetime) -> Ticket:
        """Return the ticket as a customer's message that came at `now`."""
        return Ticket(
            event_id=self.id,
            ticket_id=self.id,
            account_id=self.account_id,
            channel=self.channel,
            subject=self.subject,
            body=self.body,
            requester_name=self.requester_name,
            occurred_at=now,
        )


@dataclass(frozen=True, slots=True)
class TicketAnswer:
    """What was decided for a ticket: a reply, or "" with a reason; `sources` are the operator's own ids."""

    outcome: DraftOutcome
    state: str
    reason: str | None
    body: str
    sources: tuple[str, ...]
    generator: str


@dataclass(frozen=True, slots=True)
class AskJudged:
    """One ask and how the reply answers it: the groups without a variant, and what it must not say."""

    ask: AskExample
    is_answered: bool
    missing: tuple[Variants, ...]
    forbidden: tuple[str, ...]
    has_right_source: bool

    def as_json(self) -> dict[str, Any]:
        """Return the result, as one item of a line of the output file."""
        return {
            "question": self.ask.question,
            "answered": self.is_answered,
            "missing": [list(group) for group in self.missing],
            "must_not": list(self.forbidden),
            "right_source": self.has_right_source,
        }


@dataclass(frozen=True, slots=True)
class TicketJudged:
    """A ticket, its answer and its judged asks."""

    example: TicketExample
    answer: TicketAnswer
    asks: tuple[AskJudged, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what was decided, as one line of the output file."""
        answer = self.answer
        return {
            "id": self.example.id,
            "outcome": answer.outcome,
            "state": answer.state,
            "reason": answer.reason,
            "body": answer.body,
            "sources": list(answer.sources),
            "generator": answer.generator,
            "asks": [ask.as_json() for ask in self.asks],
        }


def outcome_of(draft: Draft) -> DraftOutcome:
    """Return what a draft does.

    A reason that names a person is a route, also with a holding reply. Another draft without text abstains. A
    text without a claim and without a source is a courtesy, every other text an answer.

    >>> shown = {"draft_id": "d", "ticket_id": "t", "account_id": "a", "based_on": "e", "channel": "email"}
    >>> shown |= {"model": "m", "created_at": "2026-01-01T00:00:00Z"}
    >>> outcome_of(Draft(**shown, state="abstained", abstained="needs_a_person: refund"))
    'route'
    >>> outcome_of(Draft(**shown, state="ready", body="You are welcome!"))
    'courtesy'
    """
    if (draft.abstained or "").partition(":")[0] == ROUTE:
        return "route"
    if draft.state == "abstained" or not draft.body:
        return "abstain"
    return "answer" if draft.claims or draft.citations else "courtesy"


def answer_of(draft: Draft, own_ids: Mapping[str, str]) -> TicketAnswer:
    """Return a draft as an answer; `own_ids` has the operator's id of each source by its stored id."""
    cited = [one.source_id for one in draft.citations if one.source_kind != ACCOUNT_FACT]
    sources = dict.fromkeys(own_ids.get(stored, stored) for stored in map(source_of, cited))
    return TicketAnswer(
        outcome_of(draft), draft.state, draft.abstained, draft.body, tuple(sources), written_by(draft.model)
    )


def written_by(model: str) -> str:
    """Return the generator of a draft without the seed, which differs from draft to draft.

    >>> written_by("small by server, prompt 1, seed 77 and composer-2 (timeout)")
    'small by server, prompt 1 and composer-2 (timeout)'
    """
    return _SEED.sub("", model)


def source_of(chunk_id: str) -> str:
    """Return the id of the source of a chunk, or the id of a source unchanged.

    >>> source_of("article:exports#2"), source_of("macro:m1")
    ('article:exports', 'macro:m1')
    """
    source, mark, place = chunk_id.rpartition("#")
    return source if mark and place.isdigit() else chunk_id


def judge_ticket(example: TicketExample, answer: TicketAnswer) -> TicketJudged:
    """Judge the answer to a ticket, ask by ask."""
    return TicketJudged(example, answer, tuple(judge_ask(ask, answer) for ask in example.asks))


def judge_ask(ask: AskExample, answer: TicketAnswer) -> AskJudged:
    """Judge whether a reply fully answers an ask: each `must` has a variant in it, and no `must_not` occurs.

    Capital letters and the number of blanks do not matter, and a number is not a part of a longer one.
    Without a reply nothing is answered.

    >>> ask = AskExample(must=[["7 days", "a week"]], must_not=["14 days"], sources=["exports"])
    >>> reply = TicketAnswer("answer", "ready", None, "Kept for 7  Days.", ("exports",), "composer")
    >>> judge_ask(ask, reply).is_answered
    True
    """
    body = plain(answer.body)
    missing = tuple(group for group in ask.must if not any(_says(body, variant) for variant in group))
    forbidden = tuple(said for said in ask.must_not if _says(body, said))
    right = bool(set(answer.sources) & set(own_forms(ask.sources)))
    return AskJudged(ask, bool(body) and not missing and not forbidden, missing, forbidden, right)


def _says(body: str, said: str) -> bool:
    """Return whether a plain body has these words; "9 days" does not stand in "29 days".

    >>> _says("until 24 december 2026", "December 20"), _says("within 29 days", "9 days")
    (False, False)
    >>> _says("it takes 1.9 days", "9 days"), _says("1,500 users", "500 users"), _says("for 12.50 each", "12")
    (False, False, False)
    >>> _says("within 9 days.", "9 Days"), _says("seats: 12, boards: 3", "12")
    (True, True)
    """
    words = plain(said)
    before = r"(?<!\d)(?<!\d[.,])" if words[:1].isdigit() else ""
    after = r"(?!\d|[.,]\d)" if words[-1:].isdigit() else ""
    return re.search(f"{before}{re.escape(words)}{after}", body) is not None


def own_forms(sources: Iterable[str]) -> list[str]:
    """Return ids of sources in the operator's own form; `article:exports` means the article `exports`.

    >>> own_forms(["article:exports", "m1"])
    ['exports', 'm1']
    """
    kinds = ("article:", "macro:", "solved_ticket:")
    return [next((own.removeprefix(kind) for kind in kinds if own.startswith(kind)), own) for own in sources]


def plain(text: str) -> str:
    r"""Return a text in small letters, with each run of blanks and line ends as one blank.

    >>> plain("Settings  >\nBilling")
    'settings > billing'
    """
    return normalised(text).casefold()


def judge_tickets(examples: Sequence[TicketExample], answers: Sequence[TicketAnswer]) -> list[TicketJudged]:
    """Judge one answer per ticket, in order."""
    return [judge_ticket(*pair) for pair in zip(examples, answers, strict=True)]
