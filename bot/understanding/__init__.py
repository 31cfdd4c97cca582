"""What a customer's message means: intent, how sure we are, whether it is ours to answer at all, and why."""
