"""`python -m autoreward.runs.track_worker TARGET FOLDER`: writes what stdin holds, for TensorBoard or Weights & Biases.

A process of its own: both libraries are heavy, read the environment, and start threads and helpers of theirs.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autoreward.environment.clip_encoding import HEIGHT, WIDTH, as_gif

OWN = "tracked.json"  # in the folder: says that what lies in it was written here, and may be replaced


def main() -> None:
    """Write one run."""
    to, folder = sys.argv[1], Path(sys.argv[2])
    told = json.load(sys.stdin)
    try:
        write_tensorboard(folder, told) if to == "tensorboard" else write_wandb(folder, told)
    except ImportError as error:
        raise SystemExit(f"{error.name} is not installed") from error


# --- TensorBoard -------------------------------------------------------------------------------------------


def write_tensorboard(folder: Path, told: Mapping[str, Any]) -> None:
    """An event file for each member and candidate, so that their curves lie over each other; texts beside them."""
    from tensorboard.compat.proto.summary_pb2 import Summary

    _clear(folder, told)
    by_place: dict[str, list[Mapping[str, Any]]] = {}
    for one in told["series"]:
        by_place.setdefault(one["place"], []).append(one)
    for place, series in by_place.items():
        summaries = [
            (step, Summary(value=[Summary.Value(tag=one["tag"], simple_value=value)]))
            for one in series
            for step, value in zip(one["steps"], one["values"], strict=True)
        ]
        candidate, _, which = place.partition("/")
        if which == "mean":
            summaries += [(0, one) for one in _session(candidate, told)]
            summaries += [(0, one) for one in _clip(told["clips"].get(candidate))]
        _write(folder / place, summaries)
    texts = {"settings": f"```\n{json.dumps(told['config'], indent=1)}\n```", "final table": _markdown(told["table"])}
    _write(folder / "run", [(0, _text(tag, text)) for tag, text in texts.items()])


def _clear(folder: Path, told: Mapping[str, Any]) -> None:
    """Make room for what is written anew: event files are only ever added to."""
    mark = folder / OWN
    if mark.is_file():
        for place in json.loads(mark.read_text()):
            shutil.rmtree(folder / place, ignore_errors=True)
    mark.write_text(json.dumps(sorted({one["place"].partition("/")[0] for one in told["series"]} | {"run"})))


def _write(folder: Path, summaries: Sequence[tuple[int, Any]]) -> None:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(str(folder))
    for step, summary in summaries:
        writer.add_event(Event(wall_time=time.time(), step=step, summary=summary))
    writer.close()


def _session(candidate: str, told: Mapping[str, Any]) -> list[Any]:
    """The hyper-parameters of a candidate for the page HPARAMS, and its program as text."""
    from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
    from tensorboard.plugins.hparams.metadata import PLUGIN_DATA_VERSION, PLUGIN_NAME, SESSION_START_INFO_TAG
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionStartInfo

    known = told["candidates"].get(candidate)
    if known is None:
        return []
    started = SessionStartInfo()
    for name, value in known["hyperparameters"].items():
        field = "string_value" if isinstance(value, str) else "number_value"
        setattr(started.hparams[name], field, value)
    content = HParamsPluginData(session_start_info=started, version=PLUGIN_DATA_VERSION).SerializeToString()
    plugin = SummaryMetadata.PluginData(plugin_name=PLUGIN_NAME, content=content)
    session = Summary.Value(tag=SESSION_START_INFO_TAG, metadata=SummaryMetadata(plugin_data=plugin))
    return [Summary(value=[session]), _text("program", f"```python\n{known['source']}\n```")]


def _text(tag: str, words: str) -> Any:
    from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
    from tensorboard.compat.proto.tensor_pb2 import TensorProto
    from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto

    shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)])
    tensor = TensorProto(dtype="DT_STRING", string_val=[words.encode()], tensor_shape=shape)
    plugin = SummaryMetadata.PluginData(plugin_name="text", content=b"")
    return Summary(value=[Summary.Value(tag=tag, metadata=SummaryMetadata(plugin_data=plugin), tensor=tensor)])


def _clip(path: str | None) -> list[Any]:
    """A clip as a GIF, which TensorBoard plays among its images."""
    if path is None:
        return []
    from tensorboard.compat.proto.summary_pb2 import Summary

    image = Summary.Image(height=HEIGHT, width=WIDTH, colorspace=3, encoded_image_string=as_gif(Path(path)))
    return [Summary(value=[Summary.Value(tag="clip", image=image)])]


def _markdown(table: Mapping[str, Any]) -> str:
    rows = [table["columns"], ["---"] * len(table["columns"]), *table["rows"]]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


# --- Weights & Biases --------------------------------------------------------------------------------------


def write_wandb(folder: Path, told: Mapping[str, Any]) -> None:
    """One run; its environment says of which project, and whether offline; nothing of this machine."""
    import wandb

    private = wandb.Settings(
        console="off", disable_git=True, disable_code=True, x_disable_meta=True, x_disable_stats=True
    )
    run = wandb.init(name=told["name"], dir=str(folder), config=told["config"], settings=private)
    run.define_metric("*", step_metric="env_steps")
    by_step: dict[int, dict[str, float]] = {}
    for one in told["series"]:
        for step, value in zip(one["steps"], one["values"], strict=True):
            by_step.setdefault(step, {})[f"{one['place']}/{one['tag']}"] = value
    for step, values in sorted(by_step.items()):
        run.log({"env_steps": step, **values})
    for name, path in told["clips"].items():
        run.log({f"{name}/clip": wandb.Video(path, format="mp4")})
    table = told["table"]
    run.log({"final table": wandb.Table(columns=table["columns"], data=table["rows"])})
    for name, known in told["candidates"].items():
        run.config[name] = known["hyperparameters"]
    run.finish()


if __name__ == "__main__":
    main()
