"""BlurHash: some thirty letters from which an app draws a blur until the picture has arrived (blurha.sh, version 1)."""

from __future__ import annotations

import math

from node.redrawing import SAMPLE_SIDE as SIDE

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
ACROSS, DOWN = 4, 3  # components

Colour = tuple[float, float, float]


def of(samples: bytes) -> str:
    """The BlurHash of a picture, from its SIDE by SIDE pixels of three bytes (`Redrawn.samples`); some milliseconds."""
    if len(samples) != SIDE * SIDE * 3:
        raise ValueError(f"{len(samples)} bytes are not {SIDE} by {SIDE} pixels")
    linear = [_linear(value) for value in samples]
    pixels = [(linear[at], linear[at + 1], linear[at + 2]) for at in range(0, len(linear), 3)]
    return _written([_component(pixels, x, y) for y in range(DOWN) for x in range(ACROSS)])


def _component(pixels: list[Colour], x: int, y: int) -> Colour:
    """The weight of one wave in each colour."""
    across = [math.cos(math.pi * x * i / SIDE) for i in range(SIDE)]
    down = [math.cos(math.pi * y * j / SIDE) for j in range(SIDE)]
    scale = (1 if x == y == 0 else 2) / (SIDE * SIDE)
    sums = [0.0, 0.0, 0.0]
    for j in range(SIDE):
        for i in range(SIDE):
            weight, pixel = across[i] * down[j], pixels[j * SIDE + i]
            for colour in range(3):
                sums[colour] += weight * pixel[colour]
    return sums[0] * scale, sums[1] * scale, sums[2] * scale


def _written(components: list[Colour]) -> str:
    mean, waves = components[0], components[1:]
    strongest = max(abs(value) for wave in waves for value in wave)
    step = max(0, min(82, math.floor(strongest * 166 - 0.5)))
    largest = (step + 1) / 166
    red, green, blue = (_srgb(value) for value in mean)
    parts = [_base83(ACROSS - 1 + (DOWN - 1) * 9, 1), _base83(step, 1), _base83((red << 16) + (green << 8) + blue, 4)]
    for wave in waves:
        first, second, third = (_quantised(value / largest) for value in wave)
        parts.append(_base83(first * 19 * 19 + second * 19 + third, 2))
    return "".join(parts)


def _quantised(value: float) -> int:
    return max(0, min(18, math.floor(math.copysign(abs(value) ** 0.5, value) * 9 + 9.5)))


def _linear(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _srgb(value: float) -> int:
    part = max(0.0, min(1.0, value))
    lifted = part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
    return int(lifted * 255 + 0.5)


def _base83(value: int, length: int) -> str:
    return "".join(ALPHABET[value // 83**place % 83] for place in range(length - 1, -1, -1))
