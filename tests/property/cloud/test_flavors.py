# SPDX-License-Identifier: Apache-2.0

"""Tests of what Nova asks Placement for, against Nova's own reading."""

import json
import subprocess
import sys

from tests.unit import base
from tests.unit.cloud.flavor_cases import CASES


# Nova and Watcher cannot share a process: both register their options in one
# global place.
NOVA = """
import json
import sys

from nova import objects
from nova.scheduler import utils

objects.register_all()
answers = []
for asked, has_image in json.load(sys.stdin):
    spec = objects.RequestSpec(
        flavor=objects.Flavor(
            vcpus=asked['vcpus'], memory_mb=asked['ram'],
            root_gb=asked['disk'], ephemeral_gb=asked['ephemeral'],
            swap=asked['swap'], extra_specs=asked['extra_specs']),
        image=objects.ImageMeta.from_dict({}), is_bfv=not has_image,
        requested_resources=[], numa_topology=None, pci_requests=None)
    request = utils.ResourceRequest.from_request_spec(spec)
    answers.append(dict(request.get_request_group(None).resources))
json.dump(answers, sys.stdout)
"""


class TestResources(base.TestCase):
    def test_nova_says_the_same(self):
        asked = [(case[1], case[2]) for case in CASES]
        done = subprocess.run(
            [sys.executable, '-W', 'ignore', '-c', NOVA],
            input=json.dumps(asked),
            capture_output=True,
            check=False,
            text=True,
        )
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(
            {case[0]: case[3] for case in CASES},
            dict(
                zip(
                    (case[0] for case in CASES),
                    json.loads(done.stdout),
                    strict=True,
                )
            ),
        )
