"""Weights that are learned while policies train: what the next rollout is paid with."""
