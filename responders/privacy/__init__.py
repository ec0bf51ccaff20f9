"""Reversible pseudonyms: personal values and secrets never reach a model, an index or a log.

Pure. `pseudonyms` replaces what the recognisers find; each recogniser yields spans of one family of values.
Imports no other room.
"""

from responders.privacy.pseudonyms import Pseudonyms, has_placeholder

__all__ = ["Pseudonyms", "has_placeholder"]
