"""Checking a composed reply part by part, and joining the parts that pass into a text with citations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, takewhile
from typing import Final

from responders.drafting.told_sources import Quoted, foreign_plan, quotes_of
from responders.generation.answering import MAX_BLOCKS
from responders.generation.brief import Brief, Composed, Fact, Material, PartLayout, ReplyPart
from responders.generation.headings import heading_words
from responders.generation.phrases import VERDICTS
from responders.markup.tags import untagged
from responders.policy.claims.checking import ClaimCheck, check_claim
from responders.policy.claims.risks import unsourced_risks
from responders.policy.injections import gives_orders
from responders.policy.links import bad_links
from responders.policy.staff_notes import is_for_staff
from responders.privacy.pseudonyms import has_placeholder
from schemas.base import Record
from schemas.tickets import Citation, Claim, SituationFact

JudgedPart = tuple[ReplyPart, list[str], bool]
"""A part, the reasons against it, and whether they block it."""

_LEFT_OUT: Final = "Left out,"
"""The beginning of a warning about a blocked sentence."""


class CheckedReply(Record):
    """The parts that pass, all claims (blocked ones are marked), and the citations of the parts that pass."""

    parts: tuple[ReplyPart, ...]
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    warnings: tuple[str, ...]
    question: str | None

    @property
    def says_something(self) -> bool:
        """Tell whether a step or a fact is left."""
        return any(part.kind in {"step", "fact"} for part in self.parts)

    @property
    def first_blocked(self) -> str | None:
        """Return the first warning about a blocked sentence, or None."""
        return next((warning for warning in self.warnings if warning.startswith(_LEFT_OUT)), None)

    def facts(self, known: Mapping[str, Fact]) -> tuple[SituationFact, ...]:
        """Return the account facts among the cited sources."""
        cited = [known[citation.source_id] for citation in self.citations if citation.source_id in known]
        return tuple(
            SituationFact(
                name=fact.name,
                value=fact.value,
                origin=fact.source_id.partition(":")[0],
                observed_at=fact.observed_at,
            )
            for fact in cited
        )


def check_reply(composed: Composed, brief: Brief, *, allowed_hosts: frozenset[str]) -> CheckedReply:
    """Check every part: claims against their sources, other parts for statements without one, all for links.

    A part that only says a few harmless words more than its source stays, as a claim without support.
    Tags of HTML are taken out of every part first, because a reply is plain text.
    """
    judged = judge_parts(composed.parts, brief, allowed_hosts=allowed_hosts)
    kept, passed = _tidied(judged), sum(not blocked for _, _, blocked in judged)
    while len(kept) < passed:
        again = judge_parts(kept, brief, allowed_hosts=allowed_hosts)
        kept, passed = _tidied(again), len(kept)
    claims = [
        Claim(text=part.text, source_ids=part.source_ids, supported=part in kept and not reasons)
        for part, reasons, blocked in judged
        if part.source_ids and (blocked or part in kept)
    ]
    warnings = [
        _warning("Left out" if blocked else "Check", part, reasons)
        for part, reasons, blocked in judged
        if reasons
    ]
    cited = list(dict.fromkeys(source for part in kept for source in part.source_ids))
    asked = (
        untagged(composed.question or "") or None if any(part.kind == "question" for part in kept) else None
    )
    return CheckedReply(
        parts=tuple(kept),
        claims=tuple(claims),
        citations=tuple(_citation(source, brief, kept) for source in cited),
        warnings=tuple(warnings),
        question=asked,
    )


def judge_parts(
    parts: Sequence[ReplyPart], brief: Brief, *, allowed_hosts: frozenset[str]
) -> list[JudgedPart]:
    """Return each part without tags, the reasons against it, and whether they block it. Empty parts go.

    Only what is kept counts as said before a part; what stands below a blocked heading is blocked too.
    """
    quotes = quotes_of(brief)
    written = [part.model_copy(update={"text": untagged(part.text)}) for part in parts]
    told = brief.passages.values()
    titles = frozenset(text for one in told for text in (one.title, heading_words(one.heading)))
    known = _Known(quotes, titles, allowed_hosts, brief)
    judged: list[JudgedPart] = []
    for part in (one for one in written if one.text):
        reasons, blocked = _judged(part, known, _before(part, judged))
        above = _blocked_above(part, judged)
        judged.append((part, [*reasons, *above], blocked or bool(above)))
    return judged


def _blocked_above(part: ReplyPart, judged: Sequence[JudgedPart]) -> list[str]:
    """Return a reason against a part whose heading, or the sentence that announces it, is blocked."""
    if part.kind != "step":
        return []
    before = [one for one, _, _ in judged]
    heads = [one for one, _, blocked in judged if blocked and _announces(one) and one.kind != "verdict"]
    is_below = any(_is_announced(part, head, before) for head in heads)
    return ["heading: the words before it are left out"] if is_below else []


def _is_announced(part: ReplyPart, head: ReplyPart, before: Sequence[ReplyPart]) -> bool:
    """Tell whether a part stands below a heading: in its section, or in the list that a step announces."""
    if head.ask != part.ask:
        return False
    if head.kind == "acknowledgement":
        return head.paragraph // MAX_BLOCKS == part.paragraph // MAX_BLOCKS
    place = next(place for place, one in enumerate(before) if one is head)
    return part.layout != "sentence" and all(one.layout != "sentence" for one in before[place + 1 :])


def _warning(verdict: str, part: ReplyPart, reasons: Sequence[str]) -> str:
    """Return the reasons for leaving out or marking a sentence and its text, in at most 1,000 characters."""
    return f"{verdict}, {'; '.join(reasons)[:700]}: “{part.text[:200]}”"


def _without_titles(text: str, titles: frozenset[str]) -> str:
    """Return a text without the titles of passages, which may hold numbers and dates."""
    for title in sorted(titles, key=len, reverse=True):
        text = text.replace(title, "")
    return text


@lru_cache(maxsize=20_000)
def _gives_orders(text: str) -> bool:
    """Tell whether a sentence gives orders; the sentences of a knowledge base come again and again."""
    return gives_orders(text)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the parts of a reply are compared with: sources, titles, hosts of links, and what was asked."""

    quotes: Mapping[str, Quoted]
    titles: frozenset[str]
    hosts: frozenset[str]
    brief: Brief

    def asked(self, part: ReplyPart) -> str:
        """Return the customer's words that a part answers."""
        asks = self.brief.asks
        if part.ask is None or part.ask >= len(asks):
            return ""
        return f"{asks[part.ask].context} {asks[part.ask].text}"


