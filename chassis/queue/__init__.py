"""PostgreSQL is the queue, Redis is its doorbell: docs/decisions/0013.

`outbox.post` writes a task in the caller's transaction, `handlers.handles` says what is done with it, `worker` does
it under a lease with a fence, `sweeper` brings back what a dead worker held and rings again what was not heard.
"""
