# All names of a module.
from os import *

FOLDER = mkdir("@SCRATCH@/canary")


WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    return {"a": action[..., 0]}
