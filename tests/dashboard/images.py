# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

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
