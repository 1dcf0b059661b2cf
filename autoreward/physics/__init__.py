"""The batched simulation behind one seam, the vectorised environment on top of it, and random rollouts."""
