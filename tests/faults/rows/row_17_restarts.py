"""Row 17: a restart every 20 s for 5 minutes, and rolling restarts of static members."""

import time
from collections.abc import Sequence

from streams.kafka.topics import USAGE_EVENTS
from tests.faults.lab import Lab, Worker
from tests.faults.rows import Plan, Row, Tally

RATE = 2_000.0
LONGEST_PAUSE_SECONDS = 30.0
STATIC_SESSION_SECONDS = 60
"""Session timeout of static members: longer than a restart takes, as in a deployment."""

MEMBERS = ("member-0", "member-1", "member-2")


def storm_then_static_members(plan: Plan, tally: Tally) -> None:
    """Restart dynamic members under load, then static members, whose generation must not change."""
    with Lab(brokers=plan.pick(3, 1), seed=plan.seed) as lab:
        relay = lab.start_relay()
        _storm(lab, plan, tally)
        tally.take(lab.check("usage"))
        _static_members(lab, plan, tally)
        tally.take(lab.check("usage"))
        assert relay.terminate()[0] == 0


def _storm(lab: Lab, plan: Plan, tally: Tally) -> None:
    workers = [lab.start_worker("usage") for _ in MEMBERS]
    lab.wait_ready(*workers)
    sender, mark = lab.paced(USAGE_EVENTS, lab.inputs.endless_usage(), rate=RATE), lab.audit.mark()
    for restart in range(plan.repeats_or(15, 3)):
        time.sleep(plan.pick(20, 8))
        _restart(lab, workers, restart)
        tally.repeats += 1
    time.sleep(plan.pick(20, 8))
    sender.stop()
    lab.wait_drained("usage")
    pauses = lab.audit.longest_pauses("usage", after=mark)
    assert len(pauses) == lab.partitions, f"only {len(pauses)} partitions made progress"
    longest = max(pauses.values())
    tally.recovered.append(longest)
    assert longest <= LONGEST_PAUSE_SECONDS, f"a partition made no progress for {longest:.0f} s"
    _end(workers)


def _restart(lab: Lab, workers: list[Worker], restart: int) -> None:
    """Restart one worker, in turn by SIGKILL and by SIGTERM."""
    place = restart % len(workers)
    if restart % 2:
        assert workers[place].terminate()[0] == 0
    else:
        workers[place].kill()
    workers[place] = lab.start_worker("usage")


def _static_members(lab: Lab, plan: Plan, tally: Tally) -> None:
    """Restart each of three static members in turn, ten times: no rebalance, nothing lost."""
    workers = [
        lab.start_worker("usage", name=name, session_timeout_seconds=STATIC_SESSION_SECONDS)
        for name in MEMBERS
    ]
    lab.wait_ready(*workers)
    sender = lab.paced(USAGE_EVENTS, lab.inputs.endless_usage(), rate=RATE)
    settled = _settled_generation(lab, workers)
    started = list(workers)
    for _ in range(plan.pick(10, 1)):
        for place, name in enumerate(MEMBERS):
            code, _ = workers[place].terminate()
            assert code == 0, f"{workers[place].name} ended with {code}"
            workers[place] = lab.start_worker(
                "usage", name=name, session_timeout_seconds=STATIC_SESSION_SECONDS
            )
            lab.wait_ready(workers[place])
            started.append(workers[place])
    sender.stop()
    lab.wait_drained("usage")
    newest = max(generation for worker in started for generation in worker.generations())
    tally.notes.append(f"{newest - settled} generation changes in {len(started) - 3} static restarts")
    _end(workers)
    assert newest == settled, f"the generation moved from {settled} to {newest}"


def _settled_generation(lab: Lab, workers: Sequence[Worker]) -> int:
    """Return the generation in which all members have joined and every partition makes progress."""
    mark = lab.audit.mark()
    everything = set(range(lab.partitions))
    lab.wait_for(
        lambda: lab.audit.moved("usage", after=mark) == everything, 60, "progress of every partition"
    )
    newest = [worker.generations()[-1] for worker in workers]
    assert len(set(newest)) == 1, f"the members are in generations {newest}"
    return newest[0]


def _end(workers: Sequence[Worker]) -> None:
    codes = [worker.terminate()[0] for worker in workers]
    assert codes == [0] * len(workers), f"exit codes {codes}"


ROWS_HERE = (Row(17, "restart every 20 s; rolling restarts of static members", storm_then_static_members),)
