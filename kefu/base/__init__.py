"""The ground floor: clock, ids, errors, settings and texts that every package may use."""
