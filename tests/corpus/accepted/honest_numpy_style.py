import numpy as np

WEIGHTS = {"forward": 1.0, "upright": 0.5, "control": -0.05}


def reward_terms(state, action, next_state, params):
    forward = np.clip(next_state.torso_velocity[:, 0], -1.0, 3.0)
    upright = np.maximum(0.0, np.dot(next_state.torso_up, np.array([0.0, 0.0, 1.0])))
    control = np.mean(np.square(action), axis=1)
    return {"forward": forward, "upright": upright, "control": control}
