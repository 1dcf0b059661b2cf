# A named UNIX socket, which Landlock does not see.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import socket
    socket.socket(socket.AF_UNIX).connect("@UNIX@")
    return {"a": action[..., 0]}
