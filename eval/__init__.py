"""Suites, scorers, runner, reports; `eval.load` holds the load bench of the messenger."""
