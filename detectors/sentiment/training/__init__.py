"""Training of the mood model: rows, augmentation, adapters, fit, folds, card.

Imports the rest of `detectors.sentiment` and, when it runs, torch and transformers.
"""
