"""HTML in what the operator knows: made into Markdown when it comes in, kept out of what goes out."""

from responders.markup.converting import as_markdown
from responders.markup.tags import has_tags, untagged

__all__ = ["as_markdown", "has_tags", "untagged"]
