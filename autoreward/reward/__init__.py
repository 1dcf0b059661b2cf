"""Rewards: the language, its sandbox, compiled programs, their composition and the distances between them."""
