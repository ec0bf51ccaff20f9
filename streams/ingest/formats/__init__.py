"""Exports of help desks: one module per product, and `exports`, which has them by name.

May import the modules of `streams.ingest` that read rows, columns and texts.
"""
