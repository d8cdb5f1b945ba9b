# SPDX-License-Identifier: Apache-2.0

"""Our panel of Horizon, in a real browser on a real Nova and Watcher."""

import unittest

from testtools.matchers import Equals

from minicloud import cloud
from minicloud import credentials
from tests.dashboard import browser
from tests.dashboard import horizon
from tests.dashboard import owners
from tests.dashboard import panel
from tests.dashboard import rolls
from tests.functional import base as functional


#: As an owner may name a server; Horizon's templates must not run it.
NASTY = '<b onclick=alert(1)>7</b>{$ 7*7 $}'
SHOWN = panel.shown(NASTY)

#: The longest name that Nova takes, with nothing to break it at.
LONG = 'x' * 255

#: The link to a server, on the page of a result.
LINK = '#result_servers a'

HYPERVISORS = 'admin/hypervisors/?tab=hypervisor_info__compute_host'
TAB = 'admin/hypervisors/?tab=hypervisor_info__maintenance'


class TestPanel(owners.OwnersTests, rolls.RollTests, functional.CloudTestCase):
    """Tests that share a cloud and a Horizon.

    Each empties nodes of its own: compute-1, compute-3, compute-4, that of
    the owners, and those that are rolled through.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        missing = browser.missing()
        if missing:
            raise unittest.SkipTest(f'not installed: {missing}')
        cls.share(
            cloud.Cloud(
                functional.description(
                    hosts={
                        'compute-1': functional.HOST,
                        'compute-2': functional.HOST,
                        'compute-3': functional.a_host(memory_mb=262144),
                        'compute-4': functional.HOST,
                        owners.NODE: functional.HOST,
                        **dict.fromkeys(rolls.NODES, functional.HOST),
                        'compute-10': functional.HOST,
                        'spare': functional.SPARE,
                    },
                    flavors={
                        'huge': {
                            'vcpus': 8,
                            'memory_mb': 196608,
                            'disk_gb': 200,
                        }
                    },
                    servers={
                        'web': functional.on('compute-1', count=2),
                        'batch': functional.on('compute-1', state='SHUTOFF'),
                        'cache': functional.on('compute-1', state='PAUSED'),
                        'old': functional.on('compute-1', state='SUSPENDED'),
                        'db': functional.on('compute-3', 'huge'),
                        'mail': functional.on('compute-4'),
                        'long': functional.on('compute-2'),
                        'other': functional.on('compute-10'),
                        **owners.SERVERS,
                        **rolls.SERVERS,
                    },
                ),
                keystone=True,
                nova_options=functional.REPORTS,
                watcher_options={
                    'nova': {'migration_max_retries': 1500},
                    'oslo_messaging_notifications': {'driver': 'log'},
                },
            )
        )
        cls.cloud.refresh_model()
        servers = {
            s.name: s
            for s in cls.cloud.nova.servers.list(
                search_opts={'all_tenants': True}
            )
        }
        for name, other in (
            ('web-2', NASTY),
            ('shop-2', owners.NASTY),
            ('long', LONG),
        ):
            cls.cloud.nova.servers.update(servers[name], name=other)
        web = horizon.Horizon(cls.cloud.urls['identity'] + '/v3')
        web.setUp()
        cls.addClassCleanup(web.cleanUp)
        cls.url = web.url
        cls.page = cls.sign_in(credentials.ADMIN)

    @classmethod
    def sign_in(cls, user, **settings):
        """A browser of its own for a user, until the class ends."""
        seen = browser.Browser(**settings)
        seen.setUp()
        cls.addClassCleanup(seen.cleanUp)
        page = panel.Panel(seen.driver, cls.url)
        # Horizon's own page to sign in shows nothing without scripts.
        if settings.get('scripts', True):
            page.sign_in(user, cls.cloud.passwords[user])
        else:
            page.take_cookies(cls.page.cookies())
        return page

    def look(self, picture='', page=None):
        """Check that the page reads well, and take its picture."""
        page = page or self.page
        if picture:
            page.picture(picture)
        # The pages that follow are looked at, too.
        self.expectThat(list(page.faults()), Equals([]), page.address)
        self.expectThat(page.barriers(), Equals([]), page.address)

    def test_drain_and_return(self):
        page = self.page
        page.open(HYPERVISORS)
        self.assertNotIn('Migrate Host', page.source())
        page.show_actions('compute_host', 'compute-1', 'Start Maintenance')
        page.picture('hypervisors', '.tab-content')
        page.follow_action('compute_host', 'compute-1', 'Start Maintenance')
        self.assertEqual('Start Maintenance', page.heading())
        self.assertEqual(['compute-1'], page.chosen('hosts'))
        page.fill(on_blocked='Leave it where it is', reason='fan broken')
        self.look('start')
        page.press_button('Check')
        self.check_check()
        self.cloud.faults.delay('web-1', 8)
        page.press_button('Start Maintenance')
        page.wait(lambda: 'Maintenance of compute-1' in page.text)
        self.check_running()
        page.wait(page.is_over)
        self.cloud.faults.clear()
        self.check_result()
        self.check_index()
        self.check_return()

    def check_check(self):
        page = self.page
        page.wait(lambda: page.rows('check_servers'))
        self.look('check')
        self.assertEqual(
            {
                'web-1': 'Live migrate',
                SHOWN: 'Live migrate',
                'batch': 'Cold migrate',
                'cache': 'Live migrate',
                'old': 'Stays',
            },
            {r['Server']: r['What'] for r in page.rows('check_servers')},
        )
        self.assertIn('Partly possible now', page.text)

    def check_running(self):
        """It is renewed in place: neither script nor focus is lost."""
        page = self.page
        page.wait(lambda: page.rows('result_servers'))
        page.run('window.marker = 1; window.scrollTo(0, 40);')
        page.run(
            f'document.querySelector("{LINK}").focus({{preventScroll: true}});'
        )
        page.wait(lambda: page.has_text('In progress') or page.is_over())
        page.picture('result-running')
        page.wait(
            lambda: (
                'Done' in {r['Result'] for r in page.rows('result_servers')}
                or page.is_over()
            )
        )
        if not page.is_over():
            self.assertEqual(1, page.run('return window.marker'))
            self.assertTrue(
                page.run(f'return document.activeElement.matches("{LINK}")')
            )

    def check_result(self):
        page = self.page
        self.look('result')
        rows = {r['Server']: r for r in page.rows('result_servers')}
        self.assertEqual(
            {
                'web-1': ('active', 'Live migrate', 'Done'),
                SHOWN: ('active', 'Live migrate', 'Done'),
                'batch': ('stopped', 'Cold migrate', 'Done'),
                'cache': ('paused', 'Live migrate', 'Done'),
                'old': ('suspended', '-', 'Stays'),
            },
            {
                name: (row['Status'], row['How'], row['Result'])
                for name, row in rows.items()
            },
        )
        self.assertIn('SUSPENDED', rows['old']['Reason'])
        servers = self.cloud.servers()
        self.assertEqual('compute-1', servers['old'].host)
        self.assertNotEqual('compute-1', servers['cache'].host)
        # Horizon's own "Migrate Host" takes it for a server of compute-1.
        self.assertEqual('compute-10', servers['other'].host)
        self.assertEqual('disabled', self.cloud.services()['compute-1'].status)
        self.check_links()

    def check_links(self):
        """The audit and the plan have pages of the Watcher dashboard."""
        page = self.page
        result = page.address
        for link in ('link_audit', 'link_plan'):
            page.open(result.removeprefix(f'{self.url}/'))
            uuid = page.run(f'return document.getElementById("{link}").text')
            page.click(f'#{link}')
            page.wait(lambda: page.address != result)
            self.assertEqual(200, page.status())
            self.assertIn(uuid, page.text)

    def check_index(self):
        page = self.page
        for path, picture in (('admin/maintenance/', 'index'), (TAB, 'tab')):
            page.open(path)
            page.wait(lambda: page.rows('maintenance'))
            self.look(picture)
            [row] = [
                r for r in page.rows('maintenance') if r['Host'] == 'compute-1'
            ]
            self.assertEqual(
                (
                    'Not empty',
                    '1',
                    '4 of 4',
                    'watcher_maintaining: fan broken',
                ),
                (
                    row['Maintenance'],
                    row['Servers'],
                    row['Servers Done'],
                    row['Reason'],
                ),
            )
        page.open('admin/maintenance/past/')
        self.look('past')
        page.open('admin/maintenance/nodes/compute-1/')
        self.look('node')
        self.assertIn('old', [r['Server'] for r in page.rows('node_servers')])

    def check_return(self):
        page = self.page
        page.open('admin/maintenance/')
        page.press_row('maintenance', 'compute-1', 'Mark as Done')
        page.wait(lambda: 'Node marked as done: compute-1' in page.text)
        self.assertEqual(
            'watcher_maintained',
            self.cloud.services()['compute-1'].disabled_reason,
        )
        page.press_row('maintenance', 'compute-1', 'End Maintenance')
        page.wait(lambda: page.heading() == 'End Maintenance')
        page.fill(move_back='Servers that left for this maintenance')
        self.look('end')
        page.press_button('Check')
        page.wait(lambda: page.rows('check_servers'))
        self.look('end-check')
        page.press_button('End Maintenance')
        page.wait(lambda: 'Return to service' in page.text)
        page.wait(lambda: page.is_over() or page.press_if_there('Start Plan'))
        self.look('result-return')
        self.assertEqual(
            {'Done'}, {r['Result'] for r in page.rows('result_servers')}
        )
        self.assertEqual('enabled', self.cloud.services()['compute-1'].status)
        self.assertEqual('compute-1', self.cloud.servers()['web-1'].host)

    def test_refused(self):
        page = self.page
        page.open('admin/maintenance/')
        page.press_row('maintenance', 'compute-3', 'Check')
        page.wait(lambda: page.rows('check_servers'))
        self.look('check-refused')
        self.assertIn('Not possible now', page.text)
        [row] = page.rows('check_servers')
        self.assertEqual(('db', 'Stays'), (row['Server'], row['What']))
        self.assertIn('MEMORY_MB', row['Why'])
        self.assertNotIn('Start Maintenance', page.buttons())
        self.assertEqual('enabled', self.cloud.services()['compute-3'].status)

    def test_table(self):
        """It is sorted and filtered, and one button acts on two rows."""
        page = self.page
        page.open('admin/maintenance/')
        self.assertNotEqual('spare', page.hosts()[0])
        header = '#maintenance thead th[data-column="1"]'
        page.click(header)
        page.click(header)
        page.wait(lambda: page.hosts()[0] == 'spare')
        page.filter('compute-1')
        two = {'compute-1', 'compute-10'}
        page.wait(lambda: {*page.hosts()} == two)
        for host in two:
            page.select_row(host)
        page.press_button('Check')
        page.wait(lambda: page.rows('check_nodes'))
        self.assertEqual(two, {r['Node'] for r in page.rows('check_nodes')})

    def test_plan_that_waits(self):
        """It can be started or cancelled on the page of its result."""
        audit = self.drain(
            refresh=False, scope=[], maintenance_node='compute-10'
        )
        self.assertPlanned(audit)
        page = self.page
        page.open(f'admin/maintenance/results/{audit["uuid"]}/')
        self.assertEqual(['Start Plan', 'Cancel Plan'], page.buttons())
        [row] = page.rows('result_servers')
        self.assertEqual(
            ('other', 'Waits for its turn'), (row['Server'], row['Result'])
        )
        self.look()
        question = page.press_and_confirm('Cancel Plan')
        self.assertIn('You have selected: "compute-10"', question)
        self.assertIn('a node that the plan has disabled stays', question)
        page.wait(lambda: 'The plan is cancelled.' in page.text)
        self.assertNotIn('Cancel Plan', page.buttons())
        self.look()
        self.assertEqual('compute-10', self.cloud.servers()['other'].host)

    def test_member(self):
        member = self.sign_in(credentials.MEMBER)
        self.assertEqual(['Project', 'Identity'], member.menu())
        for path in (
            '',
            'start/',
            'end/',
            'past/',
            'rolls/',
            'nodes/compute-1/',
        ):
            member.open(f'admin/maintenance/{path}')
            self.assertIn('You are not authorized', member.text)
            self.assertNotIn('compute-1', member.text.replace(path, ''))
            self.assertEqual(403, member.status())
        member.picture('member')

    def test_right_is_withdrawn(self):
        """Pages name the rule that is missing, while somebody is signed in."""
        accounts = self.cloud.accounts
        accounts.grant(credentials.READER, 'admin')
        page = self.sign_in(credentials.READER)
        accounts.revoke(credentials.READER, 'admin')
        # Nova may know the token from the page after the sign-in.
        for path, table in (('past/', 'past'), ('', 'maintenance')):
            page.open(f'admin/maintenance/{path}')
            [alert] = page.wait(page.alerts)
            self.assertIn('to be performed. (HTTP 403)', alert)
            self.assertEqual([], page.rows(table))
        self.look('withdrawn', page)

    def test_without_scripts(self):
        """Everything but the refresh, with JavaScript switched off."""
        page = self.sign_in(credentials.ADMIN, scripts=False)
        page.open('admin/maintenance/')
        page.select_row('compute-4')
        page.press_button('Start Maintenance')
        self.assertEqual(['compute-4'], page.chosen('hosts'))
        page.press_button('Check')
        self.assertIn('Possible now', page.text)
        page.press_button('Start Maintenance')
        self.assertIn('Maintenance of compute-4', page.text)
        page.wait(lambda: page.reload() or page.is_over())
        [row] = page.rows('result_servers')
        self.assertEqual(('mail', 'Done'), (row['Server'], row['Result']))
        self.assertNotEqual('compute-4', self.cloud.servers()['mail'].host)

    def test_longest_name(self):
        page = self.page
        page.open('admin/maintenance/start/?host=compute-2&check=1')
        self.assertEqual(
            [LONG], [r['Server'] for r in page.rows('check_servers')]
        )
        self.look()
        page.open('admin/maintenance/nodes/compute-2/')
        self.assertEqual(
            [LONG], [r['Server'] for r in page.rows('node_servers')]
        )
        self.look()

    def test_sent_twice(self):
        """A form that is sent again leads to the result of the first."""
        page = self.page
        page.open('admin/maintenance/start/?host=spare&check=1')
        first = page.send('Start Maintenance')
        page.press_button('Start Maintenance')
        page.wait(lambda: 'Maintenance of spare' in page.text)
        self.assertEqual(first, page.address)

    def test_german(self):
        page = self.sign_in(credentials.ADMIN, language='de')
        page.open('admin/maintenance/')
        self.assertEqual('Wartung', page.heading())
        self.assertIn('In Betrieb', page.text)
        page.open('admin/maintenance/start/?host=compute-4&check=1')
        page.wait(lambda: page.rows('check_nodes'))
        self.assertIn('Jetzt möglich', page.text)
        self.look('german', page)
