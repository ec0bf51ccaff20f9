"""The tables of the comparison in Markdown, and everything measured as JSON."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tests.benchmarks.delivery import machine
from tests.benchmarks.delivery.catalogue import OURS, PEERS, Peer
from tests.benchmarks.delivery.faults import Survived, recovery_median
from tests.benchmarks.delivery.job import Job
from tests.benchmarks.delivery.latency import Delayed
from tests.benchmarks.delivery.run import Found, Plan
from tests.benchmarks.delivery.venvs import ENVIRONMENTS

MISSING = "–"
TARGETS = (("aiokafka", 0.6), ("quix", 2.0), ("faust", 15.0))
"""Our targets in the usage job: our records per second divided by those of each peer."""

METHOD = (
    "Broker, database and sender share one core, the system under test has another; one process each, 8 "
    "partitions, acks=all, commit after the effect once a second, static member, session of 20 s.",
    "Catch-up of a preloaded topic, first tenth dropped, median and range; CPU is that of the whole process "
    "with all threads; the CPU of the database has its own column. A usage event is done after its detector "
    "has seen it, a support event after its transaction is committed.",
    "Latency: open loop at half of the system's own maximum (at most 100,000 records/s), from the moment "
    "a record was due.",
    "Plain upsert: the score row is unique and every delivery is booked, so the 1 % of duplicates "
    "counts too. Dedupe by hand: only rows that the same statement inserted are booked.",
    "Not reached: the committed offset is still before the event. Revived by hand: the system did "
    "nothing for 40 s and was restarted, 5 times at most.",
)

IDIOM_WORDS = {"plain": "plain upsert", "guarded": "dedupe by hand"}


def ranged(values: Iterable[float], digits: int = 0) -> str:
    """Return the median and, if there are several values, the range.

    >>> ranged([3.0, 1.0, 2.0], 1), ranged([1500.0]), ranged([])
    ('2.0 (1.0–3.0)', '1,500', '–')
    """
    ordered = sorted(values)
    if not ordered:
        return MISSING

    def text(value: float) -> str:
        return f"{value:,.{digits}f}"

    middle = text(statistics.median(ordered))
    return middle if len(ordered) == 1 else f"{middle} ({text(ordered[0])}–{text(ordered[-1])})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; all columns but the first are numbers.

    >>> print(table(["a", "b"], [["x", "1"]]))
    | a | b |
    |---|--:|
    | x | 1 |
    """
    rule = "|---|" + "--:|" * (len(head) - 1)
    lines = ["| " + " | ".join(row) + " |" for row in (head, *rows)]
    return "\n".join([lines[0], rule, *lines[1:]])


def title_of(peer: Peer) -> str:
    """Return the system's title with its version."""
    if peer.environment is None:
        return peer.title
    return f"{peer.title} {ENVIRONMENTS[peer.environment][0].partition('==')[2]}"


def delivery_table(found: Found) -> str:
    """Return how every system handled the good events and the poison under faults."""
    head = ["system", "effect written as", "good events", "lost", "not reached", "doubled", "balance off by"]
    head += ["poison kept", "crashes", "revived by hand"]
    rows = []
    for run in found.survived:
        if run.tally is not None:
            rows.append(_delivery_row(run))
    return table(head, rows)


def _delivery_row(run: Survived) -> list[str]:
    counted = run.tally
    if counted is None:
        raise ValueError("no tally")
    peer = next(peer for peer in PEERS if peer.name == run.peer)
    idiom = "the pipeline's transaction" if run.peer == OURS else IDIOM_WORDS[run.idiom]
    numbers = (counted.good, counted.lost, counted.not_reached, counted.doubled, counted.balance_error)
    kept = f"{counted.poison_kept} of {counted.poison}"
    counts = (f"{number:,}" for number in numbers)
    return [title_of(peer), idiom, *counts, kept, str(run.crashes), str(run.revived)]


def speed_table(found: Found, peers: Sequence[Peer], job: Job) -> str:
    """Return cost, speed, latency, memory and recovery of every system in one job."""
    head = ["system", "CPU µs/event", "records/s", "p50 / p99 ms", "at records/s", "peak RSS MiB"]
    head += ["database CPU µs/event", "s from SIGKILL to the next effect"]
    return table(head, [_speed_row(found, peer, job) for peer in peers if job in peer.jobs])


def _speed_row(found: Found, peer: Peer, job: Job) -> list[str]:
    caught = found.of(peer.name, job)
    if peer.environment in found.not_installed:
        return [f"{title_of(peer)} (could not be installed)", *[MISSING] * 7]
    delayed = next((run for run in found.delayed if (run.peer, run.job) == (peer.name, job)), None)
    recovery = recovery_median([run for run in found.survived if (run.peer, run.job) == (peer.name, job)])
    return [
        title_of(peer),
        ranged((run.cpu_us for run in caught), 2),
        ranged(run.records_per_second for run in caught),
        _latency(delayed),
        MISSING if delayed is None else f"{delayed.rate:,.0f}",
        ranged((run.peak_rss_mib for run in caught), 0),
        ranged((run.database_us for run in caught), 2),
        MISSING if recovery is None else f"{recovery:.1f}",
    ]


