"""What a conversation has come to: state between turns, clarification, repetition, and the decision."""
