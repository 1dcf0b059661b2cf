WEIGHTS = {"a": 1.0}


def counter():
    seen = []

    def call():
        seen.append(1)
        return len(seen)

    return call


call = counter()


def reward_terms(state, action, next_state, params):
    count = call()
    return {"a": action[..., 0] * count}
