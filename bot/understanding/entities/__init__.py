"""What a message names: products, money, amounts, dates, phones, places; by rules, word lists and a small tagger.

Overlaps follow one rule: the longest span wins; of equal spans a pattern of the pack comes before a word list, that
before the tagger, that before the built-in slots (in the order of `builtin.SLOTS`). Spans never cross in the result;
several entities on one span stay together only when one annotation taught them so.
"""
