"""Clips and replays, as a browser gets them."""

from __future__ import annotations

import httpx

from tests.web.serving import Served


def test_a_part_of_a_clip_is_a_part(person: httpx.Client, served: Served) -> None:
    answer = person.get(f"/runs/{served.run.name}/clips/g00c00/first.mp4", headers={"range": "bytes=0-9"})
    assert (answer.status_code, len(answer.content), answer.headers["content-type"]) == (206, 10, "video/mp4")


def test_a_clip_tells_whether_it_is_there(person: httpx.Client, served: Served) -> None:
    place = f"/runs/{served.run.name}/clips"
    assert person.get(f"{place}/g00c00/first").json()["state"] == "there"
    impossible = person.get(f"{place}/g09c00/first").json()
    assert impossible["state"] == "impossible" and "g09c00" in impossible["words"]
    assert person.get(f"{place}/g00c00/second").status_code == 404


def test_a_replay_stands_in_a_frame_under_a_policy_of_its_own(person: httpx.Client, served: Served) -> None:
    kept = served.run / "candidates/g00c01/replay.html"
    kept.write_text("<!doctype html><script>document.title = 'moves'</script>")
    place = f"/runs/{served.run.name}/candidates/g00c01/replay"
    around, frame = person.get(place), person.get(f"{place}.html")
    assert f'<iframe class="replay" sandbox="allow-scripts" src="{place}.html"' in around.text
    assert "unsafe-inline" not in around.headers["content-security-policy"]
    policy = frame.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'") and "frame-ancestors 'self'" in policy
    assert "http" not in policy and "allow-same-origin" not in policy
    assert frame.text == kept.read_text()
    assert person.get(f"/runs/{served.run.name}/candidates/..%2fg00c01/replay.html").status_code == 404


def test_a_run_without_a_metric_has_nothing_to_accept(person: httpx.Client, served: Served) -> None:
    answer = person.post(f"/runs/{served.run.name}/metric/accept", headers={"origin": served.base})
    assert answer.status_code == 400 and "no success metric" in answer.text
