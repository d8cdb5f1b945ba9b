# SPDX-License-Identifier: Apache-2.0

import pathlib
import tempfile

from oslo_config import generator

from tests.unit import base


ETC = pathlib.Path(__file__).resolve().parent.parent.parent / 'etc'


class TestSampleConfiguration(base.TestCase):
    def test_is_in_step_with_the_options(self):
        with tempfile.NamedTemporaryFile(mode='r') as written:
            generator.main(
                [
                    '--config-file',
                    str(ETC / 'oslo-config-generator.conf'),
                    '--output-file',
                    written.name,
                ]
            )
            expected = pathlib.Path(written.name).read_text()
        sample = ETC / 'watcher-host-maintenance.conf.sample'
        self.assertEqual(
            expected, sample.read_text(), 'Run: tools/tox -e genconfig'
        )
