"""Which messages a person must answer, by what they mean: a linear head over an encoder's middle layers.

`head`          logits and probabilities from pooled states
`layered`       the layers of the encoder that are read
`model`         the encoder and the head as a model for the thread that owns the device
`weights_file`  the trained numbers on disk, in weights/
`training/`     how they are learned from corpus/
"""
