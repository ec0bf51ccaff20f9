"""A language model whose answers a test writes, and a brief that it may answer."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from responders.drafting.model_writer import ModelGenerator, WriterLimits
from responders.generation import AskBrief, Brief, Composer, Fact, Material
from responders.generation.models.chat import ChatPrompt, ChatReply, ModelFailureError
from responders.generation.models.outcomes import Fallback, ShadowOutcome

EXPORT = Material(
    source_id="article:exports#1",
    source_kind="article",
    title="Export jobs",
    heading="Who can export",
    body="Exports are kept for 30 days. Only administrators can export jobs as CSV.",
    url="https://help.example.com/exports",
    public=True,
)
SEATS = Material(
    source_id="macro:seats#0",
    source_kind="macro",
    title="Seats",
    body="Your plan {plan} has {seats} seats. Open Settings and choose Seats. Write to help@example.com.",
)
FACTS = (
    Fact(name="plan", value="Team", quote="Account Harbor: plan Team", source_id="account:a/plan"),
    Fact(name="seats", value="25", quote="Account Harbor: 25 seats", source_id="account:a/seats"),
    Fact(
        name="owner", value="Ada Byron", quote="Account Harbor: owner Ada Byron", source_id="account:a/owner"
    ),
)
TWO_ASKS = Brief(
    asks=(
        AskBrief(text="How long do you keep exports?", passages=(EXPORT,), probability=0.9),
        AskBrief(text="How many seats do we have?", passages=(SEATS,), probability=0.9),
    ),
    public=False,
    facts=FACTS,
    greeting_name="Zoe",
    variant=77,
    account_id="a",
    ticket_id="t-1",
)
Script = Callable[[ChatPrompt], str]


class ScriptedModel:
    """Answers each prompt by the next script, and by the last one from then on; keeps what it was asked."""

    def __init__(self, *scripts: Script | str | ModelFailureError, name: str = "scripted") -> None:
        self._scripts = list(scripts)
        self.name = name
        self.asked: list[ChatPrompt] = []
        self.seconds: list[float] = []

    def reply(self, prompt: ChatPrompt, *, seconds: float) -> ChatReply:
        self.asked.append(prompt)
        self.seconds.append(seconds)
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        if isinstance(script, ModelFailureError):
            raise script
        return ChatReply(script if isinstance(script, str) else script(prompt), 100, 20)


class Counted:
    """Keeps what a generator reports."""

    def __init__(self) -> None:
        self.checked: list[tuple[int, int]] = []
        self.outcomes: list[tuple[int, tuple[Fallback, ...]]] = []
        self.hidden: list[ShadowOutcome] = []

    def sentences(self, passed: int, refused: int) -> None:
        self.checked.append((passed, refused))

    def answers(self, written: int, fallbacks: Sequence[Fallback]) -> None:
        self.outcomes.append((written, tuple(fallbacks)))

    def shadowed(self, outcome: ShadowOutcome) -> None:
        self.hidden.append(outcome)


def answers(*asks: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Return the JSON of an answer: for each ask its sentences, each with its short source ids."""
    told: list[dict[str, Any]] = [
        {
            "ask": number,
            "sentences": [{"text": text, "sources": list(ids), "step": False} for text, ids in ask],
        }
        for number, ask in enumerate(asks, 1)
    ]
    return json.dumps({"answers": told})


def generator(model: ScriptedModel, counted: Counted | None = None) -> ModelGenerator:
    """Return a generator over a scripted model, with a clock that stands still."""
    return ModelGenerator(
        model, Composer(), WriterLimits(10.0, 500), observer=counted or Counted(), clock=lambda: 0.0
    )
