"""Accounts, enterprise members, visitors, tokens: who may speak as whom."""
