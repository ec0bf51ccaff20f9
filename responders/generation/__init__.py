"""Writing a reply from checked material. `Composer` is the default and needs no language model.

Pure. Imports markup, words and schemas.
"""

from responders.generation.brief import AskBrief, Brief, Composed, Fact, Material, ReplyPart
from responders.generation.composer import Composer
from responders.generation.consensus import consensus

__all__ = [
    "AskBrief",
    "Brief",
    "Composed",
    "Composer",
    "Fact",
    "Material",
    "ReplyPart",
    "consensus",
]
