"""Everything that can answer a wish: fixed answers, FAQ, catalogue facts, orders, promotions, recommendations."""
