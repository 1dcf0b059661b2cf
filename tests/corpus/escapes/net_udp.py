# One datagram, which Landlock does not see.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import socket
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"canary", ("127.0.0.1", @UDP@))
    return {"a": action[..., 0]}
