"""Asking a language model for the answers of a reply, and reading what it answers.

Pure. The clients that reach a model are at the edge; `streams` has them.
"""
