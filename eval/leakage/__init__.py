"""Does the suite test what was learned by heart?"""
