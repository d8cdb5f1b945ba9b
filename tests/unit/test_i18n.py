# SPDX-License-Identifier: Apache-2.0


"""What a person reads can be in another language."""

import importlib.util
import pathlib
import tempfile

from unittest import mock

from babel.messages import catalog
from babel.messages import extract
from babel.messages import mofile

import watcher_host_maintenance

from tests.unit import base
from tests.unit.plugin import audits
from tests.unit.reasons import every_reason
from watcher_host_maintenance import _i18n
from watcher_host_maintenance.plugin.watcher import audit
from watcher_host_maintenance.plugin.watcher import goals
from watcher_host_maintenance.plugin.watcher import named


TEXTS = {
    'Cluster Maintenance': 'Prizorgo de la grapolo',
    'Cannot drain: {why}.': 'Ne eblas malplenigi: {why}.',
    'there is no compute node {subject}': 'ne estas nodo {subject}',
    'Nothing was changed.': 'Nenio estis ŝanĝita.',
    'Use a host from "openstack compute service list".': 'Elektu alian.',
}


class TestTranslation(audits.TestCase):
    """With a catalogue where an operator would install it."""

    def setUp(self):
        super().setUp()
        self.directory = self.enterContext(tempfile.TemporaryDirectory())
        self.install('watcher_host_maintenance')
        self.enterContext(
            mock.patch.dict(
                'os.environ',
                {
                    'LANGUAGE': 'eo',
                    'WATCHER_HOST_MAINTENANCE_LOCALEDIR': self.directory,
                },
            )
        )

    def install(self, domain):
        texts = catalog.Catalog(locale='eo')
        for text, translated in TEXTS.items():
            texts.add(text, translated)
        path = pathlib.Path(
            self.directory, 'eo', 'LC_MESSAGES', f'{domain}.mo'
        )
        path.parent.mkdir(parents=True)
        with path.open('wb') as file:
            mofile.write_mo(file, texts)

    def translator(self):
        """What a service has for ``_`` that starts in this language."""
        spec = importlib.util.spec_from_file_location('anew', _i18n.__file__)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module._

    def test_text(self):
        self.assertEqual(
            'Prizorgo de la grapolo', self.translator()('Cluster Maintenance')
        )

    def test_text_without_translation(self):
        self.assertEqual('Something else', self.translator()('Something else'))

    def test_name_of_the_goal(self):
        with mock.patch.object(named, '_', self.translator()):
            shown = goals.ClusterMaintenance.get_display_name()
        self.assertEqual('Prizorgo de la grapolo', shown)

    def test_refusal(self):
        with mock.patch.object(audit, '_', self.translator()):
            _findings, message = self.refusal(maintenance_node='compute-9')
        self.assertEqual(
            'Ne eblas malplenigi: ne estas nodo compute-9. Nenio estis '
            'ŝanĝita. Elektu alian.',
            message,
        )
        # Programs read the same whatever the language.
        [finding] = self.reported()['outcome']['findings']
        self.assertEqual('unknown_node', finding['reason'])


class TestExtraction(base.TestCase):
    def test_texts_of_reasons_are_found(self):
        """As pybabel does, with its own keywords."""
        root = pathlib.Path(watcher_host_maintenance.__file__).parent
        found = {
            text
            for path in root.rglob('*.py')
            for _line, text, _notes, _context in extract.extract_from_file(
                'python', path
            )
        }
        for reason in every_reason().values():
            texts = {reason.says, reason.helps, reason.named} - {''}
            self.assertEqual(set(), texts - found, reason)
