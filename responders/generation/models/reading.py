"""Reading a model's answer: JSON into sentences per ask, each with the sources that were really given."""

import re
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from responders.generation.brief import Fact, ReplyPart
from responders.generation.models.chat import ModelFailureError
from responders.generation.models.sheet import Sheet, ShownSource
from responders.words import content_stems, sentences

MAX_ANSWER_CHARS: Final = 40_000
"""Characters of an answer that is read; a longer one is malformed."""

MAX_SENTENCES: Final = 24
"""Sentences of the answer to one ask; more are malformed. Chosen by hand."""

_THOUGHT: Final = re.compile(r"<think>.*?</think>", re.DOTALL)
_YES_OR_NO: Final = re.compile(r"^(?:yes|no|ja|nein|sí|si)\s*[,.:;!–—-]+\s*", re.IGNORECASE)
_MARKS: Final = re.compile(r"\*\*|`")


class _Lenient(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class WrittenSentence(_Lenient):
    """A sentence as the model wrote it, with the short ids that it names."""

    text: str = Field(max_length=2_000)
    sources: tuple[str, ...] = Field(default=(), max_length=20)
    step: bool = False


class WrittenAnswer(_Lenient):
    """The sentences for the ask with this number, from 1."""

    ask: int
    sentences: tuple[WrittenSentence, ...] = Field(max_length=MAX_SENTENCES)


class WrittenAnswers(_Lenient):
    """The whole answer of a model."""

    answers: tuple[WrittenAnswer, ...] = Field(max_length=100)


def read_answers(text: str, sheet: Sheet) -> dict[int, tuple[ReplyPart, ...]]:
    """Return the sentences for each ask, by the ask's place in the brief; an ask without any is left out.

    A short id that was not given stays as it is, so that the check of sources refuses the sentence. A "Yes,"
    before a sentence is taken off: nothing shows that it is right. Raises ModelFailureError, `malformed`, for
    anything but the JSON that was asked for.
    """
    places = {number: ask.place for number, ask in enumerate(sheet.asks, 1)}
    found: dict[int, tuple[ReplyPart, ...]] = {}
    for answer in _parsed(text).answers:
        if answer.ask not in places or places[answer.ask] in found:
            raise ModelFailureError("malformed")
        parts = tuple(part for sentence in answer.sentences for part in _parts(sentence, sheet.given))
        if parts:
            found[places[answer.ask]] = parts
    return found


def _parsed(text: str) -> WrittenAnswers:
    """Return the JSON object of a text; words around it, as some models write them, are left out."""
    said = _THOUGHT.sub("", text[:MAX_ANSWER_CHARS])
    start, end = said.find("{"), said.rfind("}")
    try:
        return WrittenAnswers.model_validate_json(said[start : end + 1])
    except ValidationError as error:
        raise ModelFailureError("malformed") from error


def _parts(written: WrittenSentence, given: dict[str, ShownSource]) -> list[ReplyPart]:
    """Return the single sentences of an entry, each with the real ids of its sources."""
    plain = _MARKS.sub("", " ".join(written.text.split()))
    told = [_without_yes_or_no(sentence) for sentence in sentences(plain)]
    return [
        ReplyPart(
            kind="step",
            text=sentence,
            source_ids=_source_ids(sentence, written.sources, given),
            layout="item" if written.step else "sentence",
        )
        for sentence in told
        if content_stems(sentence)
    ]


def _without_yes_or_no(sentence: str) -> str:
    rest = _YES_OR_NO.sub("", sentence)
    return rest if rest == sentence else f"{rest[:1].upper()}{rest[1:]}"


def _source_ids(sentence: str, short: tuple[str, ...], given: dict[str, ShownSource]) -> tuple[str, ...]:
    """Return the real ids of sources, with those of the facts that fill slots in the sentence."""
    named = [given[one].source_id if one in given else f"unknown {one}"[:200] for one in short]
    filled = [fact for one in short if one in given for fact in given[one].filled]
    return tuple(dict.fromkeys([*named, *(fact.source_id for fact in filled if _tells(sentence, fact))]))


def _tells(sentence: str, fact: Fact) -> bool:
    return fact.value.casefold() in sentence.casefold()
