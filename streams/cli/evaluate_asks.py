"""`rapport evaluate asks`: measure how well messages are understood."""

from typing import Annotated, Literal

import typer

from streams.cli.evaluation_files import (
    ExamplesArgument,
    FiguresOption,
    OutOption,
    Targets,
    finish,
    open_examples,
)
from streams.cli.terminal import fail
from streams.evaluate.asks import MessageExample, asks_report, judge_asks, understood

HalfOption = Annotated[
    Literal["even", "odd"] | None,
    typer.Option("--half", help="Use only the examples with even or odd numbers as ids."),
]


def asks(
    file: ExamplesArgument, out: OutOption = None, as_json: FiguresOption = None, half: HalfOption = None
) -> None:
    """Measure how well the kind, the asks and the route of messages are understood.

    Each line holds `id`, `text` (the newest words of a message), `subject`, `kind`, `asks` (the questions,
    requests and problems in the words of the message) and `route` (the reason why a person must answer, or
    null). A file of tickets as for `rapport evaluate drafts` may be given too; then only the number of asks
    and the routes are compared.

    `kind` is the share of right kinds. `asks_exact` is the share of messages with all asks and no other.
    `ask_recall` and `ask_precision` count asks; an ask is found if it has at least 60 % of the words of the
    labelled ask, and a third of its own words are in it. `route_recall` is the share of messages for a person
    that are routed, `route_reason` the share with the right reason, `route_precision` the share of routed
    messages that are for a person, and `false_routes` the share of the other messages that are routed. The
    baseline takes each sentence with a question mark as an ask and routes nothing. Lines of --out have `id`,
    `kind`, `route` and `asks`. The exit code is 3 if a line is wrong; each of these lines is named and left
    out.

    Example: rapport evaluate asks messages.jsonl --half odd --json figures.json
    """
    targets = Targets(out, as_json)
    found = open_examples(file, MessageExample, targets)
    chosen = [example for example in found.examples if half is None or _half_of(example) == half]
    if not chosen:
        fail(f"{file} holds no example with such an id.")
    judged = judge_asks(chosen, understood)
    finish("Asks", asks_report(judged), found.wrong, (one.as_json() for one in judged), targets)


def _half_of(example: MessageExample) -> str:
    digits = "".join(char for char in str(example.id) if char.isdigit())
    return "odd" if int(digits or "0") % 2 else "even"
