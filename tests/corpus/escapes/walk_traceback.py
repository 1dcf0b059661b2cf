# From an error to the frame to the built-ins.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    try:
        1 / 0
    except ZeroDivisionError as error:
        error.__traceback__.tb_frame.f_builtins["open"]("@SCRATCH@/canary", "w").close()
    return {"a": action[..., 0]}
