# A database is a file.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import sqlite3
    sqlite3.connect("@SCRATCH@/canary").execute("create table canary (x)")
    return {"a": action[..., 0]}
