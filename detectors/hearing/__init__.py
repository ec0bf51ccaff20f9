"""What several models hear in a message, by one pass of the encoder that they share.

`shared`        the heads over one encoder as a model for the thread that owns the device
"""
