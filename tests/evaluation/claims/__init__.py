"""Labelled sentences of drafts: written by hand, multiplied by a program, split by passage."""
