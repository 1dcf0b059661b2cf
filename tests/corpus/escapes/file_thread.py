# A thread writes.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import threading
    thread = threading.Thread(target=lambda: open("@SCRATCH@/canary", "w").close())
    thread.start()
    thread.join()
    return {"a": action[..., 0]}
