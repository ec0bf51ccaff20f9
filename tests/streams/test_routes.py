"""Routes heard on the device's thread, and what drafting does with them."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from sqlalchemy import Engine

from detectors.routes.head import OUTPUTS
from detectors.routes.model import RouteModel
from detectors.sentiment import LexiconSentiment
from detectors.sentiment.arrays import Float32
from detectors.sentiment.pieces import Piece, TokenisedText, tokenised
from responders.drafting import Drafter
from responders.generation import Composer
from responders.store.knowledge import SqlKnowledge
from schemas import Draft
from schemas.tickets import HeardRoute
from streams.drafting import DraftingHandler, Models
from streams.gpu import GpuRunner
from streams.process.metrics import Metrics
from streams.routes import DeviceRoutes
from tests.detectors.routes.test_model import weights
from tests.responders.support.drafting_samples import HashingEmbedder
from tests.streams.support.samples import TOLERANCE
from tests.streams.test_drafting_handler import ticket


class Device:
    """An encoder of one token a word, whose states are the lengths of words, or not finite."""

    def __init__(self, *, value: float = 1.0) -> None:
        self.value = value
        self.threads: set[str] = set()

    def pieces(self, texts: Sequence[str]) -> list[TokenisedText]:
        return [
            tokenised(text, [1] * len(text.split()), list(range(len(text.split()))), (0, 2)) for text in texts
        ]

    def run_means(self, pieces: Sequence[Piece], layers: Sequence[int]) -> Float32:
        self.threads.add(threading.current_thread().name)
        return np.full(
            (sum(len(piece.runs) for piece in pieces), 2 * len(layers)), self.value, dtype=np.float32
        )


class Listener:
    """Hears what it was told, and keeps the texts."""

    def __init__(self, heard: HeardRoute) -> None:
        self.heard = heard
        self.texts: list[str] = []

    def hear(self, texts: Sequence[str]) -> list[HeardRoute | None]:
        self.texts += texts
        return [self.heard] * len(texts)


def test_routes_are_heard_on_the_thread_of_the_device_in_order() -> None:
    device = Device()
    with GpuRunner() as runner:
        found = DeviceRoutes(RouteModel(device, weights()), runner).hear(["one two", "", "three"])
    assert [one and one.reason in OUTPUTS for one in found] == [True, True, True]
    assert found[1] is not None
    assert (found[1].chance, found[1].strength) == (0.0, "unlikely")
    assert {name.startswith("device") for name in device.threads} == {True}


def test_numbers_that_are_not_finite_are_heard_as_nothing() -> None:
    with GpuRunner() as runner:
        found = DeviceRoutes(RouteModel(Device(value=float("nan")), weights()), runner).hear(["one", ""])
    assert found[0] is None
    assert found[1] is not None


def drafted(tables: Engine, listener: Listener, body: str) -> Draft:
    handler = DraftingHandler(
        tables,
        Drafter(SqlKnowledge(tables), Composer()),
        Models(LexiconSentiment(), HashingEmbedder(), routes=listener),
        metrics=Metrics(),
        tolerance=TOLERANCE,
    )
    [[draft]] = handler.compute([(0, [ticket(1, body=body)])]).outcomes
    assert isinstance(draft, Draft)
    return draft


@pytest.mark.parametrize(("strength", "reason"), [("likely", True), ("possible", True), ("unlikely", False)])
def test_a_message_without_an_answer_goes_to_the_team_of_a_possible_reason(
    tables: Engine, strength: str, reason: bool
) -> None:
    heard = HeardRoute.model_validate({"reason": "safety", "chance": 0.4, "strength": strength})
    listener = Listener(heard)
    draft = drafted(
        tables, listener, "Hi,\n\nthe zebrafish aquarium smells odd since it stands here.\n\nThanks!"
    )
    assert (draft.abstained == "needs_a_person: safety") is reason
    assert ("hurt or in danger" in draft.body) is reason
    assert listener.texts[0].endswith("the zebrafish aquarium smells odd since it stands here.")


def test_a_message_in_a_language_that_is_not_read_is_not_listened_to(tables: Engine) -> None:
    listener = Listener(HeardRoute(reason="safety", chance=0.9, strength="likely"))
    draft = drafted(
        tables, listener, "Der Export ist nicht fertig, und ich warte seit gestern auf die Datei."
    )
    assert listener.texts == []
    assert draft.abstained != "needs_a_person: safety"
