"""Sending: guards, numbering, the kinds of messages, history."""
