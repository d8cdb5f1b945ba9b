# SPDX-License-Identifier: Apache-2.0

"""What every unit test builds on."""

import testtools


class TestCase(testtools.TestCase):
    """A unit test: no network, no cloud, done in milliseconds."""
