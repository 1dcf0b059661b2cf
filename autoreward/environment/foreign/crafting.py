"""The world of Craftax-Classic as an environment of Gymnasium: what stands around the player, by name, and four tasks.

    autoreward design "Walk to a tree." --env craftax:approach_tree --metric info:success

For the package craftax (extra `craftax`), which installs pygame over pygame-ce: never beside MiniGrid or Highway.

Source: Matthews et al. 2024, arXiv:2402.16801; Hafner 2021, arXiv:2109.06780; tasks as in Auto MC-Reward, Li et al.
2024, arXiv:2312.09238.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from autoreward.environment.foreign.crafting_fields import FACING, ITEMS, VIEW, VITALS
from autoreward.errors import UsageError

BLOCKS, MOBS = 17, 4  # kinds in each cell: what the ground is, and who stands there
TREE, LAVA, DIAMOND, COW, ZOMBIE = 5, 14, 10, BLOCKS + 1, BLOCKS  # their columns
NOTHING = 10.0  # [blocks] each way, of what is not in view
SEEN = {"tree": TREE, "cow": COW, "lava": LAVA, "diamond": DIAMOND, "zombie": ZOMBIE}
LIMITS = {"approach_tree": 100, "approach_cow": 100, "collect_wood": 200, "diamond_without_lava": 1000}  # [steps]
ACTIONS = (
    "noop left right up down do sleep place_stone place_table place_furnace place_plant make_wood_pickaxe "
    "make_stone_pickaxe make_iron_pickaxe make_wood_sword make_stone_sword make_iron_sword"
)


@cache
def _world() -> Any:
    """The rules of the world, one for all copies in a process: each that jax meets is compiled anew, for minutes."""
    try:
        from craftax.craftax_env import make_craftax_env_from_name  # an extra of its own
    except ImportError as error:
        raise UsageError(
            f"The world of Craftax is not installed: {error}.", "pip install 'autoreward[craftax]'"
        ) from error
    return make_craftax_env_from_name("Craftax-Classic-Symbolic-v1", auto_reset=False)


class Crafting(gymnasium.Env[dict[str, Any], Any]):
    """The symbolic world, a step of which moves the player by one block.

    The episode ends where the task is done and where the player dies, and is cut after the steps of `LIMITS`.

    Args:
        task: approach_tree, approach_cow, collect_wood or diamond_without_lava.
    """

    metadata = {"render_modes": []}  # noqa: RUF012 - as Gymnasium has it

    def __init__(self, task: str = "approach_tree") -> None:
        if task not in LIMITS:
            raise UsageError(f"craftax has no task {task!r}.", f"Known: {', '.join(LIMITS)}.")
        import jax

        self._jax, self.task = jax, task
        self.action_names = tuple(ACTIONS.split())
        self._world = _world()
        self._params = self._world.default_params
        self.max_episode_steps = LIMITS[task]
        offsets = {f"{name}_offset": spaces.Box(-NOTHING, NOTHING, (2,)) for name in SEEN}
        self.observation_space = spaces.Dict(
            {
                "view": spaces.Box(0.0, 1.0, (VIEW[0] * VIEW[1] * (BLOCKS + MOBS),)),
                "inventory": spaces.Box(0.0, 1.0, (len(ITEMS),)),
                "vitals": spaces.Box(0.0, 1.0, (len(VITALS),)),
                "facing": spaces.Box(0.0, 1.0, (len(FACING),)),
                "light": spaces.Box(0.0, 1.0, (1,)),
                "asleep": spaces.Box(0.0, 1.0, (1,)),
                **offsets,
            }
        )
        self.action_space = spaces.Discrete(len(ACTIONS.split()))
        self._state: Any = None
        self._steps = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """A new world."""
        super().reset(seed=seed)
        self._key = self._jax.random.key(int(self.np_random.integers(1 << 31)))
        self._key, key = self._jax.random.split(self._key)
        row, self._state = self._world.reset(key, self._params)
        self._steps = 0
        return observed(np.asarray(row)), {"success": 0.0}

    def step(self, action: int) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """One step; pays 1 where the task is done."""
        self._key, key = self._jax.random.split(self._key)
        row, self._state, _, dead, _ = self._world.step(key, self._state, int(action), self._params)
        self._steps += 1
        seen = observed(np.asarray(row))
        done = is_done(self.task, seen) and not bool(dead)
        late = self._steps >= self.max_episode_steps
        return seen, float(done), done or bool(dead), late and not (done or bool(dead)), {"success": float(done)}


def observed(row: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
    """What craftax shows, by name.

    Args:
        row: its observation, one row: the view, then inventory, vitals, facing, light and sleep.
    """
    cells = VIEW[0] * VIEW[1] * (BLOCKS + MOBS)
    view, rest = row[:cells].reshape(*VIEW, -1), row[cells:]
    ends = np.cumsum([len(ITEMS), len(VITALS), len(FACING), 1, 1])
    inventory, vitals, facing, light, asleep = np.split(rest, ends[:-1])
    named = {"view": row[:cells], "inventory": inventory, "vitals": vitals, "facing": facing}
    named |= {"light": light, "asleep": asleep}
    named |= {f"{name}_offset": nearest(view[..., column]) for name, column in SEEN.items()}
    return {name: np.asarray(value, np.float32) for name, value in named.items()}


def nearest(there: NDArray[Any]) -> NDArray[np.float32]:
    """Rows down and columns right to the nearest cell that is set; NOTHING each way where none is.

    Args:
        there: a plane of the view, the player in its middle.
    """
    places = np.argwhere(there > 0) - np.array(VIEW) // 2
    if not len(places):
        return np.full(2, NOTHING, np.float32)
    return np.asarray(places[np.abs(places).sum(axis=1).argmin()], np.float32)


def is_done(task: str, seen: dict[str, NDArray[np.float32]]) -> bool:
    """Whether a task is done in a state."""
    if task.startswith("approach_"):
        return bool(np.abs(seen[f"{task.removeprefix('approach_')}_offset"]).sum() <= 1.0)
    item = "wood" if task == "collect_wood" else "diamond"
    return bool(seen["inventory"][ITEMS.index(item)] > 0.0)
