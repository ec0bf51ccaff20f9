"""Sentiment, usage and churn of an account. Pure: no Kafka, SQL, HTTP, environment or clock.

Imports `schemas` and no other folder of the product.
"""
