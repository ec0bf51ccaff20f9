"""The names of the measures, of their groups, and of the terms of the hazard."""

from collections.abc import Mapping
from typing import Final

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "absence": (
        *("gap", "gap_longest", "gap_surprise", "missed", "weekday_surprise"),
        *("gap_x_rank28", "gap_x_rank7", "surprise_x_presence28", "gap_x_peers", "gap_x_tenure"),
        *("missed_x_rank28", "longest_x_rank28", "gap_x_presence28"),
    ),
    "regularity": (
        *("active7", "active14", "active28", "active_all", "active7_change", "active14_change"),
        *("presence7", "presence28", "presence56", "presence_ratio"),
    ),
    "amount": (
        *("rate3", "rate7", "rate14", "rate56", "fast_ratio", "mid_ratio", "slow_ratio"),
        *("size_slow", "size_change", "last_size_change"),
    ),
    "breadth": ("breadth7", "breadth28", "breadth_change", "kinds_ever"),
    "history": ("tenure", "absences", "longest", "quiet_weekdays"),
    "peers": (
        *("rank7", "rank28", "rank_change", "peer_ratio", "peer_trend", "peers_active7"),
        *("peers_active_change", "peer_gap", "rank28_x_presence28", "rank28_x_tenure"),
    ),
}
"""The measures of each group; their order is the order of the columns of `measures.matrix`."""

NAMES: Final = tuple(name for names in GROUPS.values() for name in names)

TERMS: Final = ("anomalies", "failures", "mood", "frustration", "threats", "asks", "seats")
"""The terms of evidence beside the use, in the order of the columns of `evidence_terms`."""

INDICATORS: Final = ("anomalies_known", "mood_known", "seats_known")
"""Whether the evidence is known; columns after TERMS."""

TERM_NAMES: Final = (*GROUPS, *TERMS, *INDICATORS)
"""The terms of the model, in the order of its columns."""
