"""The drafter: one ticket or anomaly in, one draft out. The same event gives the same draft id."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Protocol

from pydantic import Field

from responders.drafting.answers import CONTINUED, ask_brief, continued
from responders.drafting.assembly import CheckedReply, check_reply, reply_text
from responders.drafting.facts import facts_of
from responders.drafting.holding import handed_over, held_reply, thanks_for, with_colleague
from responders.drafting.holdout import held_out
from responders.drafting.languages import language_of
from responders.drafting.lessons import reordered
from responders.drafting.material import is_internal, may_be_used, warnings_of_orders
from responders.drafting.message import UNCLEAR_QUESTION, ReadTicket, draft_id_of
from responders.drafting.names import greeting_name
from responders.drafting.nearest import nearest_of
from responders.drafting.outreach import occasion_of
from responders.drafting.outreach_letter import written
from responders.drafting.situation import Situation
from responders.drafting.subject import with_checked_subject
from responders.generation.brief import AskBrief, Brief, Composed, Fact, TextGenerator
from responders.markup.tags import untagged
from responders.policy.links import hosts_of, named_hosts
from responders.retrieval.confidence import Confidence
from responders.retrieval.query import Query
from responders.retrieval.ranking import Passage
from schemas.base import Name, OneLineText, Record, Share
from schemas.churn import ChurnAlert
from schemas.lessons import Lessons
from schemas.tickets import Draft, Ticket
from schemas.usage import Anomaly

SEARCHED_PASSAGES: Final = 30
"""Passages that a search for a private reply returns, best first."""

SEARCHED_PASSAGES_PUBLIC: Final = 100
"""Passages that a search for a public reply returns: more, because only public articles of them are used."""

UNSURE_MARGIN: Final = 0.15
"""A probability less than this above the threshold gives the draft a warning. Chosen by hand."""


class Knowledge(Protocol):
    """The operator's knowledge, as the drafter searches it."""

    def search(self, query: Query, *, limit: int) -> list[Passage]:
        """Return at most `limit` passages for a masked query, best first."""
        ...


class Rules(Record):
    """The operator's choices.

    No draft is written when the probability of an answer by `confidence` is below `threshold`. Links may
    lead to `allowed_hosts` and to the hosts of the public articles that were found. `metric_names` are the
    operator's words for usage kinds, such as {"training.failed": "failed training runs"}. `lessons` are
    those of the desk's decisions on earlier drafts. The drafts of the share `holdout` of tickets are hidden.
    """

    threshold: Share = 0.4
    confidence: Confidence = Confidence()
    allowed_hosts: frozenset[Name] = frozenset()
    signature: OneLineText = "The support team"
    metric_names: dict[str, OneLineText] = Field(default_factory=dict)
    lessons: Lessons = Lessons()
    holdout: Share = 0.0


