"""Packs of law: reading them from folders, and checking what they say."""
