# A server of its own.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import socket
    server = socket.create_server(("127.0.0.1", 0))
    raise ValueError("canary-fired")
    return {"a": action[..., 0]}
