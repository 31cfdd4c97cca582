"""Scorers: one small class each; `eval.conformance.scorer` says what every one of them must hold to."""
