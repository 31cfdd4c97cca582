"""What every room stands on: the database, the event log, group commit, the broker port."""
