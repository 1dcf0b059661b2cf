"""The reward language, its sandbox, and the compiled programs that come out of it."""
