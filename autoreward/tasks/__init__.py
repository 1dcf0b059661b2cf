"""What is to be done, and in which world: packs, field declarations, tasks and their texts."""
