# Another way back from jax.
WEIGHTS = {"a": 1.0}


def reward_terms(state, action, next_state, params):
    import jax
    from jax.experimental import io_callback

    def write(x):
        open("@SCRATCH@/canary", "w").close()
        return x

    with jax.ensure_compile_time_eval():
        jax.jit(lambda x: io_callback(write, x, x))(jax.numpy.float32(1.0)).block_until_ready()
        jax.effects_barrier()
    return {"a": action[..., 0]}
