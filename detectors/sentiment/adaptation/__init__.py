"""Each desk's own truth: a bounded learner of the moods that people corrected. Pure."""