class Drafter:
    """Writes drafts: retrieve, compose, check; abstains when knowledge, language or policy require it.

    Drafting has two steps, so that the encoder can read the queries of many messages at once: `read` and
    `outreach_query` return texts, `draft` and `outreach` take the queries that `queries_of` makes of them.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        generator: TextGenerator,
        rules: Rules | None = None,
        *,
        lessons: Callable[[], Lessons] | None = None,
    ) -> None:
        """Make a drafter; `lessons` gives those of the moment, and is asked once for each reply."""
        self._knowledge = knowledge
        self._generator = generator
        self._rules = rules or Rules()
        self._lessons = lessons

    def read(self, ticket: Ticket, situation: Situation) -> ReadTicket:
        """Read one customer message; the result has the queries to search for.

        Raises ValueError when the event is not a customer message or the situation is another account's.
        """
        if ticket.kind != "customer_message":
            raise ValueError("only a customer message is answered")
        _refuse_foreign(situation, ticket.account_id)
        return ReadTicket(ticket, situation)

    def draft(self, read: ReadTicket, queries: Sequence[Query], *, now: datetime) -> Draft:
        """Return the draft of a reply to one customer message, or an abstention with its reason.

        `queries` has the query of each ask, in order. `now` is the time of creation; the situation already
        holds only live facts. A ticket of the hold-out gets an abstention instead of a ready draft. Raises
        ValueError if a query is missing.
        """
        return held_out(self._drafted(read, queries, now=now), self._rules.holdout)

    def _drafted(self, read: ReadTicket, queries: Sequence[Query], *, now: datetime) -> Draft:
        empty = read.blank(self._generator.name, now=now)
        if len(queries) != len(read.queries[1:]):
            raise ValueError("each ask needs its query")
        if read.abstention:
            question = UNCLEAR_QUESTION if read.is_unclear else None
            abstained = _abstained(empty, read.abstention, missing=None)
            return self._checked(abstained.model_copy(update={"question": question}))
        if read.takes_over:
            return self._checked(self._held(empty, read, read.takes_over, now=now))
        if read.understood.kind == "thanks":
            brief = self._brief(empty, read)
            body = _held_text(thanks_for(brief), brief)
            return self._checked(empty.model_copy(update={"state": "ready", "body": body, "confidence": 1.0}))
        return self._answered(read, queries, empty, now=now)

    def _taught_rules(self) -> Rules:
        return self._rules.model_copy(update={"lessons": self._lessons()}) if self._lessons else self._rules

    def _checked(self, draft: Draft) -> Draft:
        return with_checked_subject(draft, self._rules.allowed_hosts)

    def _held(self, draft: Draft, read: ReadTicket, route: str, *, now: datetime) -> Draft:
        facts = self._facts(read, now=now)
        owner = next((fact.value for fact in facts if fact.name == "owner"), None)
        brief = self._brief(draft, read)
        body = _held_text(held_reply(brief, route, owner), brief)
        return handed_over(draft, route, facts, body)

    def _facts(self, read: ReadTicket, *, now: datetime) -> tuple[Fact, ...]:
        """Return the facts of the account that a reply may tell; none in public."""
        return () if read.public else facts_of(read.situation, names=self._rules.metric_names, now=now)

    def outreach_query(self, cause: ChurnAlert | Anomaly, *, now: datetime) -> str:
        """Return the query that finds help for the cause of an outreach."""
        return occasion_of(cause, names=self._rules.metric_names, now=now).query

    def outreach(
        self, cause: ChurnAlert | Anomaly, situation: Situation, query: Query, *, now: datetime
    ) -> Draft:
        """Return the draft of a message to an account whose usage or mood changed without a ticket.

        `query` is that of `outreach_query`. Raises ValueError when the situation is another account's.
        """
        _refuse_foreign(situation, cause.account_id)
        names = self._rules.metric_names
        occasion = occasion_of(cause, names=names, now=now)
        page, probability = self._help(query)
        draft = Draft(
            draft_id=draft_id_of(occasion.based_on),
            kind="outreach",
            ticket_id=None,
            account_id=cause.account_id,
            based_on=occasion.based_on,
            channel="email",
            state="abstained",
            subject=occasion.subject,
            confidence=probability,
            model=self._generator.name,
            created_at=now,
        )
        letter = written(draft, occasion, situation, signature=self._rules.signature, page=page)
        return self._checked(letter)

    def _help(self, query: Query) -> tuple[str | None, float]:
        """Return the address of a public article that helps, and the probability that it does."""
        passages = [
            passage
            for passage in self._knowledge.search(query, limit=SEARCHED_PASSAGES)
            if passage.chunk.source_kind == "article" and passage.chunk.public
        ]
        probability = self._rules.confidence.probability(query, passages)
        useful = bool(passages) and probability >= self._rules.threshold
        return (passages[0].chunk.url, probability) if useful else (None, 0.0)

    def _answered(self, read: ReadTicket, queries: Sequence[Query], empty: Draft, *, now: datetime) -> Draft:
        limit = SEARCHED_PASSAGES_PUBLIC if read.public else SEARCHED_PASSAGES
        rules = self._taught_rules()
        found = [
            reordered(self._knowledge.search(query, limit=limit), rules.lessons.bonuses) for query in queries
        ]
        usable = [[passage for passage in passages if _fits(passage, read)] for passages in found]
        asks = _ask_briefs(read, queries, usable, rules)
        everything = [passage for passages in found for passage in passages]
        empty = _warned(empty, everything)
        answered = [ask.probability for ask in asks if ask.passages]
        confidence = min(answered, default=max((ask.probability for ask in asks), default=0.0))
        draft = empty.model_copy(update={"confidence": confidence, "confidence_offset": rules.lessons.offset})
        if not answered:
            draft = draft.model_copy(update={"nearest": nearest_of(*found)})
            return self._unanswered(draft, read, queries[0], everything, now=now)
        facts = read.with_spoken(self._facts(read, now=now))
        brief = self._brief(draft, read).model_copy(update={"asks": asks, "facts": facts})
        finished = self._finished(draft, brief, everything)
        if read.beside is not None and finished.state == "abstained":
            return self._checked(self._held(draft, read, read.beside, now=now))
        return finished

    def _brief(self, draft: Draft, read: ReadTicket) -> Brief:
        """Return the brief of a reply without asks and facts."""
        return Brief(
            public=read.public,
            tone=read.tone,
            language=read.language,
            channel=read.ticket.channel,
            greeting_name=None if read.public else greeting_name(read.ticket.requester_name),
            plans=read.situation.plans,
            signature=self._rules.signature,
            variant=int(draft.draft_id[:4], 16),
            beside=read.beside,
            account_id=read.ticket.account_id,
            ticket_id=read.ticket.ticket_id,
        )

    def _unanswered(
        self, draft: Draft, read: ReadTicket, query: Query, found: Sequence[Passage], *, now: datetime
    ) -> Draft:
        """Return the draft of a message that the knowledge does not answer, held for a person if it must."""
        route = read.route_without_answer
        if route is not None:
            return self._checked(self._held(draft, read, route, now=now))
        if read.is_foreign:
            return self._checked(_abstained(draft, "unsupported_language", missing=None))
        missing = self._missing_source(read, query, found)
        return with_checked_subject(_abstained(draft, "no_source", missing=missing), self._hosts(found))

    def _missing_source(self, read: ReadTicket, query: Query, found: Sequence[Passage]) -> str:
        """Return the sentence that names the missing source, and an internal article that may help."""
        sources = "public article" if read.public else "article or macro"
        missing = f"No {sources} covers: {read.about}"
        internal = [passage for passage in found if is_internal(passage)]
        if internal and self._rules.confidence.probability(query, internal) >= self._rules.threshold:
            return f"{missing}. An internal article may help: {internal[0].chunk.title}"
        return missing

    def _finished(self, draft: Draft, brief: Brief, passages: Sequence[Passage]) -> Draft:
        composed = with_colleague(self._generator.compose(brief), brief)
        draft = draft.model_copy(update={"model": composed.model or draft.model})
        hosts = self._hosts(passages)
        draft = with_checked_subject(draft, hosts)
        result = check_reply(composed, brief, allowed_hosts=hosts)
        if not result.says_something:
            missing = result.first_blocked or "No sentence of the best source may be sent to a customer"
            return _abstained(draft, "nothing_supported", missing=missing if draft.kind == "reply" else None)
        unsure = draft.confidence < self._rules.threshold + UNSURE_MARGIN and draft.kind == "reply"
        return _ready(draft, result, brief, unsure=unsure)

    def _hosts(self, passages: Sequence[Passage]) -> frozenset[str]:
        """Return the hosts that links may lead to.

        They are the allowed ones, those of the public articles that were found, and those that these articles
        and the macros name themselves.
        """
        own = [passage.chunk for passage in passages if may_be_used(passage, public=False)]
        written = [chunk for chunk in own if chunk.source_kind != "solved_ticket"]
        named = frozenset[str]().union(*(named_hosts(chunk.body) for chunk in written))
        return self._rules.allowed_hosts | hosts_of(chunk.url for chunk in written) | named


def _ask_briefs(
    read: ReadTicket, queries: Sequence[Query], found: Sequence[Sequence[Passage]], rules: Rules
) -> tuple[AskBrief, ...]:
    """Return the asks of a message with their passages; one that is near what answers another is answered."""

    def briefs(by: Rules) -> tuple[AskBrief, ...]:
        asked = zip(read.asks, queries, found, strict=True)
        return tuple(ask_brief(*one, by, is_sayable=not read.suspicions) for one in asked)

    first = briefs(rules)
    if all(ask.passages for ask in first) or not any(ask.passages for ask in first):
        return first
    return continued(first, briefs(rules.model_copy(update={"threshold": rules.threshold * CONTINUED})))


def _held_text(composed: Composed, brief: Brief) -> str:
    return reply_text(check_reply(composed, brief, allowed_hosts=frozenset()).parts)


def _fits(passage: Passage, read: ReadTicket) -> bool:
    """Tell whether a reply may be written from a passage; its language must be the customer's."""
    if not may_be_used(passage, public=read.public):
        return False
    return not read.is_foreign or language_of(passage.chunk.body) == read.language


