# A request.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import urllib.request
    urllib.request.urlopen("http://127.0.0.1:@TCP@/", timeout=1)
    return {"a": action[..., 0]}
