"""The command line: argument parsing and printing only. Each command is one call of `autoreward.api`."""
