"""Rows 7, 8 and 9: the language model that writes drafts is slow, fails, or writes garbage."""

import json
import time
from functools import partial
from itertools import islice

from streams.kafka.topics import TICKETS
from tests.faults.lab import Lab, Worker
from tests.faults.rows import Plan, Row, Tally
from tests.streams.support.language_server import (
    Behaviour,
    LanguageServer,
    Response,
    completion,
    language_server,
)

MODEL_SECONDS = 3.0
"""The time of the model for one draft in this lab."""

SENTIMENT_SECONDS = 2.0
"""Most seconds of a mood on average, from the broker to its row, while the model is at fault."""

BACK_SECONDS = 60.0
"""Most seconds after the end of the fault until the model is asked again."""

MACRO = {
    "macro_id": "seats",
    "title": "Add a seat",
    "question": "How do I add a seat?",
    "body": "To add a seat, open Settings and choose Seats. Each added seat is on the next invoice.",
    "updated_at": "2026-01-01T00:00:00Z",
}
ANSWER = {"text": "To add a seat, open Settings and choose Seats.", "sources": ["S1"], "step": False}
GOOD = completion(json.dumps({"answers": [{"ask": 1, "sentences": [ANSWER]}]}))
FAULTS: dict[str, Behaviour] = {
    "timeout": lambda _: Response(body=GOOD.body, wait=30.0),
    "server_error": lambda _: Response(503, b'{"error": "overloaded"}'),
    "malformed": lambda _: completion('{"answers": [{"ask": 1, "sentences": "{{{'),
}


def model_at_fault(fault: str, plan: Plan, tally: Tally) -> None:
    """Play tickets while the model is at fault; each gets its draft, and no mood waits for the model."""
    with Lab(seed=plan.seed, partitions=2) as lab, language_server() as server:
        _load_macro(lab)
        drafting = _start_drafting(lab, server)
        sentiment = lab.start_worker("sentiment")
        lab.wait_ready(drafting, sentiment)
        server.behaviour = FAULTS[fault]
        _play(lab, seconds=plan.pick(300, 20))
        _demand_fallbacks(lab, drafting, fault)
        _demand_quick_moods(sentiment, tally)
        if fault != "malformed":
            assert drafting.metric("rapport_generator_paused") == 1, "the breaker did not open"
        server.behaviour = lambda _: GOOD
        tally.recovered.append(_back(lab, drafting))
        lab.wait_drained("drafting")
        lab.wait_drained("sentiment")
        tally.repeats += 1
        tally.take(lab.check("sentiment", "drafting"))


def _start_drafting(lab: Lab, server: LanguageServer) -> Worker:
    return lab.start_worker(
        "drafting",
        generator="server",
        generator_url=server.url,
        generator_model="m",
        generator_seconds=MODEL_SECONDS,
    )


def _load_macro(lab: Lab) -> None:
    path = lab.folder / "macros.jsonl"
    path.write_text(json.dumps(MACRO) + "\n")
    loaded = lab.command("knowledge", "macros", str(path), seconds=300.0)
    assert loaded.returncode == 0, loaded.stderr


def _play(lab: Lab, *, seconds: float) -> None:
    sender = lab.paced(TICKETS, lab.inputs.endless_tickets(), rate=4)
    time.sleep(seconds)
    sender.stop()
    for kind in ("drafting", "sentiment"):
        lab.wait_drained(kind)


def _demand_fallbacks(lab: Lab, drafting: Worker, fault: str) -> None:
    ready = lab.rows("SELECT record->>'model' FROM drafts WHERE state = 'ready' AND kind = 'reply'")
    assert any("(instead of" in model for (model,) in ready), (
        "no draft is the composer's instead of the model's"
    )
    wrong = [model for (model,) in ready if not model.startswith("composer-")]
    assert not wrong, f"drafts by {wrong[:3]} while the model was at fault"
    counted = "answers" if fault == "malformed" else "requests"
    assert drafting.metric(f"rapport_generator_{counted}_total", outcome=fault) > 0


def _demand_quick_moods(sentiment: Worker, tally: Tally) -> None:
    of_group = {"consumer_group": "sentiment"}
    count = sentiment.metric("rapport_end_to_end_seconds_count", **of_group)
    mean = sentiment.metric("rapport_end_to_end_seconds_sum", **of_group) / count
    tally.notes.append(f"a mood took {mean:.2f} s on average")
    assert mean <= SENTIMENT_SECONDS, f"a mood took {mean:.2f} s on average"


def _back(lab: Lab, drafting: Worker) -> float:
    """Send tickets until the model answers one; return the seconds."""

    def answered() -> bool:
        lab.send(TICKETS, list(islice(lab.inputs.endless_tickets(), 3)))
        time.sleep(1.0)
        return drafting.metric("rapport_generator_answers_total", outcome="written") > 0

    return lab.wait_for(answered, BACK_SECONDS, "the model to write again")


ROWS_HERE = (
    Row(7, "the language model takes 30 s for each answer", partial(model_at_fault, "timeout")),
    Row(8, "the language model fails for 5 minutes", partial(model_at_fault, "server_error")),
    Row(9, "the language model writes garbage", partial(model_at_fault, "malformed")),
)
