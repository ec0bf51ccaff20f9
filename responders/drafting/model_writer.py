"""A text generator that asks a language model, checks every sentence, and falls back to the composer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from responders.drafting.assembly import JudgedPart, judge_parts
from responders.generation.answering import AskAnswer
from responders.generation.brief import Brief, Composed, ReplyPart
from responders.generation.composer import Composer, answers_of, framed
from responders.generation.models.chat import ChatModel, ModelFailureError
from responders.generation.models.outcomes import Fallback
from responders.generation.models.prompt import PROMPT_VERSION, FailedSentence, PromptLimits, prompt_of
from responders.generation.models.reading import read_answers
from responders.generation.models.sheet import Sheet, sheet_of
from responders.generation.phrases import phrases_of
from responders.generation.verdicts import verdict_of
from responders.policy.links import hosts_of, named_hosts
from responders.privacy.pseudonyms import Pseudonyms, without_placeholders

PERSONAL_FACTS: Final = frozenset({"owner", "success_manager"})
"""Facts whose values are names of people; a model never sees the names."""

MIN_REWRITE_SECONDS: Final = 1.0
"""Seconds that must be left for a second question to the model. Chosen by hand."""


class WriterObserver(Protocol):
    """What an operator wants to count about the answers of a model."""

    def sentences(self, passed: int, refused: int) -> None:
        """Count the sentences of one answer of the model by the result of their check."""
        ...

    def answers(self, written: int, fallbacks: Sequence[Fallback]) -> None:
        """Count the asks of one draft: those that the model answered, and why the others fell back."""
        ...


@dataclass(frozen=True, slots=True)
class WriterLimits:
    """The time for one draft in seconds, both questions to the model together, and tokens of an answer."""

    seconds: float
    max_tokens: int


@dataclass(frozen=True, slots=True)
class _JudgedAnswers:
    """The sentences for some asks, by place: those without a reason against any, and the refused ones.

    `kept` are the good sentences of answers with a refused one that can do without it.
    """

    accepted: Mapping[int, tuple[ReplyPart, ...]]
    refused: tuple[FailedSentence, ...]
    kept: Mapping[int, tuple[ReplyPart, ...]]


class ModelGenerator:
    """Writes the answers to asks by a model; everything around them is the composer's.

    Each sentence of the model goes through the check of drafts. If one sentence for an ask is refused, the
    model is asked once more for that ask. If one is refused again, the good sentences stay if they are at
    least half of an answer and no item of a list is missing; else the composer answers. An outreach is the
    composer's. `clock` returns seconds that only grow.
    """

    def __init__(
        self,
        model: ChatModel,
        composer: Composer,
        limits: WriterLimits,
        *,
        observer: WriterObserver,
        clock: Callable[[], float],
    ) -> None:
        self._model = model
        self._composer = composer
        self._limits = limits
        self._observer = observer
        self._clock = clock

    @property
    def name(self) -> str:
        """Return the name of the model and of the prompt."""
        return f"{self._model.name[:200]}, prompt {PROMPT_VERSION}"

    def compose(self, brief: Brief) -> Composed:
        """Return the reply; `model` names the model with its seed, or the composer with the reason.

        The same brief gives the same reply as far as the model keeps its promise about seeds.
        """
        if brief.outreach or not any(ask.passages for ask in brief.asks):
            return self._composer.compose(brief)
        written, fallbacks = self._written(brief)
        self._observer.answers(len(written), fallbacks)
        answers = [
            _with_verdict(brief, place, written[place]) if place in written else answer
            for place, answer in enumerate(answers_of(brief))
        ]
        author = self._author(brief, len(written), fallbacks)
        return framed(brief, answers).model_copy(update={"model": author})

    def _author(self, brief: Brief, written: int, fallbacks: Sequence[Fallback]) -> str:
        if not written:
            return f"{self._composer.name} (instead of {self.name}: {fallbacks[0]})"
        both = f" and {self._composer.name} ({', '.join(dict.fromkeys(fallbacks))})" if fallbacks else ""
        return f"{self.name}, seed {brief.variant}{both}"[:300]

    def _written(self, brief: Brief) -> tuple[dict[int, tuple[ReplyPart, ...]], list[Fallback]]:
        """Return the accepted answers of the model by place, and why the others are not the model's."""
        deadline = self._clock() + self._limits.seconds
        names = [fact.value for fact in brief.facts if fact.name in PERSONAL_FACTS]
        pseudonyms = Pseudonyms([part for name in names for part in (name, *name.split())])
        sheet = sheet_of(brief, lambda text: pseudonyms.mask(without_placeholders(text)))
        asking = _Asking(brief, sheet, pseudonyms, deadline)
        places = [ask.place for ask in sheet.asks]
        try:
            first = self._asked(asking, ())
        except ModelFailureError as error:
            return {}, [error.reason] * len(places)
        written = dict(first.accepted)
        failed = frozenset(sentence.place for sentence in first.refused)
        if failed and deadline - self._clock() >= MIN_REWRITE_SECONDS:
            written |= self._rewritten(asking, failed, first.refused)
        written = {**first.kept, **written}
        missing = [place for place in places if place not in written]
        return written, ["unsupported" if place in failed else "no_answer" for place in missing]

    def _rewritten(
        self, asking: "_Asking", failed: frozenset[int], refused: Sequence[FailedSentence]
    ) -> Mapping[int, tuple[ReplyPart, ...]]:
        """Return the second answers to the asks with refused sentences; none if the model fails."""
        try:
            second = self._asked(asking.only(failed), refused)
        except ModelFailureError:
            return {}
        return {**second.kept, **second.accepted}

    def _asked(self, asking: "_Asking", refused: Sequence[FailedSentence]) -> _JudgedAnswers:
        """Ask the model once and check what it wrote. Raises ModelFailureError."""
        seconds = asking.deadline - self._clock()
        if seconds <= 0:
            raise ModelFailureError("timeout")
        brief = asking.brief
        limits = PromptLimits(self._limits.max_tokens, brief.variant, brief.account_id)
        reply = self._model.reply(prompt_of(asking.sheet, limits, refused), seconds=seconds)
        judged = _judged(asking, read_answers(reply.text, asking.sheet))
        passed = sum(len(parts) for parts in judged.accepted.values())
        self._observer.sentences(passed, len(judged.refused))
        return judged


