"""Tests of what `kefu shadow` compares and reports."""
