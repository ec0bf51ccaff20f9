"""`rapport evaluate routes`: measure how well messages that a person must answer are found."""

from collections.abc import Sequence

from responders.policy.routes import needs_a_person
from responders.understanding.understand import understand
from streams.cli.composition.connections import read_settings
from streams.cli.composition.models import load_listener
from streams.cli.evaluation_files import (
    ExamplesArgument,
    FiguresOption,
    OutOption,
    Targets,
    finish,
    open_examples,
)
from streams.evaluate.routes import FindRoutes, RouteExample, judge_routes, routes_report
from streams.heard import MessageListener, TextsToHear


def routes(file: ExamplesArgument, out: OutOption = None, as_json: FiguresOption = None) -> None:
    """Measure how well messages that a person must answer are found, by the team that must take them.

    Each line holds `id`, `subject`, `body` and `route`: the reason why a person must answer, such as
    billing_dispute, or "none". A file of tickets as for `rapport evaluate drafts` may be given too; `expect`
    then tells which are for a person.

    `recall` is the share of the messages for a person that are routed, `same_team` the share that comes to
    the right team, `precision` the share of routed messages that are for a person, and `false_routes` the
    share of the answerable messages that are routed, which costs each an answer. The baseline is the phrases
    alone. Messages must be English. Lines of --out have `id` and `route`. The exit code is 3 if a line is
    wrong; each of these lines is named and left out.

    Example: rapport evaluate routes tickets.jsonl --out routes.jsonl --json figures.json
    """
    targets = Targets(out, as_json)
    found = open_examples(file, RouteExample, targets)
    judged = judge_routes(found.examples, _understood_with(load_listener(read_settings())))
    report = routes_report(judged, {"phrases": judge_routes(found.examples, _phrases)})
    finish("Routes", report, found.wrong, (one.as_json() for one in judged), targets)


def _understood_with(listener: MessageListener) -> FindRoutes:
    def find(examples: Sequence[RouteExample]) -> list[str | None]:
        heard = listener.hear([TextsToHear(said=f"{one.topic}\n{one.text}".strip()) for one in examples])
        return [
            understand(one.text, subject=one.topic, heard=found.route).route
            for one, found in zip(examples, heard, strict=True)
        ]

    return find


def _phrases(examples: Sequence[RouteExample]) -> list[str | None]:
    return [needs_a_person(f"{one.topic}\n{one.text}") for one in examples]
