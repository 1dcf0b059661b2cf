"""What runs in the trainer's process: population PPO over all candidates and seeds, and the evaluation."""
