# SPDX-License-Identifier: Apache-2.0

"""An API that goes out of service, or stands still."""

import threading

from minicloud import wsgi
from minicloud.wsgi import Passage
from tests.unit import base


BODY = b'{"usages": {}}'
PATIENCE_S = 30


def answer(environ, start_response):
    """Answer as Placement does."""
    start_response('200 OK', [('Content-Length', str(len(BODY)))])
    return [BODY[:4], BODY[4:]]


class TestGate(base.TestCase):
    def setUp(self):
        super().setUp()
        self.gate = wsgi.Gate(answer)
        self.statuses = []

    def ask(self, path='/'):
        """Return an iterator over what the gate answers."""
        return iter(
            self.gate(
                {'PATH_INFO': path},
                lambda status, _headers: self.statuses.append(status),
            )
        )

    def test_open(self):
        self.assertEqual(BODY, b''.join(self.ask()))
        self.assertEqual(['200 OK'], self.statuses)

    def test_closed(self):
        self.gate.set(Passage.CLOSED)
        self.assertEqual(b'out of service', b''.join(self.ask()))
        self.assertEqual(['503 Service Unavailable'], self.statuses)

    def test_begins_with_a_path(self):
        self.gate.set(Passage.CLOSED, '/usages')
        statuses = ['200 OK', *2 * ['503 Service Unavailable'], '200 OK']
        for path in ('/', '/usages', '/'):
            self.ask(path)
        self.gate.set(Passage.OPEN)
        self.ask('/usages')
        self.assertEqual(statuses, self.statuses)

    def test_hangs_until_it_is_open(self):
        self.gate.set(Passage.HANGS)
        answers = []
        caller = threading.Thread(
            target=lambda: answers.extend(self.ask()), daemon=True
        )
        caller.start()
        caller.join(0.1)
        self.assertEqual([], self.statuses)
        self.gate.set(Passage.OPEN)
        caller.join(PATIENCE_S)
        self.assertEqual(BODY, b''.join(answers))

    def test_drips_until_it_is_open(self):
        self.gate.set(Passage.DRIPS)
        drops = self.ask()
        self.assertEqual([b'{', b'"'], [next(drops), next(drops)])
        self.gate.set(Passage.OPEN)
        self.assertEqual([BODY[2:]], list(drops))