def _compared(part: ReplyPart, known: _Known, before: str) -> ClaimCheck:
    """Return the check of a claim; a sentence in the own words of its source needs none."""
    if (plan := foreign_plan(part.text, known.brief)) is not None:
        reason = f"plan: {plan} is not the plan of this account"
        return ClaimCheck(supported=False, support=0.0, reasons=(reason,), severity="blocked")
    cited = [known.quotes[source] for source in part.source_ids]
    if any(quoted.has_words(part.text) for quoted in cited):
        return ClaimCheck(supported=True, support=1.0)
    return check_claim(part.text, [quoted.text for quoted in cited], asked=known.asked(part), before=before)


def _before(part: ReplyPart, judged: Sequence[JudgedPart]) -> str:
    """Return the sentences that are kept before a part and answer the same ask."""
    kept = [one for one, _, blocked in judged if not blocked]
    return " ".join(one.text for one in kept if one.ask == part.ask and one.kind == "step")


def _judged(part: ReplyPart, known: _Known, before: str) -> tuple[list[str], bool]:
    """Return the reasons against a part, and whether they block it."""
    links = [f"link: {link}" for link in bad_links(part.text, allowed_hosts=known.hosts)]
    orders = ["order: it speaks to a text generator"] if _gives_orders(part.text) else []
    orders += ["staff: it is not for customers"] if is_for_staff(part.text) else []
    if has_placeholder(part.text):
        return ["privacy: it contained a personal value"], True
    if part.kind == "link":
        return links + orders, bool(links + orders)
    unknown = [source for source in part.source_ids if source not in known.quotes]
    if unknown:
        return [*links, *orders, *(f"source: {source} was not given" for source in unknown)], True
    found: tuple[str, ...] = ()
    grave = True
    if part.kind == "verdict":
        found = () if part.text in VERDICTS else ("source: only yes or no needs none",)
    elif part.kind == "acknowledgement":
        found = unsourced_risks(_without_titles(part.text, known.titles))
    elif part.source_ids:
        check = _compared(part, known, before)
        found, grave = check.reasons, check.severity == "blocked"
    elif part.kind in {"step", "fact"}:
        found = ("source: none is cited",)
    else:
        found = unsourced_risks(part.text)
    return [*links, *orders, *found], bool(links or orders or (found and grave))


