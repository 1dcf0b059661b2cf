"""What joins stages without a search: check, train, compare, term plots, dry run."""
