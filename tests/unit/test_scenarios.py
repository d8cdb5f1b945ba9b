# SPDX-License-Identifier: Apache-2.0

import contextlib
import dataclasses
import io
import json
import pathlib
import shutil
import tempfile

import ddt

from tests.scenarios import __main__ as command
from tests.scenarios import stories
from tests.unit import base
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model import snapshot
from watcher_host_maintenance.core.model.document import InvalidDocument


@ddt.ddt
class TestScenarios(base.TestCase):
    maxDiff = None

    @ddt.idata(stories.names())
    def test_answer(self, name):
        for suffix, text in stories.answer(stories.load(name)).items():
            path = stories.DIRECTORY / f'{name}.expected{suffix}'
            self.assertEqual(path.read_text(encoding='utf-8'), text)

    def test_there_is_no_expected_output_without_a_scenario(self):
        self.assertEqual(
            sorted(
                f'{name}.expected{suffix}'
                for name in stories.names()
                for suffix in ('.json', '.txt')
            ),
            sorted(p.name for p in stories.DIRECTORY.glob('*.expected.*')),
        )

    @ddt.idata(stories.names())
    def test_servers_are_counted_in(self, name):
        """What a person writes by hand has to add up."""
        known = stories.load(name).snapshot
        for node in known.nodes:
            there = [
                i
                for i in known.instances_on(node.hostname)
                if i.vm_state != 'deleted'
            ]
            self.assertLessEqual(len(there), node.instance_count)
            for resource_class, used in node.used.items():
                held = sum(i.resources.get(resource_class, 0) for i in there)
                self.assertLessEqual(held, used)


class TestDirectory(base.TestCase):
    """What is done with the files, tried on copies of one scenario."""

    NAME = 'named_by_its_fqdn'

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)
        for path in stories.DIRECTORY.glob(f'{self.NAME}.*'):
            shutil.copy(path, self.directory)
        # As it would be answered now, whatever the words are.
        story = stories.load(self.NAME)
        for suffix, text in stories.answer(story).items():
            self.directory.joinpath(
                f'{self.NAME}.expected{suffix}'
            ).write_text(text, encoding='utf-8')
        self.text = self.directory / f'{self.NAME}.expected.txt'
        self.json = self.directory / f'{self.NAME}.expected.json'

    def run_command(self, *arguments):
        """Run a command on the copies, and return what it prints."""
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            command.main(
                ['--directory', str(self.directory), *map(str, arguments)]
            )
        return output.getvalue().splitlines()

    def test_expected_output_is_no_scenario(self):
        self.assertEqual([self.NAME], stories.names(self.directory))

    def test_nothing_is_stale(self):
        self.assertEqual([], stories.stale(self.directory))
        self.assertEqual([], self.run_command('rewrite'))

    def test_stale(self):
        right = self.text.read_text()
        self.text.write_text(right.replace('FAILED', 'SUCCEEDED'))
        self.assertEqual([self.text.name], stories.stale(self.directory))
        self.assertEqual([self.text.name], self.run_command('rewrite'))
        self.assertEqual(right, self.text.read_text())

    def test_missing(self):
        right = self.json.read_text()
        self.json.unlink()
        self.assertEqual([self.json.name], stories.stale(self.directory))
        self.assertEqual([self.json.name], self.run_command('rewrite'))
        self.assertEqual(right, self.json.read_text())

    def test_of_a_scenario_that_is_gone(self):
        (self.directory / f'{self.NAME}.json').unlink()
        both = [self.json.name, self.text.name]
        self.assertEqual(both, stories.stale(self.directory))
        self.assertEqual(both, self.run_command('rewrite'))
        self.assertEqual([], list(self.directory.iterdir()))

    def test_bad_file(self):
        path = self.directory / 'bad.json'
        path.write_text('{"story": "", "request": {}, "snapshot": {}}')
        error = self.assertRaises(
            InvalidDocument, stories.load, 'bad', self.directory
        )
        self.assertEqual('snapshot.nodes: is missing', str(error))

    def test_show(self):
        shown = self.run_command('show', self.NAME)
        self.assertEqual('Story:', shown[0])
        self.assertEqual(shown, self.run_command('show'))

    def test_add_what_report_dir_holds(self):
        story = stories.load(self.NAME)
        reported = {
            'audit': 'UUID',
            'request': document.to_plain(story.request),
        }
        files = {
            'UUID.snapshot': snapshot.dump(story.snapshot),
            'UUID.report': json.dumps(reported),
        }
        elsewhere = self.directory / 'reports'
        elsewhere.mkdir()
        for name, text in files.items():
            (elsewhere / name).write_text(text)
        self.assertEqual(
            ['again.expected.json', 'again.expected.txt'],
            self.run_command(
                'add',
                'again',
                *(elsewhere / name for name in files),
                story.story,
            ),
        )
        self.assertEqual(
            dataclasses.replace(story, words=False),
            stories.load('again', self.directory),
        )
        again = self.directory / 'again.expected.json'
        self.assertEqual(self.json.read_text(), again.read_text())
        self.assertRaises(
            FileExistsError,
            self.run_command,
            'add',
            self.NAME,
            *(elsewhere / name for name in files),
            '',
        )
