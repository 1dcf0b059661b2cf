"""One environment of somebody else all the way: described, checked, designed for, killed, resumed, exported, used.

    .venv/bin/python -m tests.cli.walk Meta-World/drawer-close-v3 info:success

Prints one line of JSON: how long each part took, what the run came to, what the export paid. docs/measurements.md has
the table that such lines make. The search is a tiny one: it shows that everything works, and nothing else.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.commands import Finished, run_process

OWN = Path(__file__).parent.parent / "environment" / "foreign" / "own_envs.py"
REWARD = '''"""Small numbers, calmly."""

WEIGHTS = {"small": -1.0, "calm": -0.1}


def reward_terms(state, action, next_state, params):
    return {
        "small": jnp.mean(jnp.square(next_state.observation), axis=-1),
        "calm": jnp.sum(jnp.square(action), axis=-1),
    }
'''
USE = """
import sys
from exported.policy import Policy
from exported.wrapper import make_env

env, policy = make_env(), Policy()
observation, info = env.reset(seed=0)
for _ in range(20):
    observation, reward, terminated, truncated, info = env.step(policy(observation))
    if terminated or truncated:
        break
assert not any(name.partition(".")[0] == "autoreward" for name in sys.modules)
print(reward, info["reward_terms"])
"""
SMALL = {
    "candidates": 2, "generations": 1, "seeds": 1, "n_timesteps": 1024, "final_seeds": 1, "evaluation_episodes": 1,
    "clips": "false", "num_envs": 4, "num_steps": 64, "num_minibatches": 4, "hidden": [8],
}  # fmt: skip


def walk(folder: Path, env: str, metric: str) -> dict[str, Any]:
    """All of it in a folder; ends with the part that failed, where one does."""
    seconds: dict[str, float] = {}

    def run(part: str, *arguments: str) -> Finished:
        began = time.monotonic()
        done = run_process(folder, *arguments)
        seconds[part] = round(time.monotonic() - began, 1)
        if done.code:
            raise SystemExit(json.dumps({"env": env, "failed": part, "code": done.code, "said": done.out + done.err}))
        return done

    (folder / "reward.py").write_text(REWARD)
    (folder / "use.py").write_text(USE)
    run("describe", "envs", "describe", env)
    run("check", "check", "reward.py", "--env", env)
    said = killed_search(folder, env, metric)
    run("resume", "--yes", "resume", "last")
    shown = json.loads(run("show", "--json", "show", "last").out)
    run("export", "export", "last", "-o", "exported")
    used = subprocess.run([sys.executable, "use.py"], cwd=folder, capture_output=True, text=True, check=True)
    facts = {"killed_at": said, "status": shown["status"], "success": shown["best"]["fitness"], "used": used.stdout}
    return {"env": env, **facts, "seconds": seconds}


def killed_search(folder: Path, env: str, metric: str) -> str:
    """Begin a search, kill it once it trains or measures, and tell what it had said last."""
    settings = [f"--set={name}={value}" for name, value in SMALL.items()]
    command = ["--yes", "design", "Do what success asks for.", "--env", env, "--metric", metric, "--model", "compose"]
    with (folder / "said").open("w") as said:
        search = subprocess.Popen(
            [sys.executable, "-m", "autoreward", *command, *settings],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
        )  # fmt: skip
        while search.poll() is None and "training" not in (folder / "said").read_text():
            time.sleep(0.1)  # only how soon it is seen
        search.send_signal(signal.SIGKILL)
        search.wait()
    return (folder / "said").read_text().splitlines()[-1]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as here:
        (Path(here) / OWN.name).write_text(OWN.read_text())  # for own_envs:Reach and the like
        print(json.dumps(walk(Path(here), *sys.argv[1:])))
