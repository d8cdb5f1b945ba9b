# SPDX-License-Identifier: Apache-2.0

"""Whatever others write, an audit and an action can say it, and be saved."""

import json
import pathlib
import socket
import string

import ddt
import fixtures
import sqlalchemy

from oslo_db import exception as db_exception
from oslo_db.sqlalchemy import enginefacade
from watcher import objects
from watcher.common import utils
from watcher.db.sqlalchemy import models

from tests.services import mariadb
from tests.unit.plugin import base
from tests.unit.plugin import database
from tests.unit.reasons import every_reason
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import by_value
from watcher_host_maintenance.core.model.text import is_unsafe
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.brevity import STATUS_MESSAGE
from watcher_host_maintenance.core.telling.brevity import fit
from watcher_host_maintenance.plugin.actions import outcomes
from watcher_host_maintenance.plugin.watcher import reporting
from watcher_host_maintenance.plugin.watcher.report_files import ReportFiles


HOSTILE = {
    'surrogate': 'web\ud800',
    'nul': 'web\0',
    'emoji': 'web\U0001f600',
    'last_plane': '\U0010ffff' * 40,
    'new_line': 'fan\n2026-01-01 ERROR all is lost',
    'next_line': 'fan\u0085\u2028\u2029',
    'escape': '\x1b[2J\x9b31m',
    'direction': '\u202etxt.exe',
    'tags': '\U000e0041' * 30,
    'sql': "'; DROP TABLE audits; -- \\",
    'sentence': 'web. Everything has moved. Run: rm -rf /',
    'braces': '{subject} {0} %s %(name)s',
    'long': 'x' * 4096,
    'long_emoji': '\U0001f600' * 255,
    'combined': 'e\u0301' * 200,
}
CHARSETS = ('utf8mb3', 'utf8mb4')


class Server:
    """One MariaDB for all tests, since it takes seconds to start."""

    place = None

    @classmethod
    def url(cls, test, charset):
        """Return the URL of a new database."""
        if cls.place is None:
            directory = fixtures.TempDir()
            directory.setUp()
            with socket.create_server(('127.0.0.1', 0)) as listening:
                port = listening.getsockname()[1]
            cls.place = mariadb.MariaDB(pathlib.Path(directory.path), port)
            cls.place.setUp()
            cls.number = 0
        cls.number += 1
        return cls.place.create(f'watcher{cls.number}', charset)


def tearDownModule():
    if Server.place is not None:
        Server.place.cleanUp()


def findings(text):
    """A finding of every reason, whose texts are all this one."""
    for reason in map(by_value, every_reason()):
        facts = {
            field
            for template in (reason.says, reason.named, reason.helps)
            for _text, field, _spec, _conversion in string.Formatter().parse(
                template
            )
            if field and field != 'subject'
        }
        yield Finding(reason, text, dict.fromkeys(sorted(facts), text))


@ddt.ddt
class TestTexts(base.TestCase):
    def stored(self, charset):
        """An audit and an action with rows in a new database."""
        url = Server.url(self, charset)
        stored = self.useFixture(database.Database(url))
        audit_id = stored.audit()
        audit = objects.Audit.list(stored.context)[0]
        plan = stored.create(
            objects.ActionPlan,
            audit_id=audit_id,
            strategy_id=1,
            state='ONGOING',
            global_efficacy=[],
        )
        return stored, audit, plan

    def assertKept(self, stored, model, texts):
        """Check that a column takes texts and gives them back."""
        table = model.__table__
        rows = [
            {'uuid': utils.generate_uuid(), 'status_message': text}
            for text in texts
        ]
        others = {
            'audits': {
                'audit_type': 'ONESHOT',
                'goal_id': 1,
                'auto_trigger': False,
                'force': False,
                'scope': [],
            },
            'actions': {'action_plan_id': 1, 'action_type': 'nop'},
        }[table.name]
        with enginefacade.writer.using(stored.context) as session:
            if table.name == 'audits':
                for row in rows:
                    row['name'] = row['uuid']
            session.execute(
                table.insert(), [{**others, **row} for row in rows]
            )
        with enginefacade.reader.using(stored.context) as session:
            kept = dict(
                session.execute(
                    sqlalchemy.select(table.c.uuid, table.c.status_message)
                ).all()
            )
        for row in rows:
            self.assertEqual(row['status_message'], kept[row['uuid']])

    @ddt.data(*CHARSETS)
    def test_messages(self, charset):
        stored, audit, _plan = self.stored(charset)
        said, done = set(), set()
        for text in HOSTILE.values():
            for finding in findings(text):
                sentences = [words.sentence(finding), words.help_for(finding)]
                said.add(fit(sentences, STATUS_MESSAGE))
                failed = outcomes.failure(finding, text)
                done.add(f'Action failed in execute: {failed}')
                skipped = outcomes.skipped(finding)
                done.add(f'Action was skipped automatically: {skipped}')
        self.assertGreater(len(said), 1000)
        self.assertKept(stored, models.Audit, sorted(said))
        self.assertKept(stored, models.Action, sorted(done))
        # As Watcher saves it.
        audit.status_message = max(said, key=len)
        audit.save()

    @ddt.data(*CHARSETS)
    def test_parameters_of_actions(self, charset):
        stored, _audit, plan = self.stored(charset)
        for text in HOSTILE.values():
            action = stored.create(
                objects.Action,
                action_plan_id=plan.id,
                action_type='migrate',
                input_parameters={'resource_name': text},
                state='PENDING',
                parents=[],
            )
            read = objects.Action.get_by_uuid(stored.context, action.uuid)
            self.assertEqual({'resource_name': text}, read.input_parameters)

    @ddt.data(
        ('utf8mb3', 'emoji'),
        ('utf8mb3', 'surrogate'),
        ('utf8mb4', 'surrogate'),
        ('utf8mb4', 'long'),
    )
    @ddt.unpack
    def test_as_it_is_it_would_be_refused(self, charset, name):
        _stored, audit, _plan = self.stored(charset)
        audit.status_message = HOSTILE[name]
        self.assertRaises(
            (db_exception.DBError, db_exception.DBInvalidUnicodeParameter),
            audit.save,
        )

    def test_reports(self):
        directory = self.useFixture(fixtures.TempDir()).path
        for name, text in HOSTILE.items():
            report = {'failed': True, 'message': text, 'words': [text]}
            reporting.write(name, report, None, ReportFiles(directory))
            path = pathlib.Path(directory, f'{name}.report.json')
            read = json.loads(path.read_text(encoding='utf-8'))
            self.assertFalse(any(map(is_unsafe, read['message'])), name)
