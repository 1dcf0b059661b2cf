"""What members are paid: compiled rewards and the sparse baseline, applied to all steps of a rollout after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from autoreward.records import Finding, RewardSpec
from autoreward.reward.composition import compose_reward
from autoreward.reward.program import load_reward

Array = Any  # of numpy, or of jax where the rollout stays on a device
Arrays = Mapping[str, Array]

SPARSE_TERM = "progress"
SHAPING_TERMS = {SPARSE_TERM: 1.0, "shaping": 1.0}  # what members of kind "shaping" are paid, with weights


class Rewards(NamedTuple):
    """A rollout's rewards for one candidate's environments."""

    terms: Array  # [T, n, K] unweighted
    reward: Array  # [T, n]
    own: Array | None = None  # [T, n] what counts as own return; None: the reward


class RewardFunction(Protocol):
    """One way of paying members. Works on numpy and jax arrays alike."""

    term_names: tuple[str, ...]

    def pay(self, state: Arrays, action: Array, next_state: Arrays, t: Array, env: Array, progress: Array) -> Rewards:
        """Rewards of a rollout; arrays `[T, n, ...]`.

        Args:
            t, env: where episodes ended `[E]`; rows beyond the rollout are ignored.
            progress: the task's progress of these episodes `[E]`.
        """
        ...

    def describe_non_finite(self, bad: Sequence[int], transitions: int) -> Finding:
        """What is wrong with rewards that are not finite: `bad` counts the transitions on which each term is not."""
        ...


class ProgramReward:
    """A candidate's compiled reward, with weights, shaping and termination applied outside it."""

    def __init__(self, spec: RewardSpec, gamma: float) -> None:
        import numpy as np

        if spec.compiled is None:
            raise ValueError("a reward of kind 'program' carries its compiled program")
        self._program = load_reward(spec.compiled)
        self._weights = np.asarray(list(spec.compiled.weights.values()), np.float32)
        self._gamma = gamma
        self.term_names: tuple[str, ...] = tuple(spec.compiled.weights)

    def pay(self, state: Arrays, action: Array, next_state: Arrays, t: Array, env: Array, progress: Array) -> Rewards:
        """See RewardFunction."""
        return self.compute_step_rewards(state, action, next_state)

    def compute_step_rewards(self, state: Arrays, action: Array, next_state: Arrays) -> Rewards:
        """Rewards of a rollout; where episodes end makes no difference to them."""
        xp = action.__array_namespace__()
        shape = action.shape[:2]
        flat = self._flat_inputs(state, action, next_state)
        terms, phi, phi_next = (xp.asarray(array) for array in self._program(flat))
        terminated = next_state["terminated"].reshape(-1)
        reward = compose_reward(terms, self._weights, phi, phi_next, self._gamma, terminated)
        return Rewards(terms.reshape(*shape, -1), xp.asarray(reward, dtype=xp.float32).reshape(shape))

    def _flat_inputs(self, state: Arrays, action: Array, next_state: Arrays) -> dict[str, Array]:
        sources = {"state": state, "next_state": next_state}
        flat = {}
        for name in self._program.inputs:
            owner, _, field = name.partition(".")
            array = action if name == "action" else sources[owner][field]
            flat[name] = array.reshape(-1, *array.shape[2:])
        return flat

    def describe_non_finite(self, bad: Sequence[int], transitions: int) -> Finding:
        """See RewardFunction."""
        terms = zip(self.term_names, bad, strict=True)
        named = [f"term {name!r} at {count} of {transitions} transitions" for name, count in terms if count]
        return Finding(
            rule="training.reward_not_finite",
            severity="error",
            message=f"The reward is not finite while training: "
            f"{'; '.join(named) or 'the potential or the weighted sum'}.",
            remedy="Guard divisions, logarithms and square roots near zero, and clip exponents.",
        )


class SparseReward:
    """The task's progress, paid on the last transition of each episode: the baseline that knows nothing else."""

    term_names: tuple[str, ...] = (SPARSE_TERM,)

    def pay(self, state: Arrays, action: Array, next_state: Arrays, t: Array, env: Array, progress: Array) -> Rewards:
        """See RewardFunction."""
        reward = _scattered(action, t, env, progress)
        return Rewards(reward[..., None], reward)

    def describe_non_finite(self, bad: Sequence[int], transitions: int) -> Finding:
        """See RewardFunction."""
        return Finding(
            rule="training.reward_not_finite", severity="error", message="The task's progress is not finite."
        )


class ShapedReward:
    """The sparse progress, and potential-based shaping on every transition. Optimal policies are those of the former.

    What counts as own return is the progress alone: an undiscounted sum of shaping depends on the potential's zero.

    Source: Ng, Harada, Russell 1999, "Policy invariance under reward transformations", theorem 1.
    """

    term_names: tuple[str, ...] = tuple(SHAPING_TERMS)

    def __init__(self, spec: RewardSpec, gamma: float) -> None:
        if spec.compiled is None or not spec.compiled.has_potential:
            raise ValueError("a reward of kind 'shaping' carries a compiled potential")
        unpaid = dict.fromkeys(spec.compiled.weights, 0.0)  # its terms only show the potential to the critic
        compiled = spec.compiled.model_copy(update={"weights": unpaid})
        self._shaping = ProgramReward(spec.model_copy(update={"compiled": compiled}), gamma)

    def pay(self, state: Arrays, action: Array, next_state: Arrays, t: Array, env: Array, progress: Array) -> Rewards:
        """See RewardFunction."""
        xp = action.__array_namespace__()
        sparse = _scattered(action, t, env, progress)
        shaping = self._shaping.compute_step_rewards(state, action, next_state).reward
        return Rewards(xp.stack([sparse, shaping], axis=-1), sparse + shaping, own=sparse)

    def describe_non_finite(self, bad: Sequence[int], transitions: int) -> Finding:
        """See RewardFunction."""
        found = self._shaping.describe_non_finite([0] * len(self._shaping.term_names), transitions)
        return found.model_copy(update={"message": "The potential is not finite on states met in training."})


def reward_of(spec: RewardSpec, gamma: float) -> ProgramReward | SparseReward | ShapedReward:
    """What a specification pays."""
    if spec.kind == "sparse":
        return SparseReward()
    return ShapedReward(spec, gamma) if spec.kind == "shaping" else ProgramReward(spec, gamma)


def _scattered(action: Array, t: Array, env: Array, progress: Array) -> Array:
    """`progress [E]` at (t, env), else zeros `[T, n]` float32; of the namespace of `action [T, n, A]`."""
    xp = action.__array_namespace__()
    empty = xp.zeros(action.shape[:2], dtype=xp.float32)
    if hasattr(empty, "at"):  # jax arrays are never written to
        return empty.at[t, env].set(progress, mode="drop")
    empty[t, env] = progress
    return empty
