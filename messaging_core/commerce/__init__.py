"""Money between people: wallets with a ledger that always sums to zero, and red packets."""
