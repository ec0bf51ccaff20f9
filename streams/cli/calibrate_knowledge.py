"""`rapport knowledge calibrate`: fit the confidence of retrieval to the desk's own knowledge."""

from typing import Annotated

import typer
from sqlmodel import Session

from responders.retrieval.calibrating import FEWEST_TRIALS, calibrated
from responders.retrieval.confidence import Confidence
from responders.store.calibration import calibration_trials, forget_confidence, save_confidence
from streams.cli.composition.connections import database, read_settings
from streams.cli.composition.models import load_embedder
from streams.cli.terminal import fail, say
from streams.process.clock import utc_now


def calibrate(
    *,
    reset: Annotated[bool, typer.Option("--reset", help="Go back to the shipped confidence.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
) -> None:
    """Fit the confidence of retrieval to the loaded knowledge, and store it for the drafting service.

    The questions are made of the knowledge: names of sections and questions of macros, searched once without
    their own name and once without their source, and questions of other businesses. Only the probabilities
    change, never the order of passages. The drafting service uses the result from its next start.

    Example: rapport knowledge calibrate --dry-run
    """
    settings = read_settings()
    with database(settings) as engine, Session(engine) as session, session.begin():
        if reset:
            forget_confidence(session)
            say("The shipped confidence is used from the next start of the drafting service.")
            return
        trials = calibration_trials(session, load_embedder(settings))
        answered = sum(one.kind == "answered" for one in trials)
        if answered < FEWEST_TRIALS:
            fail(f"The knowledge gives {answered} questions with an answer; {FEWEST_TRIALS} are needed.")
        report = calibrated(Confidence(), trials)
        say(
            f"{report.trials} questions: mean log loss {report.loss_before:.3f} before, "
            f"{report.loss_after:.3f} after."
        )
        if not dry_run:
            save_confidence(session, report, now=utc_now())
            say("The drafting service uses it from its next start.")
