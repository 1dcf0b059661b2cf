"""What is shown of a run on pages: the served ones of `web` and the static report are made from the same templates."""
