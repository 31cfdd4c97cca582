"""Service sessions: bot, queued, agent, closed; who answers the customer."""
