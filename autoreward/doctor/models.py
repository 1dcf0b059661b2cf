"""Which designer would be used, whether its price is known, and which local servers answer."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from autoreward.config import ModelSettings
from autoreward.process_environment import model_environment
from autoreward.views import DoctorLine

LOCAL_SERVERS = {"Ollama": 11434, "LM Studio": 1234, "vLLM": 8000}
PATIENCE = 0.3  # [s] for a server on this machine


def check_model(settings: ModelSettings) -> Iterator[DoctorLine]:
    """The key (never shown) and the price of the configured model."""
    if settings.model == "compose":
        yield DoctorLine(check="model", status="ok", detail="compose, the embedded designer: no key needed")
        return
    if model_environment().openai_api_key:
        yield DoctorLine(check="model", status="ok", detail="OPENAI_API_KEY is set")
    else:
        yield DoctorLine(
            check="model",
            status="warning",
            detail="OPENAI_API_KEY is not set: without a local server the embedded designer is used, not an LLM",
            fix="Set OPENAI_API_KEY, or start a local server, and name the model with --model.",
        )
    if settings.model is not None:
        yield _price_line(settings.model)


def _price_line(model: str) -> DoctorLine:
    from genai_prices import Usage, calc_price

    provider, _, name = model.partition("/")
    try:
        calc_price(Usage(input_tokens=1, output_tokens=1), model_ref=name or provider, provider_id=provider or None)
    except LookupError:
        return DoctorLine(
            check="price",
            status="warning",
            detail=f"the price of {model} is not known: no cost can be shown and --max-cost cannot hold",
            fix="Limit tokens instead: --max-tokens.",
        )
    return DoctorLine(check="price", status="ok", detail=f"the price of {model} is known")


def check_local_servers() -> Iterator[DoctorLine]:
    """Servers of open models that listen at their usual ports on this machine."""
    listening = [f"{name} at port {port}" for name, port in LOCAL_SERVERS.items() if _listens(port)]
    yield DoctorLine(check="local servers", status="ok", detail=", ".join(listening) or "none")


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE):
            return True
    except OSError:
        return False
