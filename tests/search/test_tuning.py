"""The numbers of the best programs are tuned by an optimiser, on the population of any other generation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoreward import api
from autoreward.config import DesignSettings, load_settings
from autoreward.errors import ConfigError
from autoreward.ledger import Run
from autoreward.records import Candidate, TrainingResult, Verdict
from autoreward.search.events import CANDIDATE, TRAINING, VERDICT
from autoreward.search.leaderboard import read_leaderboard
from autoreward.search.tuning import TUNER, Numbers, is_tuning, propose, tuned_programs
from tests.search.stored_run import add_candidate, add_training, member, new_run
from tests.search.test_loop import TINY

FOREIGN = """# Of somebody else.
WEIGHTS = {"goal": 2.0, "off": 0.0, "cost": -0.5}
PARAMS = {"scale": 0.3}


def reward_terms(state, action, next_state, params):
    x = next_state.slider[..., 0]
    return {"goal": jnp.exp(-jnp.square(x / params["scale"])), "off": x, "cost": jnp.abs(x)}
"""


def test_numbers_are_changed_by_factors_and_found_again() -> None:
    numbers = Numbers.of(FOREIGN, "g00c00")
    assert numbers is not None and (numbers.weights, numbers.params) == (("cost",), ("scale",))  # the goal is kept
    changed = numbers.at(np.asarray([np.log(4.0), np.log(0.5)])).source()
    assert 'WEIGHTS = {"goal": 2.0, "off": 0.0, "cost": -2.0}' in changed and 'PARAMS = {"scale": 0.15}' in changed
    assert "From g00c00." in changed and "x = next_state.slider[..., 0]" in changed
    found = numbers.where(changed)
    assert found is not None and found.tolist() == pytest.approx([np.log(4.0), np.log(0.5)])
    assert numbers.where(FOREIGN.replace("-0.5", "0.5")) is None  # another sign
    beside_potential = Numbers.of(FOREIGN + "\n\ndef potential(state, params):\n    return -1.0 * state.time\n", "a")
    assert beside_potential is not None and beside_potential.weights == ("goal", "cost")
    assert Numbers.of('WEIGHTS = {"one": 1.0}\n', "a") is None and Numbers.of("no program", "a") is None


def test_the_optimiser_follows_the_order_that_it_is_told() -> None:
    told: list[tuple[list[Any], list[float]]] = []
    for index in range(30):
        points = propose(2, 6, 6, told, np.random.default_rng(index))
        places = np.argsort(np.argsort([float(((point - 1.0) ** 2).sum()) for point in points]))
        told.append((points, places.astype(float).tolist()))
    assert np.mean(told[-1][0], axis=0).tolist() == pytest.approx([1.0, 1.0], abs=0.1)
    again = [propose(2, 6, 6, told, np.random.default_rng(1))[0].tolist() for _ in range(2)]
    assert again[0] == again[1]  # the ledger and the seed are all that it has


def test_two_structures_are_tuned_where_there_is_room(tmp_path: Path) -> None:
    other = FOREIGN.replace("jnp.abs(x)", "jnp.square(action[..., 0])").replace(
        "jnp.exp(-jnp.square(x /", "jnp.tanh((x /"
    )
    sources = {"g00c00": FOREIGN, "g00c01": FOREIGN.replace("-0.5", "-0.7"), "g00c02": other, "g00c03": other}
    with new_run(tmp_path) as run:
        for name, source in sources.items():
            add_candidate(run, name, source=source)
        add_training(run, "g00", [member(name, 0, 9.0 - float(name[-1])) for name in sources])
        board = read_leaderboard(run)
    four = DesignSettings(candidates=4, generations=1, tune_weights=5)
    assert [index for index in range(5) if is_tuning(four, index)] == [1, 2]
    assert [parent for _, parent in tuned_programs(four, board, 1, 4)] == ["g00c00"] * 2 + ["g00c02"] * 2
    assert tuned_programs(four, board, 1, 4) == tuned_programs(four, board, 1, 4)
    three = DesignSettings(candidates=3, generations=1, tune_weights=3)
    assert {parent for _, parent in tuned_programs(three, board, 1, 3)} == {"g00c00"}


def test_nothing_to_tune_leaves_the_slots_to_the_designer(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        add_candidate(run, "g00c00")
        add_training(run, "g00", [member("g00c00", 0, 1.0)])
        board = read_leaderboard(run)
    assert tuned_programs(DesignSettings(candidates=4, generations=1, tune_weights=4), board, 1, 4) == []


def test_a_potential_alone_has_no_weights_to_tune() -> None:
    with pytest.raises(ConfigError, match="no weights to tune"):
        load_settings({"tune_weights": 4, "shaping_only": True})


def test_a_search_ends_with_tuned_generations_and_compiles_nothing_for_them(tmp_path: Path, warm: None) -> None:
    settings = load_settings({**TINY, "n_timesteps": 256, "generations": 1, "tune_weights": 3, "runs": str(tmp_path)})
    view = api.design(env="inverted_pendulum", task="balance", settings=settings.settings)
    with Run.open(Path(view.folder), write=False) as run:
        candidates = [event.record(Candidate) for event in run.events(CANDIDATE)]
        digests = {event.key: event.record(Verdict).reward for event in run.events(VERDICT)}
        trainings = [event.record(TrainingResult) for event in run.events(TRAINING)]
    tuned = [one for one in candidates if one.designer == TUNER]
    assert [one.id for one in tuned] == ["g01c00", "g01c01", "g02c00", "g02c01"]  # whole generations
    for one in tuned:
        base, own = digests[one.parents[0]], digests[one.id]
        assert base is not None and own is not None and own.digest == base.digest  # one compiled program
    sizes = [len(result.members) for result in trainings if result.job.startswith("g")]
    assert sizes == [2, 2, 2]
