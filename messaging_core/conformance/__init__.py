"""Suites that a third party runs against its own plug-ins."""
