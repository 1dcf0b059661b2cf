WEIGHTS = {"a": 1.0}
SEEN = []
push = SEEN.append


def reward_terms(state, action, next_state, params):
    push(1)
    count = len(SEEN)
    return {"a": action[..., 0] * count}
