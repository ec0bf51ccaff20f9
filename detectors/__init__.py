"""What is going on: sentiment, usage, churn. Pure: no Kafka, SQL, HTTP, environment or clock."""
