"""How a figure becomes something to move: definition, static page, live notebook, house style."""

from recsys_lab.explore.controls import Choice, Pad, Slider, Toggle
from recsys_lab.explore.explorable import Explorable

__all__ = ["Choice", "Explorable", "Pad", "Slider", "Toggle"]