def _warned(draft: Draft, found: Sequence[Passage]) -> Draft:
    """Return the draft with a warning about each found source that gives orders to a text generator."""
    orders = [
        warning
        for passage in found
        for warning in warnings_of_orders(passage.chunk.title, passage.chunk.body)
    ]
    return draft.model_copy(update={"warnings": (*draft.warnings, *dict.fromkeys(orders))})


def _abstained(draft: Draft, reason: str, *, missing: str | None) -> Draft:
    return draft.model_copy(
        update={"state": "abstained", "abstained": reason, "missing": missing and untagged(missing)[:1_000]}
    )


def _ready(draft: Draft, result: CheckedReply, brief: Brief, *, unsure: bool) -> Draft:
    warnings = [*draft.warnings, *result.warnings]
    if unsure:
        warnings.append("The source fits only moderately: check that it answers the question.")
    used: dict[str, Fact] = {fact.source_id: fact for fact in brief.facts}
    return draft.model_copy(
        update={
            "state": "ready",
            "body": reply_text(result.parts),
            "claims": result.claims,
            "citations": result.citations,
            "facts": result.facts(used),
            "question": result.question,
            "warnings": tuple(warnings),
        }
    )


def _refuse_foreign(situation: Situation, account_id: str) -> None:
    owners = {
        *([situation.account.account_id] if situation.account else []),
        *(anomaly.account_id for anomaly in situation.anomalies),
        *(event.account_id for event in situation.thread),
    }
    if owners - {account_id}:
        raise ValueError("the situation is another account's")
