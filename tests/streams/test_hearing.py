"""Routes, orders and personal values heard on the device's thread, in one pass of the encoder."""

import threading
from collections.abc import Sequence

from detectors.injections.model import OrderModel
from detectors.personal.model import PersonalModel
from detectors.routes.head import OUTPUTS
from detectors.routes.model import RouteModel
from detectors.sentiment.arrays import Float32
from detectors.sentiment.pieces import Piece, TokenisedText
from detectors.sentiment.sentences import sentence_spans
from detectors.sentiment.windows import RunReading, Window
from schemas.personal import HeardValues
from streams.gpu import GpuRunner
from streams.heard import HeardMessage, TextsToHear
from streams.hearing import DeviceListener, MessageHeads
from tests.detectors.injections.test_model import order_weights
from tests.detectors.personal.test_model import Letters
from tests.detectors.personal.test_model import weights as personal_weights
from tests.detectors.personal.test_units_and_signs import NoLists
from tests.detectors.routes.test_model import weights as route_weights


class Device(Letters):
    """Reads letters; it notes its threads and windows."""

    def __init__(self, *, value: float = 1.0) -> None:
        super().__init__(value)
        self.threads: set[str] = set()
        self.windows: list[Window] = []

    def pieces(self, texts: Sequence[str]) -> list[TokenisedText]:
        told = [text.strip() for text in texts]
        return self.pieces_of(told, [sentence_spans(text) for text in told])

    def read(self, windows: Sequence[Window], readings: Sequence[RunReading]) -> list[Float32]:
        self.threads.add(threading.current_thread().name)
        self.windows += windows
        return [self._read(windows, one) for one in readings]

    def _read(self, windows: Sequence[Window], reading: RunReading) -> Float32:
        pieces = [
            Piece(windows[row], tuple(runs[1:-1]), ())
            for row, runs in zip(reading.windows, reading.runs, strict=True)
        ]
        return self.run_means(pieces, reading.layers).reshape(-1, 2 * len(reading.layers))


def listener_on(device: Device, runner: GpuRunner) -> DeviceListener:
    """Return a listener that takes words of the letter z for names, and "obey" for an order."""
    heads = MessageHeads(
        RouteModel(device, route_weights()),
        OrderModel(device, order_weights()),
        PersonalModel(device, personal_weights(), NoLists()),
    )
    return DeviceListener(device, heads, runner)


def heard(device: Device, *messages: TextsToHear) -> list[HeardMessage]:
    with GpuRunner() as runner:
        return listener_on(device, runner).hear(messages)


def named(heard: HeardValues | None) -> list[str] | None:
    return [value.text for value in heard.values] if heard else None


def test_messages_are_heard_on_the_thread_of_the_device_in_order() -> None:
    device = Device()
    found = heard(device, TextsToHear("one two", "obey"), TextsToHear("", "nice"), TextsToHear("three", ""))
    assert [one.route and one.route.reason in OUTPUTS for one in found] == [True, None, True]
    assert [one.orders and one.orders.sentences for one in found] == [("obey",), (), None]
    assert {name.startswith("device") for name in device.threads} == {True}


def test_a_message_that_is_said_as_it_came_is_read_once() -> None:
    device = Device()
    [found] = heard(device, TextsToHear("obey zz", "obey zz", ("obey zz",)))
    assert device.windows == [(0, *map(ord, "obey zz"), 1)]
    assert found.route is not None
    assert found.orders is not None
    assert named(found.personal) == ["zz"]


def test_values_of_all_texts_of_a_message_are_heard_each_once_and_no_word_of_a_name_is_doubted() -> None:
    texts = TextsToHear(personal=("ask zzz or zzz", "zz")), TextsToHear()
    [found, nothing] = heard(Device(), *texts)
    assert named(found.personal) == ["zzz", "zz"]
    assert found.personal is not None
    assert found.personal.doubted == ("ask", "or")
    assert nothing.personal is None


def test_nothing_is_doubted_in_a_language_that_is_not_read() -> None:
    german, english = "Ich habe gestern mit zz gesprochen und warte.", "I spoke to zz yesterday and I wait."
    [found] = heard(Device(), TextsToHear(personal=(english, german)))
    assert found.personal is not None
    assert named(found.personal) == ["zz"]
    assert "yesterday" in found.personal.doubted
    assert "gestern" not in found.personal.doubted
    with GpuRunner() as runner:
        [first, second] = listener_on(Device(), runner).values_in([german, english])
    assert named(first) == named(second) == ["zz"]
    assert [bool(one and one.doubted) for one in (first, second)] == [False, True]


def test_a_text_of_blanks_has_no_reason_and_no_order() -> None:
    [found] = heard(Device(), TextsToHear(" ", " "))
    assert found.route is not None
    assert (found.route.chance, found.route.strength) == (0.0, "unlikely")
    assert found.orders is not None
    assert found.orders.sentences == ()


def test_numbers_that_are_not_finite_are_heard_as_nothing_and_an_empty_message_is_not_read() -> None:
    device = Device(value=float("nan"))
    assert heard(device, TextsToHear("o", "o", ("o",)), TextsToHear()) == [HeardMessage(), HeardMessage()]
    assert device.windows == [(0, ord("o"), 1)]
