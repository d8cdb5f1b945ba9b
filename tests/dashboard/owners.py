# SPDX-License-Identifier: Apache-2.0

"""Owners of servers in a browser: they see notices, answer, and move."""

from importlib import metadata

from minicloud import credentials
from tests.dashboard import panel
from tests.functional import base as functional
from tests.functional import notifications


#: The node whose maintenance is announced, with servers of two projects.
NODE = 'compute-5'
SERVERS = {
    'shop': functional.on(NODE, project='demo', count=2),
    'bank': functional.on(NODE, project='demo'),
    'ledger': functional.on(NODE, project='lab'),
}
NASTY = 'shop <i onclick=alert(1)>2</i>{$ 6*7 $}'
TIMES = {
    'answer_by': '2999-12-01T18:00Z',
    'starts': '2999-12-01T21:00Z',
    'ends': '2999-12-02T03:00Z',
}
PAGE = 'project/maintenance/'

HORIZON = int(metadata.version('horizon').partition('.')[0])
#: Its copies of the policies of Nova know no role manager.
LAST_WITHOUT_MANAGERS = 25


class OwnersTests:
    """Of a class that has a cloud and a Horizon."""

    def test_owners(self):
        self.announce()
        self.uuids = {
            server.name: server.id
            for server in self.cloud.nova.servers.list(
                search_opts={'all_tenants': True}
            )
        }
        member = self.sign_in(credentials.MEMBER)
        self.check_notices(member)
        self.check_answers(member)
        self.check_node()
        self.check_move(self.sign_in(credentials.MANAGER))
        stranger = self.sign_in(credentials.STRANGER)
        stranger.open(PAGE)
        self.assertEqual({'ledger'}, {*self.told(stranger)})
        self.assertNothingLeaks(stranger, ('bank', 'shop-1'))
        self.call_off(member)

    def announce(self):
        """Tell the owners of servers, and close the node at once."""
        page = self.page
        page.open(f'admin/maintenance/start/?host={NODE}')
        page.fill(
            owners='Are told before, and may say when',
            close='At once',
            **TIMES,
        )
        page.press_button('Check')
        page.wait(lambda: page.rows('check_nodes'))
        self.look('announce-check')
        page.press_button('Start Maintenance')
        page.wait(lambda: 'begins by itself' in page.text)
        page.wait(
            lambda: (
                [row['Result'] for row in page.rows('result_notices')]
                == ['Done'] * 4
            )
        )
        self.look('announced')
        self.assertEqual('disabled', self.cloud.services()[NODE].status)

    def call_off(self, member):
        """Cancel the announcement, and then delete its notices."""
        page = self.page
        page.open('admin/maintenance/')
        page.press_row('maintenance', NODE, 'Cancel')
        page.wait(lambda: f'Cancelled: {NODE}' in page.text)
        member.open(PAGE)
        states = {row['Maintenance'] for row in self.told(member).values()}
        self.assertEqual({'Cancelled'}, states)
        page.open(f'admin/maintenance/nodes/{NODE}/')
        page.press_button('Delete Notices')
        page.wait(lambda: 'The notices are deleted.' in page.text)
        member.open(PAGE)
        self.assertIn('No maintenance of your servers', member.text)
        for name in ('shop-1', NASTY):
            self.assertEqual([], self.tags(name))
        page.wait(lambda: len(self.called_off()) == 4)
        self.assertNotIn(NODE, str(self.called_off()))

    def called_off(self):
        """Return what programs of owners were sent."""
        return [
            event['payload']
            for event in notifications.of_owners(self.cloud)
            if event['event_type'] == 'maintenance.cancelled'
        ]

    def told(self, page):
        """The rows of the table, by the name of the server."""
        page.wait(lambda: page.rows('notices'))
        return {row['Server']: row for row in page.rows('notices')}

    def tags(self, name):
        return self.cloud.nova.servers.tag_list(self.uuids[name])

    def assertNothingLeaks(self, page, others):
        """Check that neither a host nor a server of others is named."""
        for name in (*self.cloud.services(), *others):
            self.assertNotIn(name, page.source())

    def check_notices(self, page):
        page.open(PAGE)
        rows = self.told(page)
        self.assertEqual({'shop-1', panel.shown(NASTY), 'bank'}, {*rows})
        expected = {
            'Maintenance': 'Announced',
            'What Happens': 'Moves live, keeps running',
            'Not Before': '2999-12-01 21:00 UTC',
            'Over By': '2999-12-02 03:00 UTC',
            'Answer By': '2999-12-01 18:00 UTC',
            'Its Host': 'Returns',
            'Your Answer': '-',
            'What Counts': '-',
        }
        self.assertEqual(
            expected, {key: rows['bank'][key] for key in expected}
        )
        self.assertNothingLeaks(page, ['ledger'])
        self.assertNotIn('Move Now', page.source())

    def check_answers(self, page):
        """Answer for one server by its row and for two by their boxes.

        Horizon asks for no confirmation.
        """
        page.press_row('notices', self.uuids['bank'], 'Keep')
        page.wait(lambda: 'bank: Keep' in page.text)
        self.assertEqual(['maintenance:keep'], self.tags('bank'))
        for name in ('shop-1', NASTY):
            page.select_row(self.uuids[name])
        page.press_button('Ready')
        page.wait(lambda: 'shop-1: Ready' in page.text)
        for name in ('shop-1', NASTY):
            self.assertEqual(['maintenance:go'], self.tags(name))
        answers = {n: r['Your Answer'] for n, r in self.told(page).items()}
        self.assertEqual(
            {'bank': 'Keep', 'shop-1': 'Ready', panel.shown(NASTY): 'Ready'},
            answers,
        )
        # No name has become part of the page, nor of what is said on top.
        self.assertEqual(0, page.count('i[onclick]'))
        self.look('owners', page)

    def check_node(self):
        """An administrator sees who was told, and what each answered."""
        page = self.page
        page.open('admin/maintenance/')
        page.wait(lambda: page.rows('maintenance'))
        rows = {row['Host']: row for row in page.rows('maintenance')}
        window = '2999-12-01 21:00 UTC to 2999-12-02 03:00 UTC'
        self.assertEqual(window, rows[NODE]['Window'])
        page.open(f'admin/maintenance/nodes/{NODE}/')
        page.wait(lambda: page.rows('node_owners'))
        rows = {row['Server']: row for row in page.rows('node_owners')}
        self.assertEqual(
            {
                'shop-1': 'Ready',
                panel.shown(NASTY): 'Ready',
                'bank': 'Keep',
                'ledger': '-',
            },
            {name: row['Answer'] for name, row in rows.items()},
        )
        told = {row['Told'] for row in rows.values()}
        self.assertEqual({'Announced: Moves live, keeps running'}, told)
        self.assertEqual(0, page.count('i[onclick]'))
        self.look('node-owners')

    def check_move(self, page):
        page.open(PAGE)
        self.told(page)
        if HORIZON <= LAST_WITHOUT_MANAGERS:
            self.assertNotIn('Move Now', page.source())
            return
        page.press_row('notices', self.uuids['bank'], 'Move Now')
        page.wait(lambda: 'bank: Move Now' in page.text)
        self.assertEventually(
            True, lambda: self.cloud.servers()['bank'].host != NODE
        )
        self.look('', page)
