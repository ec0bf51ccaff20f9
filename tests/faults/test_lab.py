"""The lab of the fault rows: what it starts, it ends."""

import time
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from streams.embedded.processes import port_answers
from tests.faults.lab import Lab


class StubbornSender:
    """A sender whose producer cannot be closed, as of a broker that never answers."""

    def abandon(self) -> None:
        raise TimeoutError("the producer does not close")


def test_a_lab_ends_its_services_even_if_a_sender_cannot_end() -> None:
    stubborn: Any = StubbornSender()
    lab = Lab(seed=1).__enter__()
    port = int(lab.broker.bootstrap_servers.rpartition(":")[2])
    assert port_answers(port)
    assert answers(lab.engine)
    lab.senders.append(stubborn)
    with pytest.raises(TimeoutError, match="does not close"):
        lab.__exit__(None, None, None)
    assert not port_answers(port)
    assert not answers(lab.engine)
    assert not lab.folder.exists()


@pytest.mark.parametrize(("on_the_clock", "is_over"), [(True, True), (False, False)])
def test_a_promise_has_far_longer_in_the_suite_than_on_the_clock(on_the_clock: bool, is_over: bool) -> None:
    lab = Lab(on_the_clock=on_the_clock)
    deadline = lab.deadline(0.2)
    time.sleep(0.25)
    assert deadline.is_over() == is_over
    lab.folder.rmdir()


def answers(engine: Engine) -> bool:
    try:
        with engine.connect():
            return True
    except OperationalError:
        return False