def _latency(delayed: Delayed | None) -> str:
    if delayed is None:
        return MISSING
    if delayed.latencies is None:
        return "did not keep up"
    late = " (sender late)" if delayed.sender_was_late else ""
    return f"{delayed.latencies.p50:,.1f} / {delayed.latencies.p99:,.1f}{late}"


def ratios(found: Found) -> dict[str, dict[str, float]]:
    """Return ours over each peer in the usage job, by records per second and by CPU (theirs over ours)."""
    own = found.of(OURS, "usage")
    result: dict[str, dict[str, float]] = {}
    for peer in PEERS:
        theirs = found.of(peer.name, "usage")
        if peer.name == OURS or not own or not theirs:
            continue
        result[peer.name] = {
            "records_per_second": _median(own, "records_per_second") / _median(theirs, "records_per_second"),
            "cpu": _median(theirs, "cpu_us") / _median(own, "cpu_us"),
        }
    return result


def _median(caught: Sequence[Any], name: str) -> float:
    return float(statistics.median(getattr(run, name) for run in caught))


def target_lines(found: Found) -> list[str]:
    """Return our ratios in the usage job next to their targets, one line each."""
    lines = []
    for name, least in TARGETS:
        if (known := ratios(found).get(name)) is not None:
            both = f"{known['records_per_second']:.2f} by records/s, {known['cpu']:.2f} by CPU"
            lines.append(f"- ours ÷ {name}: {both} (target ≥ {least:g})")
    return lines


def warnings(found: Found) -> list[str]:
    """Return the reasons to doubt the figures, one line each."""
    lines = [f"- {failure['peer']}, {failure['what']}: {failure['error']}" for failure in found.failed]
    lines += [f"- {name} could not be installed: {why}" for name, why in found.not_installed.items()]
    if found.load_average > machine.MAX_LOAD:
        lines.append(f"- the load average was {found.load_average:.2f} before the start")
    disturbed = [run for run in found.caught if run.disturbance.is_high]
    if disturbed:
        lines.append(f"- {len(disturbed)} of {len(found.caught)} catch-ups shared their core with other work")
    late = [f"{run.peer} ({run.job})" for run in found.delayed if run.sender_was_late]
    if late:
        lines.append(f"- the sender itself was late for {', '.join(late)}")
    unsure = [f"{run.peer} ({run.job})" for run in found.caught if run.acknowledged is False]
    if unsure:
        lines.append(f"- offsets did not reach the end for {', '.join(sorted(set(unsure)))}")
    return lines


def markdown(found: Found, plan: Plan) -> str:
    """Return the whole report, without the command."""
    parts: list[tuple[str, Callable[[], str]]] = []
    if "faults" in plan.parts:
        parts.append(("Delivery: 3 SIGKILLs, 0.1 % poison, 1 % duplicates", lambda: delivery_table(found)))
    if "usage" in plan.parts:
        text = "Usage events: decode, detect, acknowledge"
        parts.append((text, lambda: speed_table(found, plan.peers, "usage")))
    if "effect" in plan.parts:
        text = "Support events: decode, detect, SQL effect once per event"
        parts.append((text, lambda: speed_table(found, plan.peers, "effect")))
    lines: list[str] = []
    for heading, make in parts:
        lines += [f"### {heading}", "", make(), ""]
    for heading, items in (("Targets", target_lines(found)), ("Warnings", warnings(found))):
        if items:
            lines += [f"### {heading}", "", *items, ""]
    notes = [f"- {line}" for line in METHOD]
    notes += [f"- {peer.title}: {peer.note}" for peer in plan.peers if peer.note]
    return "\n".join([*lines, "### Notes", "", *notes, ""])


def as_json(found: Found, plan: Plan, command: str) -> dict[str, Any]:
    """Return everything measured."""
    return {
        "command": command,
        "machine": machine.describe(),
        "load_average": found.load_average,
        "seconds": found.seconds,
        "records": {
            "usage": plan.usage_records,
            "effect": plan.effect_records,
            "faults": plan.fault_records,
        },
        "repeats": plan.repeats,
        "seed": plan.seed,
        "versions": {name: packages[0] for name, packages in ENVIRONMENTS.items()},
        "caught": [run.as_dict() for run in found.caught],
        "delayed": [run.as_dict() for run in found.delayed],
        "survived": [run.as_dict() for run in found.survived],
        "ratios": ratios(found),
        "failed": found.failed,
        "not_installed": found.not_installed,
        "warnings": warnings(found),
    }
