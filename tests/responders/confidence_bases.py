"""The knowledge bases on which the confidence of retrieval is fitted, and their questions.

Four help centres (the sample company, and the three for tuning in `tests/evaluation`), and two collections of
customers' questions by kind (banking77, clinc150), of which each kind becomes a macro from three of its
questions.
"""

import csv
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from responders.chunks.chunk import KnowledgeSource, source_id_of
from responders.drafting import ReadTicket, Situation
from schemas.knowledge import KnowledgeArticle, Macro
from streams.demo.company import company
from streams.demo.tickets import planned_tickets

NOW = datetime(2026, 3, 16, tzinfo=UTC)
EVALUATION = Path(__file__).parents[1] / "evaluation"
TUNING = ("fernwerk", "halyard", "tidewell")
SEED = 7
Scope = Literal["inside", "near", "foreign"]


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question, the ids of the sources that answer it, and its scope: answered, near, or foreign."""

    text: str
    answers: frozenset[str]
    scope: Scope


@dataclass(frozen=True, slots=True)
class AskedBase:
    """The quotable sources of a desk and the questions that it is asked."""

    name: str
    sources: tuple[KnowledgeSource, ...]
    questions: tuple[AskedQuestion, ...]


def bases(data: Path) -> list[AskedBase]:
    """Return the six bases; `data` holds banking77/ and clinc150/."""
    clinc: dict[str, list[list[str]]] = json.loads((data / "clinc150" / "data_full.json").read_text())
    strangers = [text for text, _ in (*clinc["oos_test"], *clinc["oos_val"])]
    bank = [_bank(data / "banking77" / f"{part}.csv") for part in ("train", "test")]
    foreign = [AskedQuestion(text, frozenset(), "foreign") for text in strangers[:120]]
    foreign += [AskedQuestion(text, frozenset(), "foreign") for text, _ in bank[1][::50]]
    return [
        *(_with(help_centre(name), foreign) for name in TUNING),
        _with(sample_company(), foreign),
        by_kind("banking77", bank[0], bank[1], [*strangers[120:370]]),
        by_kind("clinc150", clinc["train"], clinc["test"], strangers[370:620]),
    ]


def help_centre(name: str) -> AskedBase:
    """Return a help centre of `tests/evaluation`, asked the asks of its tickets."""
    folder = EVALUATION / name
    articles = [KnowledgeArticle.model_validate(row) for row in _lines(folder / "articles.jsonl")]
    macros = [Macro.model_validate(row) for row in _lines(folder / "macros.jsonl")]
    sources: list[KnowledgeSource] = [*(one for one in articles if one.public), *macros]
    ids = {source_id_of(source).partition(":")[2]: source_id_of(source) for source in sources}
    asks = [ask for row in _lines(folder / "tickets.jsonl") for ask in row["asks"]]
    questions = [
        AskedQuestion(ask["question"], found, "inside" if found else "near")
        for ask in asks
        for found in [frozenset(ids[name] for name in ask["sources"] if name in ids and ask["must"])]
        if found or not ask["sources"]
    ]
    return AskedBase(name, tuple(sources), tuple(questions))


def sample_company() -> AskedBase:
    """Return the help centre of the sample company, asked whole messages."""
    sample = company(SEED, end=NOW)
    sources: list[KnowledgeSource] = [*(one for one in sample.articles if one.public), *sample.macros]
    ids = {source_id_of(source).partition(":")[2]: source_id_of(source) for source in sources}
    questions = []
    for planned in planned_tickets(sample, SEED):
        read = ReadTicket(planned.events[0], Situation())
        if planned.why == "language" or read.abstention or not read.query:
            continue
        found = frozenset(ids[name] for name in [planned.source_id] if name in ids)
        questions.append(AskedQuestion(read.query, found, "inside" if found else "near"))
    return AskedBase("sample company", tuple(sources), tuple(questions))


def by_kind(
    name: str, told: Sequence[Sequence[str]], asked: Sequence[Sequence[str]], strangers: Sequence[str]
) -> AskedBase:
    """Return a base of (question, kind) pairs: five of six kinds become macros, the others stay unknown."""
    draw, kinds = random.Random(SEED), sorted({kind for _, kind in told})
    unknown = set(draw.sample(kinds, len(kinds) // 6))
    macros = [_macro(kind, draw.sample([t for t, own in told if own == kind], 3)) for kind in kinds]
    known = [macro for macro in macros if macro.macro_id not in unknown]
    ids = {macro.macro_id: source_id_of(macro) for macro in known}
    questions = [
        AskedQuestion(
            text, frozenset([ids[kind]] if kind in ids else []), "inside" if kind in ids else "near"
        )
        for text, kind in draw.sample(list(asked), 600)
    ]
    foreign = [AskedQuestion(text, frozenset(), "foreign") for text in strangers]
    return AskedBase(name, tuple(known), (*questions, *foreign))


def _macro(kind: str, texts: Sequence[str]) -> Macro:
    title = kind.replace("_", " ").capitalize()
    return Macro(macro_id=kind, title=title, question=texts[0], body=" ".join(texts[1:]), updated_at=NOW)


def _with(base: AskedBase, more: Sequence[AskedQuestion]) -> AskedBase:
    return AskedBase(base.name, base.sources, (*base.questions, *more))


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_bytes().splitlines()]


def _bank(file: Path) -> list[tuple[str, str]]:
    with file.open(newline="") as lines:
        return [(row["text"], row["category"]) for row in csv.DictReader(lines)]
