"""Environments: packs, field declarations, tasks, the vectorised environment, random rollouts, clips."""
