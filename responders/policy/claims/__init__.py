"""Claims of a draft: what a sentence says, and whether the passages that it cites say the same.

Pure and without a language model: words with near-synonyms, quantities in one form, conditions, denials and
who does what are compared clause by clause. Callers import `checking` and `risks`.
"""