@dataclass(frozen=True, slots=True)
class _Asking:
    """What one draft asks the model: the brief, its sheet, the pseudonyms in it, and the last moment."""

    brief: Brief
    sheet: Sheet
    pseudonyms: Pseudonyms
    deadline: float

    def only(self, places: frozenset[int]) -> "_Asking":
        """Return the same for the asks at `places` alone."""
        return _Asking(self.brief, self.sheet.only(places), self.pseudonyms, self.deadline)


def _judged(asking: _Asking, answers: Mapping[int, tuple[ReplyPart, ...]]) -> _JudgedAnswers:
    hosts, mask = _hosts(asking.brief), asking.pseudonyms.mask
    accepted: dict[int, tuple[ReplyPart, ...]] = {}
    kept: dict[int, tuple[ReplyPart, ...]] = {}
    refused: list[FailedSentence] = []
    for place, parts in answers.items():
        restored = [
            part.model_copy(update={"text": asking.pseudonyms.restore(part.text), "ask": place})
            for part in parts
        ]
        judged = judge_parts(restored, asking.brief, allowed_hosts=hosts)
        against = [
            FailedSentence(place, mask(part.text), tuple(map(mask, reasons)))
            for part, reasons, blocked in judged
            if blocked
        ]
        refused += against
        if judged and not against:
            accepted[place] = tuple(part for part, _, _ in judged)
        elif _can_do_without(judged):
            kept[place] = tuple(part for part, _, blocked in judged if not blocked)
    return _JudgedAnswers(accepted, tuple(refused), kept)


def _can_do_without(judged: Sequence[JudgedPart]) -> bool:
    """Tell whether an answer stands without its refused sentences.

    Half of it is good, and what is refused is no item of a list and announces none.
    """
    refused = [part for part, _, blocked in judged if blocked]
    needed = [part for part in refused if part.layout != "sentence" or part.text.rstrip().endswith(":")]
    return 0 < 2 * len(refused) <= len(judged) and not needed


def _with_verdict(brief: Brief, place: int, parts: tuple[ReplyPart, ...]) -> AskAnswer:
    """Return accepted sentences as an answer, after a yes or no if the first one decides the ask for sure."""
    first, phrases = parts[0], phrases_of(brief.language)
    verdict = verdict_of(brief.asks[place].text, first.text) if first.layout == "sentence" else None
    if verdict is None:
        return AskAnswer(parts=parts)
    said = phrases.yes if verdict == "yes" else phrases.no
    return AskAnswer(parts=(ReplyPart(kind="verdict", text=said, source_ids=first.source_ids), *parts))


def _hosts(brief: Brief) -> frozenset[str]:
    """Return the hosts of the passages, and those that they name."""
    passages = list(brief.passages.values())
    named = frozenset[str]().union(*(named_hosts(passage.body) for passage in passages))
    return hosts_of(passage.url for passage in passages) | named
