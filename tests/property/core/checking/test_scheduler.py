# SPDX-License-Identifier: Apache-2.0

"""Each of Nova's questions is asked, and only when there is something."""

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from tests.unit.core import builders
from watcher_host_maintenance.core.checking import scheduler
from watcher_host_maintenance.core.model import nova
from watcher_host_maintenance.core.rules import traits
from watcher_host_maintenance.core.rules import unproved


class TestHost(base.TestCase):
    """What is looked at of the node alone."""

    @generated.settings(300)
    @hypothesis.given(
        st.dictionaries(
            st.sampled_from(
                [
                    *sorted({n for n, _ in nova.IMPLIED_TRAITS}),
                    nova.ENCRYPTION_FORMAT,
                    'hw:cpu_policy',
                ]
            ),
            st.sampled_from(
                [
                    'true',
                    ' True',
                    'on',
                    'yes',
                    'no',
                    'trust',
                    'required',
                    'Required',
                    'emulate',
                    'passthrough',
                    'virtio',
                    'luks',
                    '',
                ]
            ),
        )
    )
    def test_implied_as_the_planner_has_it(self, specs):
        instance = builders.an_instance(extra_specs=specs)
        self.assertEqual(
            {
                f'trait:{t}': text
                for t, text in traits.asked_about(
                    instance, builders.a_request()
                ).items()
            },
            scheduler._as_traits(instance),
        )


class TestInstance(base.TestCase):
    NAMES = (
        *sorted(nova.CLAIMS),
        *nova.CLAIM_PREFIXES,
        *sorted(nova.SWITCHES),
        *nova.CAPABILITIES,
        *sorted(nova.HOST_STATE),
        'hw:cpu_policy',
        'resources',
        'trait',
        'hw:cpu_',
        'group_policy',
        'resources1',
        'trait_X',
        'hw:mem_',
        'hw:',
        'accel',
    )
    TAILS = ('', ':', ':VGPU', '_nodes', '.0', 'x')

    @generated.settings(500)
    @hypothesis.given(
        st.sampled_from(NAMES),
        st.sampled_from(TAILS),
        st.sampled_from(
            [
                'dedicated',
                'mixed',
                'shared',
                'mixed2',
                '1',
                '',
                '0',
                '00',
                '10',
                'true',
                ' True ',
                'ON',
                'false',
                'no',
                ' , ',
                'a, ',
            ]
        ),
    )
    def test_claimed_as_the_planner_has_it(self, name, tail, text):
        instance = builders.an_instance(extra_specs={name + tail: text})
        self.assertIs(
            bool(unproved.asked_for(instance)),
            scheduler._is_claimed_there(instance),
        )
