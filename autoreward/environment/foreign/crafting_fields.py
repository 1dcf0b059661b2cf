"""What the fields of crafting.py mean, for who only reads declarations."""

from __future__ import annotations

from collections.abc import Mapping

from autoreward.records import FieldMeaning

ITEMS = (
    "wood", "stone", "coal", "iron", "diamond", "sapling", "wood_pickaxe", "stone_pickaxe", "iron_pickaxe",
    "wood_sword", "stone_sword", "iron_sword",
)  # fmt: skip
VITALS = ("health", "food", "drink", "energy")
FACING = ("left", "right", "up", "down")
NEAR = ("tree", "cow", "lava", "diamond", "zombie")
VIEW = (7, 9)  # rows and columns of blocks around the player


def _offset(what: str) -> FieldMeaning:
    return FieldMeaning(
        unit="block",
        frame="body",
        meaning=f"from the player to the nearest {what} in view; 10 and 10 where none is",
        components=("down", "right"),
    )


MEANINGS: Mapping[str, FieldMeaning] = {
    **{f"{name}_offset": _offset(name) for name in NEAR},
    "inventory": FieldMeaning(unit="1", meaning="how many the player has, divided by 10", components=ITEMS),
    "vitals": FieldMeaning(unit="1", meaning="of the player, from 0 to 0.9; at health 0 it dies", components=VITALS),
    "facing": FieldMeaning(
        unit="1", meaning="1 for where the player looks: what it does, it does there", components=FACING
    ),
    "light": FieldMeaning(unit="1", meaning="1 at day, less at night"),
    "asleep": FieldMeaning(unit="1", meaning="1 while the player sleeps, and does nothing else"),
    "view": FieldMeaning(
        unit="1",
        frame="body",
        meaning="7 rows x 9 columns of blocks around the player, in each 17 kinds of ground and 4 of beings, one-hot",
    ),
}
