"""The command line: argument parsing and printing only. Each command is one call of `autoreward.api`.

A command imports what it needs when it runs, so that `--help` and the other commands load nothing of it.
"""
