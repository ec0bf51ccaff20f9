"""Writing a reply from checked material. `Composer` is the default and needs no language model."""

from responders.generation.brief import (
    Brief,
    Composed,
    Fact,
    Layout,
    Material,
    Part,
    PartKind,
    TextGenerator,
    Tone,
)
from responders.generation.composer import Composer
from responders.generation.consensus import consensus

__all__ = [
    "Brief",
    "Composed",
    "Composer",
    "Fact",
    "Layout",
    "Material",
    "Part",
    "PartKind",
    "TextGenerator",
    "Tone",
    "consensus",
]
