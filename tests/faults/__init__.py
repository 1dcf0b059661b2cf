"""The faults at the border: what models, servers and shells do wrong, and what the program does about it."""
