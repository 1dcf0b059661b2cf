"""The population trainer: all candidates x seeds in one batched simulation, one policy, one PPO update."""
