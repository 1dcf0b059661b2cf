"""What a task text asks for, as far as single words tell: aims, a direction, a speed, the things it names.

This is keyword matching for the embedded designer, not understanding. What no word says is covered by trying
several rewards at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from snowballstemmer.english_stemmer import EnglishStemmer

Vector = tuple[float, float, float]

AIM_WORDS: Mapping[str, str] = {
    "flip": "flip somersault tumble",
    "follow": "follow command commanded track obey",
    "travel": "run move go walk fast quick speed drive trot gallop hop crawl swim advance travel race sprint slide",
    "reach": "reach target goal push pull pick place touch grasp insert",
    "height": "jump high height lift raise climb leap rise",
    "turn": "turn spin rotate twist swivel",
    "posture": "upright balance stand vertical level straight lean tip fall topple",
    "still": "still hold stay stop freeze rest keep hover",
    "steady": "steady stable smooth jerky shaky shake jitter calm gentle twitch wobble",
    "thrift": "effort energy efficient power torque economical waste little gentle",
    "fast": "fast quick speed sprint race rapid slow sluggish",
}
"""Words by aim. The aims come in the order in which they can be the main one; the last three only modify."""

MAIN_AIMS = ("flip", "follow", "travel", "reach", "height", "turn", "posture", "still")

_DIRECTION_WORDS: Mapping[str, str] = {
    "forward": "forward forwards ahead onward",
    "backward": "backward backwards reverse rearward",
    "left": "left leftward leftwards",
    "right": "right rightward rightwards",
    "up": "up upward upwards",
    "down": "down downward downwards",
}
_OPPOSITE = {"forward": "backward", "left": "right", "up": "down"}
_SPEED = re.compile(r"(\d+(?:\.\d+)?)\s*(?:m/s|met(?:er|re)s?\s+(?:per|a)\s+second)")
_PLAIN_FORMS = {
    form: plain
    for plain, forms in {
        "calm": "calmer calmest",
        "fast": "faster fastest",
        "gentle": "gentler gentlest",
        "high": "higher highest",
        "jerky": "jerkier jerkiest jerkily",
        "low": "lower lowest",
        "quick": "quicker quickest",
        "shaky": "shakier shakiest shakily",
        "slow": "slower slowest slowly",
        "smooth": "smoother smoothest",
        "speed": "speedy speedier speediest speedily",
        "stable": "stabler stablest",
        "steady": "steadier steadiest steadily",
        "still": "stiller stillest",
        "straight": "straighter straightest",
    }.items()
    for form in forms.split()
}
"""Comparatives and adverbs that the stemmer leaves as they are."""


_CONNECTIVES = frozenset(
    word
    for line in (
        "with without while that this then than from into onto over under your their there where when which what have",
        "make keep possible much many more most less least very just only also always never both each every about",
        "after before until well should would could must robot possibly together between along towards toward like",
        "near away back small large them they does done being",
    )
    for word in line.split()
)  # of every text, in which they ask for nothing


@dataclass(frozen=True)
class Aims:
    """What the words of a text ask for."""

    aims: frozenset[str]
    main: str  # one of MAIN_AIMS
    direction: Vector | None  # unit vector in the world frame along which to move; None: any
    direction_name: str
    up: Vector
    speed: float | None  # [m/s] where the text states one
    stems: frozenset[str]  # of all words of the text, to be matched with field names


@cache
def stem(word: str) -> str:
    """A word without its usual endings: "running" and "runs" both give "run", "faster" gives "fast"."""
    word = word.lower()
    # A stemmer of its own for every word: while it works, it holds the word.
    stemmed: str = EnglishStemmer().stemWord(_PLAIN_FORMS.get(word, word))
    return stemmed


def stems(text: str) -> frozenset[str]:
    """The stems of all words in a text; snake_case names fall into their words."""
    return frozenset(stem(word) for word in re.findall(r"[A-Za-z]+", text))


def plain_words(text: str) -> list[str]:
    """The words of a text that say what is wanted, each once: no directions, numbers, short words or connectives."""
    directions = {word for words in _DIRECTION_WORDS.values() for word in words.split()}
    words = (word.lower() for word in re.findall(r"[A-Za-z]+", text))
    return [word for word in dict.fromkeys(words) if len(word) > 3 and word not in directions | _CONNECTIVES]


def read_aims(text: str, directions: Mapping[str, Vector]) -> Aims:
    """What `text` asks for in a world with these named `directions`."""
    words = stems(text)
    aims = aims_of(words)
    name, direction = _direction(text, directions)
    up = directions.get("up", (0.0, 0.0, 1.0))
    if name in ("up", "down") and "travel" not in aims:
        aims |= {"height"}
    elif direction is not None and not aims.intersection(MAIN_AIMS):
        aims |= {"travel"}
    main = next((aim for aim in MAIN_AIMS if aim in aims), "posture")
    if direction is None and main == "travel":
        name, direction = _usual_direction(directions)
    speed = _SPEED.search(text.lower())
    return Aims(frozenset(aims), main, direction, name, up, float(speed.group(1)) if speed else None, words)


def aims_of(heard: Iterable[str]) -> frozenset[str]:
    """The aims that any of these stems stands for."""
    known = frozenset(heard)
    return frozenset(aim for aim, words in AIM_WORDS.items() if known & {stem(word) for word in words.split()})


def _direction(text: str, directions: Mapping[str, Vector]) -> tuple[str, Vector | None]:
    """The first direction that the text names and the world declares, itself or its opposite."""
    for word in re.findall(r"[a-z]+", text.lower()):
        if word in directions:
            return word, directions[word]
        for name, words in _DIRECTION_WORDS.items():
            if word in words.split() and (vector := _declared(name, directions)) is not None:
                return name, vector
    return "", None


def undeclared_directions(text: str, directions: Mapping[str, Vector]) -> set[str]:
    """The directions that a text names and the world neither declares nor the opposite of."""
    heard = set(re.findall(r"[a-z]+", text.lower())) - set(directions)
    named = {name for name, words in _DIRECTION_WORDS.items() if heard.intersection(words.split())}
    return {name for name in named if _declared(name, directions) is None}


def _declared(name: str, directions: Mapping[str, Vector]) -> Vector | None:
    if name in directions:
        return directions[name]
    for one, other in _OPPOSITE.items():
        opposite = {one: other, other: one}.get(name, "")
        if opposite in directions:
            x, y, z = directions[opposite]
            return (0.0 - x, 0.0 - y, 0.0 - z)
    return None


def _usual_direction(directions: Mapping[str, Vector]) -> tuple[str, Vector | None]:
    """Where to move when the text does not say: forward, else the first declared one that is not vertical."""
    if "forward" in directions:
        return "forward", directions["forward"]
    level = [name for name in directions if name not in ("up", "down")]
    return (level[0], directions[level[0]]) if level else ("", None)
