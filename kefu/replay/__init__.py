"""Dialogues that happened, played again through the real wire: what would the bot have done?"""
