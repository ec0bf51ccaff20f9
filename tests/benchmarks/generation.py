"""A program: `python -m tests.benchmarks.generation` compares the composer and a language model.

Both draft the same tickets. The model is that of the RAPPORT_GENERATOR settings, such as a llama.cpp server:

    RAPPORT_GENERATOR=server RAPPORT_GENERATOR_URL=http://127.0.0.1:8080/v1 RAPPORT_GENERATOR_MODEL=qwen \
        RAPPORT_GENERATOR_SECONDS=300 python -m tests.benchmarks.generation --tickets 12 --model "Qwen, Q4"

Quality is counted as by `rapport evaluate drafts`. The CPU is that of this process; a server has its own.
Without a model in the settings only the composer is measured. With --results the table goes to that file.
"""

import random
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from schemas.tickets import Draft
from streams.cli.composition.connections import read_settings
from streams.cli.composition.evaluation import drafting_desk
from streams.cli.evaluation_files import own_ids
from streams.cli.knowledge_folder import read_folder
from streams.evaluate.draft_report import draft_figures
from streams.evaluate.drafts import TicketExample, TicketJudged, answer_of, judge_tickets
from streams.evaluate.measured import Measured
from streams.process.clock import utc_now
from streams.process.metrics import Metrics
from streams.process.settings import Settings
from tests.results import markdown, write_section

FERNWERK = Path(__file__).resolve().parents[1] / "evaluation" / "fernwerk"
TICKETS, SEED = 20, 1
QUALITY = ("asks_fully_answered", "must_not", "wrong_abstentions", "right_sources")
people = Console(width=150)


@dataclass(frozen=True)
class Measurement:
    """What one generator did with the tickets."""

    judged: Sequence[TicketJudged]
    drafts: Sequence[Draft]
    seconds: float
    cpu_seconds: float
    metrics: Metrics

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of a metric over the label sets that have `labels`."""
        return sum(
            sample.value
            for family in self.metrics.registry.collect()
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


def measure(settings: Settings, folder: Path, examples: Sequence[TicketExample]) -> Measurement:
    """Draft the tickets by the generator of the settings, over the knowledge in a folder."""
    knowledge, metrics = read_folder(folder), Metrics()
    now = utc_now()
    tickets = [example.ticket(now=now) for example in examples]
    with drafting_desk(settings, metrics) as desk:
        desk.load(knowledge.accounts, knowledge.sources)
        started, cpu = time.perf_counter(), time.process_time()
        drafts = desk.drafts(tickets)
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    own = own_ids(knowledge.sources)
    judged = judge_tickets(examples, [answer_of(draft, own) for draft in drafts])
    return Measurement(judged, drafts, seconds, cpu_seconds, metrics)


def rows(found: Measurement) -> dict[str, str]:
    """Return the figures of one generator in words, by what they say."""
    quality = {name: shown(value) for name, value in draft_figures(found.judged).items() if name in QUALITY}
    ready = sum(draft.state == "ready" for draft in found.drafts)
    busy = found.total("rapport_generator_request_seconds_sum")
    written = found.total("rapport_generator_answers_total", outcome="written")
    answers = found.total("rapport_generator_answers_total")
    passed = found.total("rapport_generator_sentences_total", result="passed")
    refused = found.total("rapport_generator_sentences_total", result="refused")
    tokens = found.total("rapport_generator_tokens_total", kind="answer")
    return quality | {
        "drafts ready": f"{ready} of {len(found.drafts)}",
        "seconds per ticket": f"{found.seconds / len(found.drafts):.2f}",
        "tickets per CPU second here": f"{len(found.drafts) / found.cpu_seconds:.1f}",
        "answers by the model": f"{written:.0f} of {answers:.0f}" if answers else "",
        "answers by the composer instead": fallbacks(found),
        "sentences refused by the check": f"{refused:.0f} of {passed + refused:.0f}" if answers else "",
        "answer tokens per second of a request": f"{tokens / busy:.1f}" if busy else "",
        "prompt tokens": f"{found.total('rapport_generator_tokens_total', kind='prompt'):,.0f}"
        if answers
        else "",
    }


def fallbacks(found: Measurement) -> str:
    """Return the reasons why answers are the composer's, with their numbers."""
    counts = {
        sample.labels["outcome"]: int(sample.value)
        for family in found.metrics.registry.collect()
        for sample in family.samples
        if sample.name == "rapport_generator_answers_total" and sample.labels["outcome"] != "written"
    }
    return ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()) if count)


def shown(value: Measured) -> str:
    """Return a share with its count."""
    return "none" if value.value is None else f"{value.value:.3f} of {value.examples}"


def main(
    tickets: Annotated[int, typer.Option(min=1, help="Number of tickets, drawn by the seed.")] = TICKETS,
    knowledge: Annotated[Path, typer.Option(help="Folder with knowledge and tickets.jsonl.")] = FERNWERK,
    model: Annotated[str, typer.Option(help="Words for the model in the table.")] = "",
    out: Annotated[Path | None, typer.Option(help="Write the drafts of both there, in full.")] = None,
    results: Annotated[Path | None, typer.Option(help="Write the table to this file.")] = None,
) -> None:
    """Measure quality and speed of the composer, and of the language model in the settings."""
    lines = (knowledge / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
    examples = [TicketExample.model_validate_json(line) for line in lines if line.strip()]
    drawn = random.Random(SEED).sample(examples, min(tickets, len(examples)))
    settings = read_settings()
    found = {"composer": measure(settings.model_copy(update={"generator": "composer"}), knowledge, drawn)}
    if settings.generator != "composer":
        found[model or settings.generator] = measure(settings, knowledge, drawn)
    table = Table("", *found, title=f"{len(drawn)} tickets of {knowledge.name}, seed {SEED}")
    told = {name: rows(one) for name, one in found.items()}
    for row in told["composer"]:
        table.add_row(row, *(figures[row] for figures in told.values()))
    people.print(table)
    if out is not None:
        out.write_text("\n\n".join(_in_full(name, one) for name, one in found.items()), encoding="utf-8")
    if results is not None:
        command = shlex.join(["python", "-m", "tests.benchmarks.generation", *sys.argv[1:]])
        write_section(results, "generation", command, f"{table.title}:\n\n{markdown(table)}")


def _in_full(name: str, found: Measurement) -> str:
    texts = [
        f"== {draft.based_on} by {draft.model}: {draft.state} {draft.abstained or ''}\n{draft.body}"
        for draft in found.drafts
    ]
    return "\n\n".join([f"#### {name}", *texts])


if __name__ == "__main__":
    typer.run(main)
