"""Knowledge cut into chunks that are found and cited.

Pure. Imports markup and schemas.
"""

from responders.chunks.chunk import (
    KnowledgeChunk,
    KnowledgeSource,
    kind_and_id,
    source_id_for,
    source_id_of,
    source_of_chunk,
)
from responders.chunks.cutting import MAX_SECTION_CHARS, chunks_of

__all__ = [
    "MAX_SECTION_CHARS",
    "KnowledgeChunk",
    "KnowledgeSource",
    "chunks_of",
    "kind_and_id",
    "source_id_for",
    "source_id_of",
    "source_of_chunk",
]
