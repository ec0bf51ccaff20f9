"""The clients of language models: a server by the OpenAI protocol, or a model on this machine.

`guarding` surrounds each of them with a breaker, a retry budget and a daily budget of tokens.
"""
