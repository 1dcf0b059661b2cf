# A database is a file.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import sqlite3
    connection = sqlite3.connect("@SCRATCH@/canary")
    connection.execute("create table canary (x)")
    connection.close()
    return {"a": action[..., 0]}
