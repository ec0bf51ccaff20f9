"""Knowledge cut into chunks that are found and cited.

Pure. Imports markup and schemas.
"""

from responders.chunks.chunk import KnowledgeSource, source_id_for, source_id_of, source_of_chunk
from responders.chunks.cutting import MAX_SECTION_CHARS, chunks_of

__all__ = [
    "MAX_SECTION_CHARS",
    "KnowledgeSource",
    "chunks_of",
    "source_id_for",
    "source_id_of",
    "source_of_chunk",
]
