"""What members are paid: compiled rewards and the sparse baseline, applied to a whole slab after the rollout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autoreward.records import Finding, RewardSpec
from autoreward.reward.composition import compose_reward
from autoreward.reward.program import load_reward

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]

SPARSE_TERM = "progress"
SHAPING_TERMS = {SPARSE_TERM: 1.0, "shaping": 1.0}  # what members of kind "shaping" are paid, with weights


@dataclass(frozen=True)
class Income:
    """A slab's rewards for one candidate's environments."""

    terms: NDArray[Any]  # [T, n, K] unweighted
    reward: NDArray[Any]  # [T, n]
    own: NDArray[Any] | None = None  # [T, n] what counts as own return; None: the reward


class ProgramReward:
    """A candidate's compiled reward, with weights, shaping and termination applied outside it."""

    def __init__(self, spec: RewardSpec, gamma: float) -> None:
        import numpy as np

        if spec.compiled is None:
            raise ValueError("a reward of kind 'program' carries its compiled program")
        self._program = load_reward(spec.compiled)
        self._weights = np.asarray(list(spec.compiled.weights.values()), np.float32)
        self._gamma = gamma
        self.term_names = tuple(spec.compiled.weights)

    def pay(self, state: Arrays, action: NDArray[Any], next_state: Arrays) -> Income:
        """Rewards of a slab; arrays `[T, n, ...]`."""
        import numpy as np

        shape = action.shape[:2]
        flat = self._flat_inputs(state, action, next_state)
        terms, phi, phi_next = (np.asarray(array) for array in self._program(flat))
        terminated = next_state["terminated"].reshape(-1)
        reward = compose_reward(terms, self._weights, phi, phi_next, self._gamma, terminated)
        return Income(terms.reshape(*shape, -1), np.asarray(reward, np.float32).reshape(shape))

    def _flat_inputs(self, state: Arrays, action: NDArray[Any], next_state: Arrays) -> dict[str, NDArray[Any]]:
        sources = {"state": state, "next_state": next_state}
        flat = {}
        for name in self._program.inputs:
            owner, _, field = name.partition(".")
            array = action if name == "action" else sources[owner][field]
            flat[name] = array.reshape(-1, *array.shape[2:])
        return flat

    def culprit(self, income: Income) -> Finding | None:
        """What is wrong with rewards that are not finite; None when all are."""
        import numpy as np

        if np.isfinite(income.reward).all():
            return None
        bad = [
            f"term {name!r} at {int((~np.isfinite(income.terms[..., k])).sum())} of {income.reward.size} transitions"
            for k, name in enumerate(self.term_names)
            if not np.isfinite(income.terms[..., k]).all()
        ]
        where = "; ".join(bad) or "the potential or the weighted sum"
        return Finding(
            rule="training.reward_not_finite",
            severity="error",
            message=f"The reward is not finite while training: {where}.",
            remedy="Guard divisions, logarithms and square roots near zero, and clip exponents.",
        )


class SparseReward:
    """The task's progress, paid on the last transition of each episode: the baseline that knows nothing else."""

    term_names = (SPARSE_TERM,)

    def pay(self, shape: tuple[int, int], t: NDArray[Any], env: NDArray[Any], progress: NDArray[Any]) -> Income:
        """Rewards of a slab `[T, n]` whose episodes ended at (t, env) with `progress [E]`."""
        import numpy as np

        reward = np.zeros(shape, np.float32)
        reward[t, env] = progress
        return Income(reward[..., None], reward)


class ShapedReward:
    """The sparse progress, and potential-based shaping on every transition. Optimal policies are those of the former.

    What counts as own return is the progress alone: an undiscounted sum of shaping depends on the potential's zero.

    Source: Ng, Harada, Russell 1999, "Policy invariance under reward transformations", theorem 1.
    """

    term_names = tuple(SHAPING_TERMS)

    def __init__(self, spec: RewardSpec, gamma: float) -> None:
        if spec.compiled is None or not spec.compiled.has_potential:
            raise ValueError("a reward of kind 'shaping' carries a compiled potential")
        unpaid = dict.fromkeys(spec.compiled.weights, 0.0)  # its terms only show the potential to the critic
        compiled = spec.compiled.model_copy(update={"weights": unpaid})
        self._shaping = ProgramReward(spec.model_copy(update={"compiled": compiled}), gamma)
        self._sparse = SparseReward()

    def pay(
        self, state: Arrays, action: NDArray[Any], next_state: Arrays, t: NDArray[Any], env: NDArray[Any],
        progress: NDArray[Any],
    ) -> Income:  # fmt: skip
        """Rewards of a slab, arrays `[T, n, ...]`, whose episodes ended at (t, env) with `progress [E]`."""
        import numpy as np

        sparse = self._sparse.pay((action.shape[0], action.shape[1]), t, env, progress).reward
        shaping = self._shaping.pay(state, action, next_state).reward
        return Income(np.stack([sparse, shaping], axis=-1), sparse + shaping, own=sparse)

    def culprit(self, income: Income) -> Finding | None:
        """What is wrong with rewards that are not finite; None when all are."""
        found = self._shaping.culprit(income)
        return found and found.model_copy(update={"message": "The potential is not finite on states met in training."})
