WEIGHTS = {"reach": 1.0, "still": -0.1}


def reward_terms(state, action, next_state, params):
    """Terms of a reaching task."""

    def distance(record):
        """Distance to the goal [m]."""

        def squared(x):
            return x * x

        return jnp.sqrt(squared(record.goal_offset).sum(axis=-1) + 1e-6)

    progress = distance(state) - distance(next_state)
    near = distance(next_state) < 0.1
    return {"reach": 10.0 * progress + jnp.where(near, 1.0, 0.0), "still": jnp.linalg.norm(action, axis=-1)}
