"""What the commands of `rapport evaluate` share: files of examples, results, figures and their tables."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from responders.chunks.chunk import KnowledgeSource, kind_and_id, source_id_of
from schemas.base import Record
from streams.cli.knowledge_files import RowProblem, read_records
from streams.cli.output_files import refuse_unwritable, write_lines
from streams.cli.terminal import errors, fail, say
from streams.evaluate.examples import E, ExampleFile, read_examples
from streams.evaluate.measured import EvaluationReport, Measured, MeasuredFigures
from streams.evaluate.reading import WrongRow
from streams.operate.dead_letters import printable

R = TypeVar("R", bound=Record)

WRONG_LINES: Final = 3
"""Exit code if some lines of a file could not be used, as in `rapport ingest`."""

SHOWN_WRONG_LINES: Final = 20
"""Number of wrong lines that are printed; --json has all of them."""

OutOption = Annotated[
    Path | None, typer.Option("--out", help="Write what was decided here, one JSON line per example.")
]
FiguresOption = Annotated[
    Path | None, typer.Option("--json", help="Write the figures with their 95 % intervals here, as JSON.")
]
ExamplesArgument = Annotated[Path, typer.Argument(dir_okay=False, help="JSON lines, one example each.")]


@dataclass(frozen=True, slots=True)
class Targets:
    """The files that results and figures are written to; None writes none."""

    out: Path | None
    figures: Path | None


def open_examples(file: Path, kind: type[E], targets: Targets) -> ExampleFile[E]:
    """Return the examples of a file and name its wrong lines; fail if it holds no example.

    Fails as well if a target cannot be written or is the file itself.
    """
    for target in (targets.out, targets.figures):
        refuse_unwritable(target, file)
    try:
        with file.open("rb") as lines:
            found = read_examples(lines, kind)
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror or error}.")
    name_wrong(file, found.wrong)
    if not found.examples:
        fail(f"{file} holds no example.", code=WRONG_LINES if found.wrong else 1)
    return found


def read_knowledge(file: Path, kind: type[R]) -> tuple[list[R], list[WrongRow]]:
    """Return the records of a file as `rapport knowledge` reads them, and name its wrong lines.

    A missing file is empty. The reason of a wrong line begins with the name of the file.
    """
    if not file.exists():
        return [], []
    records, problems = read_records(file, kind)
    wrong = [WrongRow(problem.line, _reason(problem)) for problem in problems]
    name_wrong(file, wrong)
    return records, [WrongRow(row.line, f"{file.name}: {row.reason}") for row in wrong]


def _reason(problem: RowProblem) -> str:
    return f"{problem.reason}, left unknown" if problem.loaded else problem.reason


def own_ids(sources: Iterable[KnowledgeSource]) -> dict[str, str]:
    """Return the operator's own id of each source by the id under which it is stored."""
    return {source_id_of(source): kind_and_id(source)[1] for source in sources}


def name_wrong(file: Path, wrong: Sequence[WrongRow]) -> None:
    """Print the wrong lines with their reasons."""
    for row in wrong[:SHOWN_WRONG_LINES]:
        errors.print(f"{file}, line {row.line}: {row.reason}.", markup=False, highlight=False, soft_wrap=True)
    if len(wrong) > SHOWN_WRONG_LINES:
        say(f"{len(wrong) - SHOWN_WRONG_LINES:,} more lines of {file} are wrong; --json FILE names all.")


def finish(
    title: str,
    report: EvaluationReport,
    wrong: Sequence[WrongRow],
    decided: Iterable[dict[str, Any]],
    targets: Targets,
) -> None:
    """Write the results, print the tables, and end with exit code 3 if a line was wrong."""
    if targets.out is not None:
        write_lines(targets.out, (json.dumps(row, ensure_ascii=False) for row in decided))
    if targets.figures is not None:
        named = [{"line": row.line, "reason": row.reason} for row in wrong]
        write_lines(targets.figures, [json.dumps({**report.as_json(), "wrong_lines": named}, indent=1)])
    console = Console()
    console.print(_figures(title, report))
    for name, groups in report.groups.items():
        if groups:
            console.print(_groups(name, groups))
    if wrong:
        raise typer.Exit(WRONG_LINES)


def _figures(title: str, report: EvaluationReport) -> Table:
    table = Table(
        title=f"{title}: {report.examples:,} examples",
        caption="with 95 % intervals; the other columns are simple baselines",
    )
    table.add_column("figure", overflow="fold")
    for heading in ("product", *map(_plain, report.baselines)):
        table.add_column(heading, justify="right")
    for name, figure in report.figures.items():
        beside = [_shown(figures.get(name)) for figures in report.baselines.values()]
        table.add_row(_plain(name), _shown(figure), *beside)
    return table


def _groups(name: str, groups: Mapping[str, MeasuredFigures]) -> Table:
    known = [(figure, one) for own in groups.values() for figure, one in own.items()]
    figures = list(dict.fromkeys(figure for figure, one in known if one.value is not None))
    table = Table(title=f"By {name}", caption="value, and the number of examples that it rests on")
    table.add_column(name, no_wrap=True)
    for figure in figures:
        table.add_column(_plain(figure), justify="right")
    for group, own in groups.items():
        table.add_row(escape(printable(group)), *(_short(own.get(figure)) for figure in figures))
    return table


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _shown(figure: Measured | None) -> str:
    """Return a figure with its interval.

    >>> _shown(Measured(0.5, 0.25, 0.75, 8)), _shown(None)
    ('0.500 (0.250 to 0.750)', '–')
    """
    if figure is None or figure.value is None:
        return "–"
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def _short(figure: Measured | None) -> str:
    """Return a figure and its number of examples.

    >>> _short(Measured(0.5, 0.25, 0.75, 8))
    '0.500 (8)'
    """
    return "–" if figure is None or figure.value is None else f"{figure.value:.3f} ({figure.examples:,})"
