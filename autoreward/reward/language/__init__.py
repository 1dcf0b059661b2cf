"""The reward language: what a program may be made of, and the rules that hold a text against it."""
