"""The proof that a compiled program treats the rows of a batch alike and apart, and what it costs: nothing runs."""