def _tidied(judged: Sequence[JudgedPart]) -> list[ReplyPart]:
    """Return the parts that pass, without a yes or no, or a heading, if what it stands for is not left."""
    kept: list[ReplyPart] = []
    for place in reversed(range(len(judged))):
        part, _, blocked = judged[place]
        following = [one for one, _, _ in judged[place + 1 :]]
        if not blocked and (not _announces(part) or _is_followed(part, following, kept)):
            kept.insert(0, part)
    return kept


def _is_followed(part: ReplyPart, following: Sequence[ReplyPart], kept: Sequence[ReplyPart]) -> bool:
    """Tell whether what a part announces is `kept`: a yes its sentence, other words an item or a section."""
    after = next(iter(following), None)
    if after is None or after.ask != part.ask:
        return False
    if part.kind == "acknowledgement":
        return any(one.kind == "step" and _is_announced(one, part, ()) for one in kept)
    if part.kind == "verdict" or after.layout == "sentence":
        told = [after] if after.kind == "step" else []
    else:
        told = [*takewhile(lambda one: one.layout != "sentence" and one.ask == part.ask, following)]
    cited = set(part.source_ids)
    return any(one is item and cited & set(item.source_ids) for one in kept for item in told)


def _announces(part: ReplyPart) -> bool:
    return part.kind == "verdict" or (part.kind in {"step", "acknowledgement"} and part.text.endswith(":"))


def _citation(source_id: str, brief: Brief, kept: Sequence[ReplyPart]) -> Citation:
    material = brief.passages.get(source_id)
    if material is not None:
        return _material_citation(material, kept)
    fact = next(fact for fact in brief.facts if fact.source_id == source_id)
    return Citation(
        source_id=source_id,
        source_kind="account_fact",
        title=fact.name.replace("_", " "),
        quote=fact.quote,
        updated_at=fact.observed_at,
    )


def _material_citation(material: Material, kept: Sequence[ReplyPart]) -> Citation:
    used = [part.text for part in kept if material.source_id in part.source_ids and part.kind == "step"]
    whole = material.source_kind != "solved_ticket"
    heading = f"{material.title}: {material.heading}" if material.source_kind == "article" else material.title
    return Citation(
        source_id=material.source_id,
        source_kind=material.source_kind,
        title=heading[:300].rstrip(": ") or "Untitled",
        quote=material.body if whole else "\n".join(used),
        url=material.url,
        updated_at=material.updated_at,
        public=material.public,
    )


def reply_text(parts: Sequence[ReplyPart]) -> str:
    r"""Return the text of a reply: a blank line between paragraphs, steps numbered, other items with a dash.

    Bullets below a numbered step belong to it: they are indented, and the numbers continue after them.

    >>> step = ReplyPart(kind="step", text="Save.", layout="item", paragraph=1)
    >>> reply_text([ReplyPart(kind="greeting", text="Hello,"), step])
    'Hello,\n\n1. Save.'
    >>> reply_text([step, step.model_copy(update={"text": "As CSV.", "layout": "bullet"}), step])
    '1. Save.\n   - As CSV.\n2. Save.'
    """
    paragraphs = groupby(parts, key=lambda part: part.paragraph)
    return "\n\n".join(_paragraph(list(group)) for _, group in paragraphs)


def _paragraph(parts: Sequence[ReplyPart]) -> str:
    runs = [(layout, list(group)) for layout, group in groupby(parts, key=lambda part: part.layout)]
    within_steps = next((layout for layout, _ in runs if layout != "sentence"), None) == "item"
    text, steps = "", 0
    for layout, group in runs:
        lists = steps > 0 and within_steps and layout != "sentence"
        text += ("\n" if lists else "\n\n" if text else "") + _laid_out(
            layout, [part.text for part in group], first=steps + 1, inset="   " if lists else ""
        )
        steps += len(group) if layout == "item" and within_steps else 0
    return text


def _laid_out(layout: PartLayout, texts: Sequence[str], *, first: int, inset: str) -> str:
    if layout == "sentence":
        return " ".join(texts)
    if layout == "item":
        return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, first))
    return "\n".join(f"{inset}- {text}" for text in texts)
