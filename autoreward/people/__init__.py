"""What people say about a run, on its way into the next prompt."""
