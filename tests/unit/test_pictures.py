# SPDX-License-Identifier: Apache-2.0

"""The picture of the example shows the plan, and all pictures are valid."""

import importlib.util
import pathlib
import re

from xml.etree import ElementTree

from tests.unit import base


DOC = pathlib.Path(__file__).resolve().parents[2] / 'doc'
EXAMPLE = (DOC / 'source' / 'examples' / 'compute-1.snapshot.json').read_text()

spec = importlib.util.spec_from_file_location(
    'pictures', DOC / 'ext' / 'pictures.py'
)
pictures = importlib.util.module_from_spec(spec)
spec.loader.exec_module(pictures)


class TestDrainPicture(base.TestCase):
    def setUp(self):
        super().setUp()
        self.picture = ElementTree.fromstring(
            pictures.draw(EXAMPLE, 'compute-1')
        )
        self.words = [
            text.text
            for text in self.picture.iter('{http://www.w3.org/2000/svg}text')
        ]

    def test_nodes(self):
        self.assertEqual(
            ['compute-2', 'compute-3', 'compute-4', 'compute-5'],
            [word for word in self.words if re.match('compute-', word)],
        )
        self.assertIn('fan broken', self.words)

    def test_amounts(self):
        self.assertEqual(
            ['0 + 8 of 64', '0 + 16384 of 16384', '0 + 80 of 200'],
            [word for word in self.words if '+' in word],
        )
        self.assertEqual(1, self.words.count('takes 4'))
        self.assertEqual(3, self.words.count('takes nothing'))

    def test_nothing_is_drawn_outside(self):
        width = pictures.WIDTH
        for box in self.picture.iter('{http://www.w3.org/2000/svg}rect'):
            left, wide = float(box.get('x')), float(box.get('width'))
            self.assertGreaterEqual(wide, 0)
            self.assertLessEqual(left + wide, width)


class TestStillPictures(base.TestCase):
    def test_are_well_formed(self):
        paths = sorted((DOC / 'source' / 'images').glob('*.svg'))
        self.assertNotEqual([], paths)
        for path in paths:
            picture = ElementTree.parse(path).getroot()
            self.assertIsNotNone(
                picture.find('{http://www.w3.org/2000/svg}title'), path
            )
