"""The reward terms for other tools: torch for mjlab and Isaac Lab, jax for MuJoCo Playground."""
