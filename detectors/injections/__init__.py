"""Which sentences of a message order the writer of the reply about: a linear head over states and letters.

`grams`         the runs of letters of a sentence, as numbers of buckets
`head`          scores of sentences from their states and their grams
`model`         the encoder and the head as a model for the thread that owns the device
`weights_file`  the trained numbers on disk, in weights/
`training/`     how they are learned from corpus/
"""
