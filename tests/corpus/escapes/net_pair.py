# Two sockets of its own.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import socket
    socket.socketpair()
    raise ValueError("canary-fired")
    return {"a": action[..., 0]}
