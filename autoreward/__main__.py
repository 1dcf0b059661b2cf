"""`python -m autoreward` is the command line."""

from autoreward.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
