"""`python -m autoreward` is the command line.

As with every `python -m`, a `queue.py` of the working folder is then imported in place of Python's own; with the
program `autoreward`, or `python -P -m autoreward`, it is not. The children are safe from it either way.
"""

from autoreward.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
