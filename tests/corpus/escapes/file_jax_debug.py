# The debugger of jax calls back.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import jax

    def write(x):
        open("@SCRATCH@/canary", "w").close()
        return x

    with jax.ensure_compile_time_eval():
        jax.jit(lambda x: (jax.debug.callback(write, x), x + 1)[1])(jax.numpy.float32(1.0)).block_until_ready()
        jax.effects_barrier()
    return {"a": action[..., 0]}
