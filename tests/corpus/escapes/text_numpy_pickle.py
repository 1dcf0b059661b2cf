# Numpy loads pickles.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import io
    import pickle

    class Late:
        def __reduce__(self):
            import os
            return os.mkdir, ("@SCRATCH@/canary",)

    file = io.BytesIO()
    np.save(file, np.array([Late()], dtype=object), allow_pickle=True)
    file.seek(0)
    np.load(file, allow_pickle=True)
    return {"a": action[..., 0]}
