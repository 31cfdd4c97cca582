"""Intervals, paired tests and corrections: what makes a figure defensible."""
