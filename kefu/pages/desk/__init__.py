"""The desk: queue, live conversations, and what an agent should know."""
