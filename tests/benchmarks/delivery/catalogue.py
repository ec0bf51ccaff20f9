"""The systems that are compared: the program of each system, its environment, and a note for the reader."""

from dataclasses import dataclass

MODULE = "tests.benchmarks.delivery"
OURS = "ours"


@dataclass(frozen=True)
class Peer:
    """One system. `environment` is None if it runs in our own environment."""

    name: str
    title: str
    module: str
    environment: str | None = None
    arguments: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ("usage", "effect")
    group_prefix: str = ""
    commits_on_broker: bool = True
    note: str = ""

    @property
    def program(self) -> str:
        """Return the module to run."""
        return f"{MODULE}.peers.{self.module}"


PEERS = (
    Peer(
        OURS,
        "Rapport",
        "ours",
        group_prefix="rapport-",
        note="usage job: the product's pipeline and usage handler without saved states: its "
        "transactions hold offsets alone",
    ),
    Peer(
        "ours-states",
        "Rapport, detector states saved",
        "ours",
        arguments=("--states",),
        jobs=("usage",),
        group_prefix="rapport-",
        note="as shipped: states are written with the offsets every second; "
        "no peer keeps its detectors over a restart",
    ),
    Peer("faust", "Faust, async for", "stock_faust", "faust-streaming", note="one transaction per event"),
    Peer("faust-take", "Faust, take", "stock_faust_take", "faust-streaming"),
    Peer("aiokafka", "aiokafka", "raw_aiokafka", "aiokafka", note="poison handling written by hand"),
    Peer(
        "confluent", "confluent-kafka", "confluent", "confluent-kafka", note="poison handling written by hand"
    ),
    Peer(
        "quix",
        "Quix Streams",
        "quix",
        "quixstreams",
        note="undecodable records are logged and skipped (on_consumer_error)",
    ),
    Peer(
        "bytewax",
        "Bytewax",
        "bytewax_flow",
        "bytewax",
        commits_on_broker=False,
        note="offsets in its own recovery store; the usage job decodes and detects by batches",
    ),
)


def chosen(names: str | None) -> list[Peer]:
    """Return the peers of a comma-separated list, in our order; without a list, all of them.

    Raises ValueError for an unknown name.

    >>> [peer.name for peer in chosen("quix,ours")]
    ['ours', 'quix']
    """
    if not names:
        return list(PEERS)
    wanted = {name.strip() for name in names.split(",")}
    unknown = wanted - {peer.name for peer in PEERS}
    if unknown:
        known = ", ".join(peer.name for peer in PEERS)
        raise ValueError(f"No such peer: {', '.join(sorted(unknown))}; there are {known}.")
    return [peer for peer in PEERS if peer.name in wanted]
