# A UNIX socket without a file.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import socket
    socket.socket(socket.AF_UNIX).connect("\0@ABSTRACT@")
    return {"a": action[..., 0]}
