"""Files in, figures out: labelled examples, measured with the code of production."""
