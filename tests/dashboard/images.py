# SPDX-License-Identifier: Apache-2.0

"""Screenshots, small enough to be kept with the source."""

import io
import os

from PIL import Image


_COLOURS = 64


def save(png: bytes, path: str) -> None:
    """Write a picture with few colours, and without an empty rest below."""
    picture = Image.open(io.BytesIO(png)).convert('RGB')
    few = _cut(picture).quantize(_COLOURS, dither=Image.Dither.NONE)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    few.save(path, optimize=True)


def _cut(picture: Image.Image) -> Image.Image:
    """Leave out what is of one colour at the lower end."""
    width, height = picture.size
    right = picture.crop((width // 5, 0, width, height)).convert('L')
    ends = right.point(lambda value: 255 if value < 250 else 0).getbbox()
    return picture.crop((0, 0, width, min(height, ends[3] + 16)))
