"""Answers that are already written: find the right question in the FAQ, or say that it is not there."""
