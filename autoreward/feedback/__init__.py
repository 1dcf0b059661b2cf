"""What people say about a run: notes, in a form that can go into prompts and onto terminals."""
