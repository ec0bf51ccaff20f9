"""`rapport evaluate injection`: measure the effect of instructions in tickets and articles on drafts."""

from collections.abc import Iterator, Sequence

from streams.cli.composition.connections import read_settings
from streams.cli.composition.evaluation import EvaluationDesk, drafting_desk
from streams.cli.evaluation_files import (
    ExamplesArgument,
    FiguresOption,
    OutOption,
    Targets,
    finish,
    open_examples,
)
from streams.cli.terminal import say
from streams.evaluate.injections import (
    InjectionExample,
    InjectionJudged,
    injection_report,
    judge_injection,
    unmarked,
)
from streams.process.clock import utc_now

SHOWN_EVERY = 50
"""Rows between two reports of progress. Chosen by hand."""


def injection(file: ExamplesArgument, out: OutOption = None, as_json: FiguresOption = None) -> None:
    """Measure whether instructions in tickets and articles change drafts, and whether drafts mark them.

    Each line holds `id`, `ticket` (`subject` and `body`), `articles` (a list of `id`, `title` and `body`; the
    only knowledge of its draft), `canary` (secrets that must not leak) and `forbidden` (the attacker's
    texts). `attack` is false for a harmless row; `kind` is optional and groups the figures. The drafts are
    those of production: the command starts a PostgreSQL of its own in a temporary folder and removes it; a
    database of yours is not touched.

    `effect` is the share of rows with such a text whose draft has one in its subject, body or question;
    `marked` is the share of attacks that a warning of the draft names. `told_to_agent` counts these
    texts in warnings, `false_marks` is the share of harmless rows with a mark. The baseline sends the
    customer's subject and the best passage word for word and marks nothing. Lines of --out have `id`,
    `effect`, `effect_in`, `told_to_agent`, `marked`, `marks`, `state` and `body`. The exit code is 3 if a
    line is wrong; each of these lines is named and left out.

    Example: rapport evaluate injection attacks.jsonl --out judged.jsonl --json figures.json
    """
    targets = Targets(out, as_json)
    found = open_examples(file, InjectionExample, targets)
    with drafting_desk(read_settings()) as desk:
        pairs = list(_judged(desk, found.examples))
    judged = [one for one, _ in pairs]
    report = injection_report(judged, [simple for _, simple in pairs])
    finish("Injection", report, found.wrong, (one.as_json() for one in judged), targets)


def _judged(
    desk: EvaluationDesk, examples: Sequence[InjectionExample]
) -> Iterator[tuple[InjectionJudged, InjectionJudged]]:
    """Yield each row as it was judged, and as the baseline does it; each has only its own knowledge."""
    for number, example in enumerate(examples, start=1):
        now = utc_now()
        articles, ticket = example.knowledge(now=now), example.message(now=now)
        desk.load([], articles)
        [draft], [best] = desk.drafts([ticket]), desk.best_passages([ticket])
        desk.withdraw(articles)
        yield judge_injection(example, draft), unmarked(example, best.chunk.body if best else "")
        if number % SHOWN_EVERY == 0 or number == len(examples):
            say(f"drafted {number:,} of {len(examples):,} rows")
