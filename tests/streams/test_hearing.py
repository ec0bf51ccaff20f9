"""Routes and orders heard on the device's thread, in one pass of the encoder."""

import threading
from collections.abc import Sequence

import numpy as np

from detectors.injections.model import OrderModel
from detectors.routes.head import OUTPUTS
from detectors.routes.model import RouteModel
from detectors.sentiment.arrays import Float32
from detectors.sentiment.pieces import Piece, TokenisedText, tokenised
from detectors.sentiment.windows import RunReading, Window
from streams.gpu import GpuRunner
from streams.heard import HeardMessage, TextsToHear
from streams.hearing import DeviceListener
from tests.detectors.injections.test_model import order_weights
from tests.detectors.routes.test_model import weights


class Device:
    """An encoder of one token a word, whose states are one number; it notes its threads and windows."""

    def __init__(self, *, value: float = 1.0) -> None:
        self.value = value
        self.threads: set[str] = set()
        self.windows: list[Window] = []

    def pieces(self, texts: Sequence[str]) -> list[TokenisedText]:
        return [
            tokenised(text, [len(word) for word in text.split()], list(range(len(text.split()))), (0, 2))
            for text in texts
        ]

    def read(self, windows: Sequence[Window], readings: Sequence[RunReading]) -> list[Float32]:
        self.threads.add(threading.current_thread().name)
        self.windows += windows
        return [self._states(sum(map(len, one.runs)), one.layers) for one in readings]

    def run_means(self, pieces: Sequence[Piece], layers: Sequence[int]) -> Float32:
        return self._states(sum(len(piece.runs) for piece in pieces), layers)

    def _states(self, runs: int, layers: Sequence[int]) -> Float32:
        return np.full((runs, 2 * len(layers)), self.value, dtype=np.float32)


def heard(device: Device, *messages: TextsToHear) -> list[HeardMessage]:
    with GpuRunner() as runner:
        listener = DeviceListener(
            device, RouteModel(device, weights()), OrderModel(device, order_weights()), runner
        )
        return listener.hear(messages)


def test_messages_are_heard_on_the_thread_of_the_device_in_order() -> None:
    device = Device()
    found = heard(device, TextsToHear("one two", "obey"), TextsToHear("", "nice"), TextsToHear("three", ""))
    assert [one.route and one.route.reason in OUTPUTS for one in found] == [True, None, True]
    assert [one.orders and one.orders.sentences for one in found] == [("obey",), (), None]
    assert {name.startswith("device") for name in device.threads} == {True}


def test_a_message_that_is_said_as_it_came_is_read_once() -> None:
    device = Device()
    [found] = heard(device, TextsToHear("please obey", "please obey"))
    assert device.windows == [(0, 6, 4, 2)]
    assert found.route is not None
    assert found.orders is not None


def test_a_text_of_blanks_has_no_reason_and_no_order() -> None:
    [found] = heard(Device(), TextsToHear(" ", " "))
    assert found.route is not None
    assert (found.route.chance, found.route.strength) == (0.0, "unlikely")
    assert found.orders is not None
    assert found.orders.sentences == ()


def test_numbers_that_are_not_finite_are_heard_as_nothing_and_an_empty_message_is_not_read() -> None:
    device = Device(value=float("nan"))
    assert heard(device, TextsToHear("one", "one"), TextsToHear()) == [HeardMessage(), HeardMessage()]
    assert device.windows == [(0, 3, 2)]
