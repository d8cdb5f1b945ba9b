# SPDX-License-Identifier: Apache-2.0

"""The runner over every supported Watcher: names, pins, table."""

import pathlib
import subprocess
import tempfile

from unittest import mock

from tests.unit import base
from tools.compat import commit
from tools.compat import environments


class TestCommit(base.TestCase):
    def git(self, *arguments):
        subprocess.run(
            ['git', '-c', 'user.name=a', '-c', 'user.email=a@b.c', *arguments],
            cwd=self.root,
            check=True,
            capture_output=True,
        )

    def setUp(self):
        super().setUp()
        self.root = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory())
        )
        self.enterContext(mock.patch.object(environments, 'ROOT', self.root))
        self.file = self.root / 'tools' / 'compat' / 'results.json'

    def commit(self):
        self.file.parent.mkdir(parents=True)
        self.file.write_text('{}')
        (self.root / 'source').write_text('a')
        self.git('init')
        self.git('add', '.')
        self.git('commit', '-m', 'First')

    def test_without_git(self):
        with mock.patch.dict(
            'os.environ', GIT_CEILING_DIRECTORIES=str(self.root.parent)
        ):
            self.assertEqual('', commit.state())

    def test_clean(self):
        self.commit()
        self.assertRegex(commit.state(), '^[0-9a-f]{7,}$')

    def test_since_a_tag(self):
        self.commit()
        self.git('tag', '1.0.0')
        self.assertEqual('1.0.0', commit.state())

    def test_changed(self):
        self.commit()
        (self.root / 'source').write_text('b')
        self.assertRegex(commit.state(), '^[0-9a-f]{7,}-dirty$')

    def test_own_results_are_no_change(self):
        self.commit()
        self.file.write_text('{"16-py311": {}}')
        self.assertNotIn('dirty', commit.state())

    def test_span(self):
        self.assertEqual('59d67be', commit.span('59d67be', '59d67be'))
        self.assertEqual('59d67be..9c40ef9', commit.span('59d67be', '9c40ef9'))
