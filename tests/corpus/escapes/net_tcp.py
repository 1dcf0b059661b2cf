# A connection.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import socket
    socket.create_connection(("127.0.0.1", @TCP@))
    return {"a": action[..., 0]}
