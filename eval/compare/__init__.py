"""Two runs or many: what changed, for whom, and is it more than chance?"""
