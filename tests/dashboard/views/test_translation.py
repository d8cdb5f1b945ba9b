# SPDX-License-Identifier: Apache-2.0

"""The panel can be in another language."""

from django.utils import translation

from tests.dashboard import messages
from tests.dashboard.views import base


class TestTranslation(base.TestCase):
    def test_every_text_has_one(self):
        texts = {m.id for m in messages.template() if m.id}
        self.assertGreater(len(texts), 100)
        for path in messages.translations():
            done = messages.read(path)
            self.assertEqual(
                texts, {m.id for m in done if m.id and m.string}, path
            )
            self.assertEqual(
                [], [m.id for m in done if m.id and list(m.check())]
            )

    def test_is_compiled(self):
        """By ``python -m tests.dashboard.messages``."""
        for path in messages.translations():
            self.assertEqual(
                messages.compiled(messages.read(path)),
                path.with_suffix('.mo').read_bytes(),
            )

    def test_german(self):
        with translation.override('de'):
            response = self.client.get(
                base.address('index'), headers={'Accept-Language': 'de'}
            )
        self.assertContains(response, 'In Betrieb')
        self.assertContains(response, 'Frühere Wartungen')
