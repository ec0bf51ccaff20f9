"""Which words of a message are personal values: a small network over an encoder's middle layers.

`units`         the words, numbers and signs of a text that are judged one by one
`signs`         what a unit looks like and where it stands
`head`          chances of units from their states and signs
`decoding`      values and doubted words from chances
`model`         the encoder and the head as a model for the thread that owns the device
`weights_file`  the trained numbers on disk, in weights/
`training/`     how they are learned from corpus/
"""
