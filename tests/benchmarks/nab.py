"""A program: `python -m tests.benchmarks.nab FOLDER` scores time series by the rules of NAB.

FOLDER holds windows.json and the CSV files that it names. All thresholds come from labels: `whole` takes the
best one on all series; `halves` chooses setting and threshold on a random half and scores the other half;
`disturbed` keeps the threshold of `whole`. `at .5` chooses no threshold, but .5 itself was set near the best
one on these series. A run on everything writes its section of RESULTS.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated, Final

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from tests.benchmarks.inputs import MissingDataError
from tests.benchmarks.nab_contestants import CONTESTANTS, Contestant, Run, play
from tests.benchmarks.nab_rules import PROFILES, Profile, Steps, best_threshold, score_at, steps
from tests.benchmarks.nab_series import DISTURBANCES, Series, read_corpus
from tests.results import markdown, write_section

DATA: Final = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "nab"
RESULTS: Final = Path(__file__).with_name("RESULTS.md")
SPLITS: Final = 10
FIXED: Final = 0.5
people = Console(width=150)


@dataclass(frozen=True)
class Measured:
    """The figures of one contestant in one cost profile, of 100 each."""

    profile: str
    whole: float
    threshold: float
    fixed: float
    halves: tuple[float, ...]
    disturbed: tuple[float, ...]


def measure(contestant: Contestant, series: Sequence[Series]) -> tuple[list[Measured], Run]:
    """Return the figures of a contestant in each profile, and its run on the undisturbed series."""
    runs = [play(series, make) for make in contestant.settings.values()]
    shipped = next(iter(contestant.settings.values()))
    changed = [[change(one) for one in series] for change in DISTURBANCES.values()]
    disturbed = [(copies, play(copies, shipped)) for copies in changed]
    found = []
    for profile in PROFILES:
        each = [_steps(series, run, profile) for run in runs]
        best = best_threshold(each[0], profile)
        moved = [score_at(_steps(*pair, profile), best.threshold, profile) for pair in disturbed]
        halves = tuple(_halves(each, profile))
        fixed = score_at(each[0], FIXED, profile)
        found.append(Measured(profile.name, best.score, best.threshold, fixed, halves, tuple(moved)))
    return found, runs[0]


def _steps(series: Sequence[Series], run: Run, profile: Profile) -> list[Steps]:
    return [steps(one, scores, profile) for one, scores in zip(series, run.scores, strict=True)]


def _halves(settings: Sequence[Sequence[Steps]], profile: Profile) -> Iterator[float]:
    """Yield the score of the half that neither the setting nor the threshold was chosen on."""
    count = len(settings[0])
    for split in range(SPLITS):
        order = np.random.default_rng(split).permutation(count)
        chosen_on, held_out = order[: count // 2], order[count // 2 :]
        bests = [best_threshold([parts[place] for place in chosen_on], profile) for parts in settings]
        which = max(range(len(bests)), key=lambda number: bests[number].score)
        yield score_at([settings[which][place] for place in held_out], bests[which].threshold, profile)


def counts(series: Sequence[Series], run: Run, threshold: float) -> tuple[int, int, int]:
    """Return the windows that an alert finds, the windows, and the false alarms in the rows judged."""
    found = windows = false = 0
    for judged in _steps(series, run, PROFILES[0]):
        windows += judged.windows
        false += int(((judged.scores >= threshold) & (judged.gains < 0.0)).sum())
    for one, scores in zip(series, run.scores, strict=True):
        found += sum(bool((scores[first : last + 1] >= threshold).any()) for first, last in one.windows)
    return found, windows, false


def table(title: str) -> Table:
    """Return the empty table of the figures."""
    shown = Table(title=title)
    shown.add_column("scorer")
    for name in ("profile", "whole", "threshold", "found", "false alarms", "at .5", "halves", "disturbed"):
        shown.add_column(name, justify="right")
    for name in DISTURBANCES:
        shown.add_column(name, justify="right")
    shown.add_column("µs a row", justify="right")
    return shown


def add(shown: Table, contestant: Contestant, series: Sequence[Series]) -> None:
    """Measure a contestant and add a line per profile."""
    measured, run = measure(contestant, series)
    for line in measured:
        found, windows, false = counts(series, run, line.threshold)
        shown.add_row(
            contestant.name,
            line.profile,
            f"{line.whole:.1f}",
            f"{line.threshold:.3f}",
            f"{found} of {windows}",
            str(false),
            f"{line.fixed:.1f}",
            f"{mean(line.halves):.1f} ± {stdev(line.halves):.1f}",
            f"{mean(line.disturbed):.1f}",
            *(f"{score:.1f}" for score in line.disturbed),
            f"{run.microseconds:.1f}",
        )


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with windows.json and its CSV files.")] = DATA,
    only: Annotated[str, typer.Option(help="Measure only contestants with this text in their name.")] = "",
) -> None:
    """Print how each scorer does on the series of a folder, by NAB's rules."""
    try:
        series = read_corpus(folder)
    except MissingDataError as error:
        raise typer.BadParameter(str(error)) from error
    windows = sum(len(one.windows) for one in series)
    shown = table(f"NAB: {len(series)} series, {windows} windows")
    for contestant in CONTESTANTS:
        if only in contestant.name:
            add(shown, contestant, series)
    people.print(shown)
    if not only:
        write_section(RESULTS, "nab", "python -m tests.benchmarks.nab FOLDER", markdown(shown))


if __name__ == "__main__":
    typer.run(main)
