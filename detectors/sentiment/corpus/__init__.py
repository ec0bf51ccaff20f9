"""Customer messages written for this project, with the labels of two readers: to train and judge models.

Imports `schemas`. `GUIDELINE.md` says how the messages were made and labelled, and under which licence.
"""
