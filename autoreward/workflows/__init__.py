"""What joins critic, trainer and designer without a search: check, train, compare, term plots, dry run."""
