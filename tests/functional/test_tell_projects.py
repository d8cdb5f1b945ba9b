# SPDX-License-Identifier: Apache-2.0

"""What the page says of the example that tells projects."""

import json

from tests.functional import limited
from tests.functional import typed


class TestPage(limited.LimitedTestCase):
    def test_hooks(self):
        """The hooks on the page are what the program reads."""
        text = typed.section(
            'admin/notifications.rst', 'To a web hook of each project'
        )
        [hook] = json.loads(typed.files(text)['hooks.json']).values()
        self.assertEqual({'url', 'secret'}, set(hook))
