"""What every record is: frozen plain data; and the two words that several stages share."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION = 1

Tier = Literal["strong", "medium", "basic"]
"""How well model-written code is contained; `autoreward doctor` says what each one promises."""


Device = Literal["auto", "cpu", "cuda", "cuda-jax", "cuda-warp", "cpu-mjx", "cpu-warp"]
"""Where populations are trained: "cuda" is MJX on a GPU: "cuda-warp", on MuJoCo Warp, where it is installed, else
"cuda-jax". "cpu-mjx" and "cpu-warp" are the same two on the CPU, slowly, to rehearse them."""


class Record(BaseModel):
    """Frozen plain data; unknown keys are an error; bytes are base64 in JSON."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="strings"
    )
