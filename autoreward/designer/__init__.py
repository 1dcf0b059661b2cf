"""Prompt -> completion -> candidate: an LLM, or the embedded `compose` that needs none, behind one protocol."""
