"""The other work of the machine: load, stolen time, and other processes on the core under test."""

import os
import platform
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

MAX_LOAD = 0.5
MAX_STEAL = 0.02
MAX_FOREIGN = 0.10
TICK_SECONDS = 1.0 / os.sysconf("SC_CLK_TCK")


class BusyMachineError(Exception):
    """Figures measured now would be worthless; the message is one sentence for a person."""


@dataclass(frozen=True)
class Cores:
    """The core of the broker, the database and the load, and the core of the system under test."""

    services: int
    tested: int


def two_cores() -> Cores:
    """Return the first two cores that we may use. Raises BusyMachineError if there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise BusyMachineError("The comparison needs two cores.")
    return Cores(allowed[0], allowed[1])


@dataclass(frozen=True)
class CoreTimes:
    """Seconds of one core since boot."""

    busy: float
    steal: float


def core_times(core: int) -> CoreTimes:
    """Return the times of a core since boot."""
    return parse_core_times(Path("/proc/stat").read_text(), core)


def parse_core_times(stat: str, core: int) -> CoreTimes:
    """Return a core's times from the kernel's statistics.

    >>> parse_core_times("cpu1 100 0 50 800 20 5 5 10 0 0", 1).steal == 10 * TICK_SECONDS
    True
    """
    line = re.search(rf"^cpu{core} (.+)$", stat, re.MULTILINE)
    if line is None:
        raise ValueError(f"no core {core}")
    user, nice, system, _, _, irq, soft, steal = (int(ticks) for ticks in line[1].split()[:8])
    return CoreTimes((user + nice + system + irq + soft + steal) * TICK_SECONDS, steal * TICK_SECONDS)


def refuse_load(*, anyway: bool) -> float:
    """Return the load average of the last minute. Raises BusyMachineError if it is above `MAX_LOAD`."""
    load = os.getloadavg()[0]
    if load > MAX_LOAD and not anyway:
        raise BusyMachineError(
            f"The load average is {load:.2f}, above {MAX_LOAD}: wait for a quiet machine or pass --anyway."
        )
    return load


def describe() -> dict[str, Any]:
    """Return the description of the machine."""
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "kernel": platform.release(),
        "processor": _processor(),
        "python": platform.python_version(),
    }


def _processor() -> str:
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def peak_rss_bytes(pid: int) -> int:
    """Return the largest resident memory that a process had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return 1024 * int(found[1]) if found else 0


def family_cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and its children, ended children included."""
    root = psutil.Process(pid)
    own = root.cpu_times()
    total = float(own.user + own.system + own.children_user + own.children_system)
    for child in root.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += float(times.user + times.system)
    return total


@dataclass(frozen=True)
class Disturbance:
    """Shares of a run's wall time: stolen by the host, and used by other processes on the tested core."""

    steal: float
    foreign: float

    @property
    def is_high(self) -> bool:
        """Whether the run's figures should not be believed."""
        return self.steal > MAX_STEAL or self.foreign > MAX_FOREIGN

    def as_dict(self) -> dict[str, float]:
        """Return the shares, rounded."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def disturbance(before: CoreTimes, after: CoreTimes, *, wall: float, own_cpu: float) -> Disturbance:
    """Return the use of the tested core by others in `wall` seconds, of which the system used `own_cpu`.

    >>> disturbance(CoreTimes(0, 0), CoreTimes(9, 1), wall=10, own_cpu=7)
    Disturbance(steal=0.1, foreign=0.1)
    """
    steal = (after.steal - before.steal) / wall
    return Disturbance(steal, max(0.0, (after.busy - before.busy - own_cpu) / wall - steal))
