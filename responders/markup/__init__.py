"""HTML in knowledge: it becomes Markdown on the way in, and is taken out of everything that is sent.

Pure. Imports nothing of ours.
"""

from responders.markup.converting import as_markdown
from responders.markup.tags import has_tags, untagged

__all__ = ["as_markdown", "has_tags", "untagged"]
