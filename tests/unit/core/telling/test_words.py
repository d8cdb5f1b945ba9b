# SPDX-License-Identifier: Apache-2.0

import dataclasses
import string

import ddt

from tests.unit import base
from tests.unit.core import windows
from tests.unit.core.builders import a_bare_request
from tests.unit.core.builders import a_group
from tests.unit.core.builders import a_node
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import a_spare
from tests.unit.core.builders import an_aggregate
from tests.unit.core.builders import an_instance
from tests.unit.core.builders import an_inventory
from tests.unit.core.drains import C1
from tests.unit.core.drains import NEITHER
from tests.unit.core.drains import NO_COLD
from tests.unit.core.drains import marked
from tests.unit.core.drains import plan
from tests.unit.core.drains import servers
from tests.unit.core.returns import a_closing
from tests.unit.core.returns import a_departure
from tests.unit.core.returns import a_return_request
from tests.unit.core.returns import a_returning_snapshot
from tests.unit.core.returns import a_swap
from tests.unit.core.returns import maintained
from tests.unit.core.returns import two_homes
from tests.unit.core.rules import asking
from tests.unit.reasons import every_reason
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core import returning
from watcher_host_maintenance.core.advice.unplaced import NO_CANDIDATE
from watcher_host_maintenance.core.advice.unplaced import SUM_TOO_LARGE
from watcher_host_maintenance.core.model.notice import DEFAULT_SPEC
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import by_value
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.request import ReturnRequest
from watcher_host_maintenance.core.model.rolling import RollRequest
from watcher_host_maintenance.core.model.snapshot import Claim
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import FailedMove
from watcher_host_maintenance.core.model.snapshot import Port
from watcher_host_maintenance.core.model.snapshot import Unread
from watcher_host_maintenance.core.model.window import Window
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.rolling import roll
from watcher_host_maintenance.core.rules import aggregates
from watcher_host_maintenance.core.rules import cpus
from watcher_host_maintenance.core.rules import failures
from watcher_host_maintenance.core.rules import filters
from watcher_host_maintenance.core.rules import hosting
from watcher_host_maintenance.core.rules import hypervisors
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules import unread
from watcher_host_maintenance.core.rules import zones
from watcher_host_maintenance.core.rules.alive import ALIVE
from watcher_host_maintenance.core.rules.roles import Use
from watcher_host_maintenance.core.rules.room import NO_ROOM
from watcher_host_maintenance.core.rules.traits import TRAIT_MISSING
from watcher_host_maintenance.core.scheduling import notices
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.brevity import AND_MORE


REASONS = every_reason()

ROOM = {'resource_class': 'VCPU', 'wanted': 8}
SUM = {
    **ROOM,
    'instances': 3,
    'free': 5.5,
    'destinations': 2,
    'hosts': (),
}
PUZZLE = {'instances': 3, 'destinations': 2}
HALF = {'host': 'compute-1', 'elsewhere': 'compute-2'}
NODE, SERVER, NOBODY = 'compute-1', 'db-7', ''
LIFTS = (
    'If it is sound: openstack compute service set --up compute-1 nova-compute'
)
UUID = '5d1bd63d-7a43-4c9e-9f0e-0d1c2b3a4f5e'
PROVIDER = '9cd86f5a-3b6e-4d4f-8d4f-0e5b7a1c2d3e'
ALL = {
    'count': 3,
    'destinations': 5,
    'names': ('a', 'b', 'c'),
    'proof': 'search',
}
MANY = {**ALL, 'hosts': ()}
THESE = {**MANY, 'most': 2}
NAMED = {'destinations': 2, 'hosts': ('n-1', 'n-2')}
FEW = {**THESE, **NAMED}

# reason, subject, facts, what it says, what helps
STUCK = (
    (
        'stuck',
        'image_uploading',
        'active',
        {},
        'If Nova logs no work on it: openstack server set --state active u',
    ),
    (
        'stuck_running',
        'migrating',
        'active',
        {},
        'If its guest runs on compute-1 alone: openstack server set --state active u',
    ),
    (
        'stuck_until_restart',
        'image_uploading',
        'paused',
        {},
        'Leave its state. Restart nova-compute on compute-1 when it is idle: that ends the task.',
    ),
    (
        'stuck_copying',
        'resize_migrating',
        'stopped',
        {},
        'Wait while compute-1 copies its disk. After that restart nova-compute there, when it is idle: that ends the task.',
    ),
    (
        'stuck_halfway',
        'powering-off',
        'active',
        {'command': 'stop'},
        'openstack server set --state active u, then stop it again.',
    ),
    (
        'stuck_booting',
        'rescuing',
        'active',
        {},
        'openstack server set --state active u, then reboot --hard unless its own disk has booted.',
    ),
    (
        'stuck_rebuilding',
        'rebuilding',
        'active',
        {},
        'openstack server set --state error u; its owner has to rebuild it again.',
    ),
    (
        'stuck_resizing',
        'resize_finish',
        'active',
        {},
        'First find which host has its disk: openstack server migration list --server u',
    ),
    (
        'stuck_building',
        'spawning',
        'building',
        {},
        'If Nova logs no work on it: openstack server set --state error u',
    ),
    (
        'stuck_deleting',
        'deleting',
        'active',
        {},
        'Its deletion was asked for. Again: openstack server delete u',
    ),
    (
        'stuck_in_error',
        'rebuilding',
        'error',
        {},
        'If Nova logs no work on it: openstack server set --state error u',
    ),
    (
        'stuck_kept',
        'resize_confirming',
        'resized',
        {},
        'Setting its state would lose "resized"; clear only task_state, in Nova\'s database.',
    ),
)
"""Reason, task state, vm_state, other facts, what helps."""

EXAMPLES = (
    (
        'wave_too_long',
        NODE,
        {
            'hosts': (NODE, 'compute-2'),
            'takes_s': 338,
            'left_s': 200,
            'ends': '2026-12-01T23:00:00Z',
        },
        f'to empty {NODE}, compute-2 takes about 338 s, and the window ends '
        'in 200 s, at 2026-12-01T23:00:00Z',
        'Its wave begins in the next window, if that is long enough.',
    ),
    (
        'server_too_long',
        'web-1',
        {
            'host': NODE,
            'takes_s': 338,
            'left_s': 200,
            'ends': '2026-12-01T23:00:00Z',
        },
        f'web-1 alone takes about 338 s to leave {NODE}, and the window ends '
        'in 200 s, at 2026-12-01T23:00:00Z',
        'Make the window longer, or move it by hand.',
    ),
    (
        'other_window',
        NODE,
        {'audit': '8d04bb2c'},
        'compute-1 has another window in the audit 8d04bb2c',
        'Cancel that audit, or give both the same window.',
    ),
    (
        'too_late',
        'web-1',
        {'begin_by': '2026-12-01T22:54:22Z'},
        'web-1 should have begun by 2026-12-01T22:54:22Z to end in its window',
        'It begins in the next window.',
    ),
    (
        'told_too_late',
        NODE,
        {'begins': '2026-12-01T22:00:00Z', 'ends': '2026-12-01T21:00:00Z'},
        f'the notice period of {NODE} would end at 2026-12-01T22:00:00Z, after '
        'its window ends at 2026-12-01T21:00:00Z',
        'Give the audit another window, or a shorter notice_period.',
    ),
    (
        'not_stopped',
        'web-1',
        {'vm_state': 'active'},
        'web-1 is active, and was to be stopped before it moves',
        'It moves with a later audit, once it can be stopped.',
    ),
    (
        'left_for_later',
        NODE,
        {'count': 3},
        'compute-1 still has 3 servers that had no time to leave',
        'They leave in the next window.',
    ),
    (
        'before_window',
        NODE,
        {'starts': '2026-12-01T21:00:00Z'},
        'compute-1 waits: its window begins at 2026-12-01T21:00:00Z',
        'A CONTINUOUS audit begins by itself then.',
    ),
    (
        'before_window_or_go',
        NODE,
        {'starts': '2026-12-01T21:00:00Z'},
        'compute-1 waits until 2026-12-01T21:00:00Z, or for its owners to say '
        'go',
        'A CONTINUOUS audit goes on by itself.',
    ),
    (
        'after_window',
        NODE,
        {'ends': '2026-12-01T23:00:00Z'},
        'compute-1 waits: its last window ended at 2026-12-01T23:00:00Z',
        'Give the audit another window, or none.',
    ),
    (
        'no_time_left',
        'web-1',
        {'takes_s': 338, 'left_s': 200, 'ends': '2026-12-01T23:00:00Z'},
        'web-1 takes about 338 s and would end too late: the window ends in '
        '200 s, at 2026-12-01T23:00:00Z',
        'It begins in the next window, if that is long enough.',
    ),
    (
        'waits_with_others',
        'web-1',
        {'names': ('web-2', 'web-3')},
        'web-1 waits with web-2, web-3',
        'It begins together with them, or after them.',
    ),
    (
        'read_is_off',
        'images',
        {},
        'images were not read: the option read_images is off',
        'Set read_images to auto.',
    ),
    (
        'service_absent',
        'volumes',
        {},
        'volumes were not read: no endpoint is known',
        'Add an endpoint to Keystone, or set read_volumes to off.',
    ),
    (
        'failed_before',
        'web-1',
        {
            'kind': 'live-migration',
            'destination': 'compute-2',
            'time': '2026-11-21T12:00:00Z',
        },
        'web-1: its live-migration to compute-2 failed at '
        '2026-11-21T12:00:00Z, so that it goes elsewhere if it can',
        'See the log of nova-compute on compute-2 for the cause.',
    ),
    (
        'moves_again',
        'web-1',
        {
            'kind': 'live-migration',
            'destination': 'compute-2',
            'time': '2026-11-21T12:00:00Z',
        },
        'web-1 moves to compute-2 again, where its live-migration failed at '
        '2026-11-21T12:00:00Z: no other destination was found',
        'See the log of nova-compute on compute-2 for the cause.',
    ),
    (
        'filter_without_rule',
        'JsonFilter',
        {},
        'no rule here knows JsonFilter of Nova: it may refuse a move',
        'See whether that filter accepts the destinations of the plan.',
    ),
    (
        'read_failed',
        'images',
        {'error': 'Glance, GET /images/1: Service Unavailable (HTTP 503)'},
        'images were not read: Glance, GET /images/1: Service Unavailable '
        '(HTTP 503)',
        'Run the audit again when that works.',
    ),
    (
        'image_unread',
        SERVER,
        {},
        'db-7: what its image asks for could not be read',
        'Restore the image or the access to it, or: '
        '-p allow_unproved_moves=true',
    ),
    (
        'group_unread',
        SERVER,
        {},
        'db-7: its project has too many soft-deleted servers to read; any '
        'may be in its anti-affinity group',
        'Force-delete them, or wait until Nova does, or: '
        '-p allow_unproved_moves=true',
    ),
    (
        'hints_unread',
        SERVER,
        {},
        'db-7: Nova is too old to show its scheduler hints',
        'Move it by hand, or: -p allow_unproved_moves=true',
    ),
    (
        'port_never_moves',
        SERVER,
        {'vnic_type': 'accelerator-direct'},
        'db-7 has a port of type accelerator-direct; Nova cannot move it',
        'Detach the port, or stop it and use -p on_blocked=leave.',
    ),
    (
        'port_not_live',
        SERVER,
        {'vnic_type': 'direct-physical'},
        'db-7 has a port of type direct-physical; it cannot move live',
        'Detach the port, or: -p disable_live_migration=true',
    ),
    (
        'ports_unread',
        SERVER,
        {},
        'db-7: its ports could not be read',
        'See why in the report, or: -p allow_unproved_moves=true',
    ),
    (
        'hinted_leaves',
        SERVER,
        {'hint': 'same_host', 'other': 'web-1'},
        'db-7 has the scheduler hint same_host about web-1, which is on a '
        'node to empty as well',
        'Move web-1 by hand, then run the audit again.',
    ),
    (
        'both_node_parameters',
        NOBODY,
        {},
        'maintenance_node and maintenance_nodes are both given',
        'Give one of them.',
    ),
    (
        'no_set',
        NOBODY,
        {},
        'a rolling maintenance needs maintenance_nodes, aggregate or zone',
        'Give one of them.',
    ),
    (
        'several_sets',
        NOBODY,
        {'parameters': ('aggregate', 'zone')},
        'aggregate, zone are given together',
        'Give one of them.',
    ),
    (
        'bad_hook',
        'reboot',
        {'hooks': ('manual', 'patch')},
        'watcher.conf has no hook reboot: manual, patch',
        'Add it to exec_hooks or http_hooks, or use another one.',
    ),
    (
        'hook_twice',
        'patch',
        {},
        'watcher.conf has the hook patch twice',
        'Remove it from exec_hooks or http_hooks.',
    ),
    (
        'hook_failed',
        'compute-1',
        {'hook': 'patch', 'problem': 'no disk (1)'},
        'compute-1: the hook patch failed: no disk (1)',
        'Finish the work by hand: openstack maintenance done compute-1',
    ),
    (
        'hook_not_run',
        'compute-1',
        {'hook': 'patch', 'problem': '/etc/watcher/hooks: No such file'},
        'compute-1: the hook patch is not run: /etc/watcher/hooks: No such '
        'file',
        'Correct that where the applier runs.',
    ),
    (
        'unknown_aggregate',
        'rack-7',
        {},
        'there is no host aggregate rack-7',
        'Use a name from "openstack aggregate list".',
    ),
    (
        'empty_aggregate',
        'rack-7',
        {},
        'the host aggregate rack-7 has no compute nodes',
        'Add hosts to it, or use another one.',
    ),
    (
        'empty_zone',
        'az-7',
        {},
        'no compute node is in the availability zone az-7',
        'Use a zone from "openstack compute service list".',
    ),
    (
        'unknown_node',
        NODE,
        {},
        'there is no compute node compute-1',
        'Use a host from "openstack compute service list".',
    ),
    (
        'named_otherwise',
        'compute-1.example.org',
        {'host': NODE},
        'there is no compute node compute-1.example.org, but there is '
        'compute-1',
        'Use compute-1 if that is the node you mean.',
    ),
    (
        'hypervisor_name',
        'hv-1',
        {'host': NODE},
        'hv-1 is a hypervisor name; the service host is compute-1',
        'Use compute-1.',
    ),
    (
        'bad_option',
        'marking_reasons',
        {},
        'the option marking_reasons has an empty value',
        'Correct it in watcher.conf of the decision engine.',
    ),
    (
        'bad_parameter',
        'on_blocked',
        {'problem': "'leav' is not one of ['fail', 'leave']"},
        "the parameter on_blocked is invalid: 'leav' is not one of ['fail', "
        "'leave']",
        'Give it a valid value.',
    ),
    (
        'backup_is_maintained',
        NODE,
        {},
        'backup_node compute-1 is itself to be emptied',
        'Name another backup_node.',
    ),
    (
        'backup_marked',
        NODE,
        {'disabled_reason': 'watcher_maintaining'},
        'backup_node compute-1 is marked for maintenance: '
        '"watcher_maintaining"',
        'Name another backup_node, or none.',
    ),
    (
        'backup_disabled',
        NODE,
        {'disabled_reason': 'bad fan'},
        'backup_node compute-1 is disabled: "bad fan"',
        'Find out why; enable it only if it is healthy.',
    ),
    (
        'backup_down',
        NODE,
        {},
        'nova-compute on backup_node compute-1 is down',
        'Start it, or name another backup_node.',
    ),
    (
        'out_of_scope',
        NODE,
        {},
        "compute-1 is outside the audit's scope",
        'Widen the scope of the audit template.',
    ),
    (
        'bare_metal',
        NODE,
        {},
        'compute-1 is a bare metal (Ironic) node, not a compute host',
        'Maintain it through Ironic.',
    ),
    (
        'no_inventory',
        NODE,
        {},
        'compute-1 has no inventory in Placement',
        'See the log of nova-compute there: it reports the inventory.',
    ),
    (
        'no_hypervisor',
        NODE,
        {},
        'compute-1 has a nova-compute service, but no hypervisor in Nova',
        'If the host is new: nova-manage cell_v2 discover_hosts. Otherwise '
        'see its nova-compute log.',
    ),
    (
        'node_down',
        NODE,
        {'instances': 1},
        'compute-1: nova-compute is down, instances on it: 1',
        'Start nova-compute there; evacuate it with Nova only if the host is off.',
    ),
    (
        'node_forced_down',
        NODE,
        {'instances': 1},
        'compute-1 is forced down, instances on it: 1',
        LIFTS,
    ),
    (
        'backup_forced_down',
        NODE,
        {},
        'backup_node compute-1 is forced down',
        'Name another backup_node, or lift that if the node is sound.',
    ),
    (
        'forced_down',
        NODE,
        {},
        'compute-1 is forced down',
        LIFTS,
    ),
    *(
        (
            reason,
            SERVER,
            {
                'task_state': task,
                'hours': 3,
                'uuid': 'u',
                'host': 'compute-1',
                'vm_state': vm_state,
                **others,
            },
            f'db-7 has been stuck in "{task}" for 3 h',
            helps,
        )
        for reason, task, vm_state, others, helps in STUCK
    ),
    (
        'excluded_by_scope',
        SERVER,
        {},
        "db-7 is excluded by the audit's scope",
        'Take it out of the exclusion, or move it by hand.',
    ),
    (
        'paused',
        SERVER,
        {'vm_state': 'paused'},
        'db-7 is PAUSED',
        'Allow live migration, which keeps it paused, or unpause it.',
    ),
    (
        'suspended',
        SERVER,
        {'vm_state': 'suspended'},
        'db-7 is SUSPENDED',
        'Its owner can resume it; an administrator can shelve it.',
    ),
    (
        'rescued',
        SERVER,
        {'vm_state': 'rescued'},
        'db-7 is in RESCUE',
        'Its owner has to unrescue it.',
    ),
    (
        'resized',
        SERVER,
        {'vm_state': 'resized'},
        'db-7 is in VERIFY_RESIZE',
        'Its owner has to confirm or revert the resize.',
    ),
    (
        'not_confirmed_here',
        SERVER,
        {'vm_state': 'resized'},
        'db-7 is in VERIFY_RESIZE: an administrator migrated it here',
        'Confirm or revert it: openstack server resize confirm.',
    ),
    (
        'building',
        SERVER,
        {'vm_state': 'building'},
        'db-7 is being built',
        'Wait, then run the audit again.',
    ),
    (
        'error',
        SERVER,
        {'vm_state': 'error'},
        'db-7 is in ERROR',
        'See its fault: after a failed move its disk may be sound. Only then '
        'repair, rebuild or delete it.',
    ),
    (
        'error_alive',
        SERVER,
        {'power_state': 'running', 'uuid': 'uuid-7'},
        'db-7 is in ERROR, but its guest is running',
        'Check its console, then: openstack server set --state active uuid-7',
    ),
    (
        'error_paused',
        SERVER,
        {'power_state': 'paused', 'uuid': 'uuid-7'},
        'db-7 is in ERROR, but its guest is paused',
        'openstack server set --state active uuid-7; '
        'openstack server pause uuid-7',
    ),
    (
        'maker_in_error',
        SERVER,
        {'power_state': 'running', 'uuid': 'uuid-7', 'host': 'compute-1'},
        'db-7 on compute-1 makes no room: it is in ERROR, its guest running',
        'Check its console, then: openstack server set --state active uuid-7',
    ),
    (
        'maker_in_error_paused',
        SERVER,
        {'power_state': 'paused', 'uuid': 'uuid-7', 'host': 'compute-1'},
        'db-7 on compute-1 makes no room: it is in ERROR, its guest paused',
        'openstack server set --state active uuid-7; '
        'openstack server pause uuid-7',
    ),
    (
        'error_last_running',
        SERVER,
        {'power_state': 'running', 'uuid': 'uuid-7'},
        'db-7 is in ERROR; its guest was last seen running',
        'See its fault. If its guest is whole: openstack server set --state '
        'active uuid-7',
    ),
    (
        'error_last_paused',
        SERVER,
        {'power_state': 'paused', 'uuid': 'uuid-7'},
        'db-7 is in ERROR; its guest was last seen paused',
        'See its fault. If its guest is whole: openstack server set --state '
        'active uuid-7, then pause it again.',
    ),
    (
        'error_lacks_features',
        SERVER,
        {
            'power_state': 'running',
            'destination': 'compute-2',
            'some': ('avx2', 'vmx'),
            'uuid': 'uuid-7',
        },
        'db-7 is in ERROR, but its guest is running: it failed to move to '
        'compute-2, which lacks avx2, vmx',
        'Check its console, then: openstack server set --state active uuid-7',
    ),
    (
        'paused_lacks_features',
        SERVER,
        {
            'power_state': 'paused',
            'destination': 'compute-2',
            'some': ('avx2', 'vmx'),
            'uuid': 'uuid-7',
        },
        'db-7 is in ERROR, but its guest is paused: it failed to move to '
        'compute-2, which lacks avx2, vmx',
        'openstack server set --state active uuid-7; '
        'openstack server pause uuid-7',
    ),
    (
        'cpu_lacks_features',
        NODE,
        {'source': 'compute-9', 'count': 7, 'some': ('avx2', 'vmx')},
        'compute-1 lacks CPU features that compute-9 has (7): avx2, vmx',
        'A server that uses one cannot move live from compute-9 to it.',
    ),
    (
        'remains_alive',
        SERVER,
        {'power_state': 'running', 'uuid': 'uuid-7'},
        'db-7 remains (error, but its guest is running)',
        'Check its console, then: openstack server set --state active uuid-7',
    ),
    (
        'remains_paused',
        SERVER,
        {'power_state': 'paused', 'uuid': 'uuid-7'},
        'db-7 remains (error, but its guest is paused)',
        'openstack server set --state active uuid-7; '
        'openstack server pause uuid-7',
    ),
    (
        'soft_deleted',
        SERVER,
        {'vm_state': 'soft-delete'},
        'db-7 is SOFT_DELETED and still holds its disk',
        'Restore or force-delete it.',
    ),
    (
        'unknown_state',
        SERVER,
        {'vm_state': 'odd'},
        'db-7 is in the state "odd"',
        'Wait or repair it, then run the audit again.',
    ),
    (
        'busy',
        SERVER,
        {'task_state': 'migrating'},
        'db-7 is busy: its task state is "migrating"',
        'Wait until it has ended, then run the audit again.',
    ),
    (
        'power_state',
        SERVER,
        {'power_state': 'shutdown'},
        'db-7 is ACTIVE, but its power state is shutdown',
        'Hard reboot it or stop it, or: -p disable_live_migration=true',
    ),
    (
        'renamed_hypervisor',
        SERVER,
        {
            'hypervisor': 'hv-1',
            'host': 'compute-1',
            'hypervisors': ('hv-1.example.org',),
        },
        'db-7: its record names the hypervisor hv-1, but compute-1 has '
        'hv-1.example.org',
        'If compute-1 was renamed, rename it back; Nova refuses otherwise.',
    ),
    (
        'held_amount',
        SERVER,
        {
            'held': 8,
            'resource_class': 'VCPU',
            'host': 'compute-1',
            'min_unit': 1,
            'max_unit': 4,
            'step_size': 1,
        },
        'db-7 holds 8 VCPU; compute-1 allows 1 to 4 per server, step 1',
        'Correct min_unit, max_unit or step_size of VCPU on compute-1.',
    ),
    (
        'held_class',
        SERVER,
        {'held': 8, 'resource_class': 'VCPU', 'host': 'compute-1'},
        'db-7 holds 8 VCPU, of which compute-1 offers none',
        'Let compute-1 offer VCPU again: see its nova.conf.',
    ),
    (
        'held_amount_below',
        SERVER,
        {
            'held': 8,
            'resource_class': 'VGPU',
            'host': 'compute-1',
            'min_unit': 1,
            'max_unit': 4,
            'step_size': 1,
            'provider': PROVIDER,
        },
        'db-7 holds 8 VGPU below compute-1; allowed are 1 to 4, step 1',
        f'Correct min_unit, max_unit or step_size on the provider {PROVIDER}.',
    ),
    (
        'arriving',
        SERVER,
        HALF,
        'db-7 is moving from compute-2 to compute-1',
        'Wait until it has ended, then run the audit again.',
    ),
    (
        'left_allocation',
        SERVER,
        {**HALF, 'provider': PROVIDER},
        'db-7 is on compute-2, but has an allocation on compute-1',
        f'nova-manage placement audit --delete --resource_provider {PROVIDER}',
    ),
    (
        'orphan_allocation',
        UUID,
        {'host': 'compute-1', 'provider': PROVIDER},
        f'{UUID} is no server but has an allocation on compute-1',
        'If Nova made it: nova-manage placement audit --delete '
        f'--resource_provider {PROVIDER}',
    ),
    (
        'unconfirmed',
        SERVER,
        {'elsewhere': 'compute-2'},
        'db-7 is in VERIFY_RESIZE on compute-2 and may return',
        'Its owner has to confirm or revert the resize.',
    ),
    (
        'group_nowhere_else',
        SERVER,
        {'group': 'db'},
        'db-7 is in affinity group db, which is on no other host',
        'Nova cannot move it: stop it and use -p on_blocked=leave, or have '
        'its owner create it again outside the group.',
    ),
    (
        'unproved',
        SERVER,
        {'asks_for': ('hw:numa_nodes', 'VGPU')},
        'db-7 needs hw:numa_nodes, VGPU; no API can prove that it fits',
        'Move it by hand, or: -p allow_unproved_moves=true',
    ),
    (
        'live_and_cold_disabled',
        SERVER,
        {},
        'db-7 is not running, and both migrations are disabled',
        'Allow cold migration to move it.',
    ),
    (
        'cold_disabled',
        SERVER,
        {},
        'db-7 is stopped, and cold migration is disabled',
        'Allow cold migration to move it.',
    ),
    (
        'owner_keeps',
        SERVER,
        {'word': 'keep', 'origin': 'tag'},
        'db-7 is to be left alone: its tag says keep',
        'Ask its owner, or move it all the same: -p on_keep=move',
    ),
    (
        'default_keeps',
        SERVER,
        {'word': 'keep', 'origin': 'flavor'},
        'db-7 is to be left alone: its owner says nothing, and the default of '
        'its flavor is keep',
        'Change it (maintenance:default of the flavor, or owner_defaults), or '
        'move it: -p on_keep=move',
    ),
    (
        'cold_is_disabled',
        SERVER,
        {'word': 'cold', 'origin': 'flavor'},
        'db-7 is to be moved cold: its flavor says cold; but cold migration '
        'is disabled',
        'Allow cold migration, or move it live: -p on_keep=move',
    ),
    (
        'owner_leaves',
        SERVER,
        {'word': 'stay', 'origin': 'project', 'host': 'compute-1'},
        'db-7 is left on compute-1: its project says stay',
        'To move it all the same: -p owners=ignore',
    ),
    (
        'node_not_told',
        NODE,
        {'until': '2026-12-01T18:00:00Z'},
        'owners on compute-1 were not told, and their time to answer was over '
        'at 2026-12-01T18:00:00Z',
        'Give a later answer_by or starts, or do not wait: owners=obey.',
    ),
    (
        'awaits_owner',
        SERVER,
        {'until': '2026-12-01T21:00:00Z'},
        'db-7 waits for its owner until 2026-12-01T21:00:00Z',
        'A CONTINUOUS audit moves it then, or as soon as its owner says go.',
    ),
    (
        'cannot_tell',
        SERVER,
        {'vm_state': 'rescued'},
        'the owner of db-7 cannot be told: Nova does not accept metadata for a '
        'server that is rescued',
        'Tell the owner by other means.',
    ),
    (
        'keeps_notice',
        SERVER,
        {'host': 'compute-1'},
        'db-7 keeps its notice: compute-1 is not back in service',
        'Run the return again once compute-1 is fit.',
    ),
    (
        'other_notice',
        SERVER,
        {},
        'db-7 has the notice of another maintenance',
        'Nothing is left to do.',
    ),
    (
        'not_told',
        SERVER,
        {},
        'the owner of db-7 was not told',
        'Tell the owner by other means; the next audit tries again.',
    ),
    (
        'keeps_tag',
        SERVER,
        {'tag': 'maintenance:go', 'uuid': UUID},
        'the tag maintenance:go of db-7 was used, and not removed',
        f'Type openstack server unset --tag maintenance:go {UUID}; so far it '
        'is ignored.',
    ),
    (
        'bad_option_value',
        'owner_tags',
        {'problem': "'x' does not end with a word"},
        "the option owner_tags is invalid: 'x' does not end with a word",
        'Correct it in watcher.conf of the decision engine.',
    ),
    (
        'hypervisor_silent',
        NODE,
        {},
        'compute-1: nova-compute is up, but its hypervisor is not',
        'Start libvirt there, then run the audit again.',
    ),
    (
        'hypervisor_lost',
        NODE,
        {'disabled_reason': 'AUTO: Connection to libvirt lost: 1'},
        'compute-1: hypervisor lost, disabled by Nova: '
        '"AUTO: Connection to libvirt lost: 1"',
        'Start libvirt there: Nova enables it. Then run the audit again.',
    ),
    (
        'maintained',
        NODE,
        {},
        'compute-1 is itself to be emptied',
        'Leave it out of the request.',
    ),
    (
        'marked',
        NODE,
        {'disabled_reason': 'watcher_maintaining'},
        'compute-1 is marked for maintenance: "watcher_maintaining"',
        'Enable it when its maintenance has ended.',
    ),
    (
        'disabled',
        NODE,
        {'disabled_reason': 'bad fan'},
        'compute-1 is disabled: "bad fan"',
        'Find out why; enable it only if it is healthy.',
    ),
    (
        'unused',
        NODE,
        {'disabled_reason': 'watcher_disabled', 'instances': 2},
        'compute-1 is a spare ("watcher_disabled"), instances: 2',
        'Enable it to let the instances spread onto it.',
    ),
    (
        'down',
        NODE,
        {},
        'compute-1: nova-compute is down',
        'Start nova-compute there.',
    ),
    (
        'no_room',
        NODE,
        {**ROOM, 'free': 5.0},
        'compute-1: needs 8 VCPU, 5 free',
        'Free that much on it.',
    ),
    (
        'over_max_unit',
        NODE,
        {**ROOM, 'max_unit': 4},
        'compute-1: needs 8 VCPU, max_unit 4',
        'Use a node with a larger max_unit.',
    ),
    (
        'odd_amount',
        NODE,
        {**ROOM, 'min_unit': 4, 'step_size': 3},
        'compute-1: 8 VCPU is not a multiple of 3, or is less than 4',
        'Use a node that gives such an amount.',
    ),
    (
        'other_zone',
        NODE,
        {'zone': 'west', 'pinned': 'east'},
        'compute-1 is in zone west, not in east',
        'Add a node to the zone that the instance is pinned to.',
    ),
    (
        'extra_spec_unmatched',
        NODE,
        {'key': 'disk', 'expected': 'ssd', 'values': ('hdd', 'tape')},
        'compute-1: aggregate metadata disk is hdd, tape, not ssd',
        'Add a node to an aggregate that has it.',
    ),
    (
        'other_projects',
        NODE,
        {'project': 'red'},
        'compute-1 is not for project red',
        "Add a node to an aggregate of the instance's project.",
    ),
    (
        'other_domain',
        NODE,
        {'key': 'cell', 'source': ('one',), 'destination': ()},
        'compute-1: cell is nothing, not one',
        'Add a node of the same migration domain.',
    ),
    (
        'trait_missing',
        NODE,
        {'trait': 'CUSTOM_FAST'},
        'compute-1 lacks the trait CUSTOM_FAST',
        'Add a node that has the trait.',
    ),
    (
        'trait_forbidden',
        NODE,
        {'trait': 'CUSTOM_FAST'},
        'compute-1 has the forbidden trait CUSTOM_FAST',
        'Add a node without the trait.',
    ),
    (
        'other_hypervisor',
        NODE,
        {'source': 'QEMU', 'destination': 'VMware'},
        'compute-1: its hypervisor is VMware, not QEMU',
        'Add a node with the same hypervisor.',
    ),
    (
        'older_hypervisor',
        NODE,
        {'source': 8002000, 'destination': 6002000},
        'compute-1: hypervisor 6002000 is older than 8002000',
        'Upgrade it, or migrate cold: -p disable_live_migration=true',
    ),
    (
        'away_from_group',
        NODE,
        {'group': 'db'},
        'compute-1 holds no member of affinity group db',
        'Only a node with another member of the group can take it.',
    ),
    (
        'group_full',
        NODE,
        {'group': 'db', 'members': 3, 'most': 2},
        'compute-1 would hold 3 of anti-affinity group db, 2 allowed on a host',
        'Add a node that holds fewer members of the group.',
    ),
    (
        'beyond_headroom',
        NODE,
        {'resource_class': 'VCPU', 'used': 15, 'limit': 14.4},
        'compute-1: 15 VCPU used, headroom allows 14.4',
        'Lower headroom_percent.',
    ),
    (
        'may_time_out',
        SERVER,
        {'copy_s': 123, 'limit_s': 100},
        'db-7 may take 123 s to migrate, but 100 s are allowed',
        'Raise [nova] migration_max_retries.',
    ),
    (
        'no_candidate',
        NOBODY,
        {},
        'no other compute node in scope is enabled and up',
        'Enable a compute node, or add an unused one.',
    ),
    (
        'no_candidate',
        SERVER,
        {},
        'db-7 has no destination: no other compute node in scope is enabled '
        'and up',
        'Enable a compute node, or add an unused one.',
    ),
    (
        'no_destination',
        SERVER,
        {'destinations': 2},
        'db-7 fits on no destination',
        'Free the room named, or: -p on_blocked=leave',
    ),
    (
        'no_room_beside_others',
        SERVER,
        {'destinations': 2, 'others': 1},
        'db-7 has no room beside the others',
        'Free the room named, or: -p on_blocked=leave',
    ),
    (
        'no_place_found',
        SERVER,
        {'destinations': 2, 'others': 1, 'more': 3},
        'no place was found for db-7 beside the others; at most 3 more could '
        'go',
        'Free room, or raise search_steps and exact_nodes.',
    ),
    (
        'no_place_in_time',
        SERVER,
        {'destinations': 2, 'others': 1, 'more': 3},
        'no place was found for db-7 before the exact solver was stopped; at '
        'most 3 more could go',
        'Free room, or raise exact_guard_s.',
    ),
    (
        'at_most_more',
        NOBODY,
        {'instances': 20, 'left': 5, 'more': 3},
        'of the 5 of 20 instances without a place, at most 3 more could go',
        'Free room, or raise search_steps and exact_nodes.',
    ),
    (
        'no_fit_in_time',
        NOBODY,
        PUZZLE,
        'the exact solver was stopped before it knew whether 3 instances fit '
        'on 2 destinations',
        'Free room, or raise exact_guard_s.',
    ),
    (
        'sum_too_large',
        NOBODY,
        SUM,
        '3 instances need 8 VCPU, 5.5 free on 2 destinations',
        'Free that room, add a larger node, or: -p on_blocked=leave',
    ),
    (
        'sum_too_large',
        NOBODY,
        {**SUM, 'destinations': 1, 'hosts': (NODE,)},
        '3 instances need 8 VCPU, 5.5 free on compute-1',
        'Free that room, add a larger node, or: -p on_blocked=leave',
    ),
    (
        'no_fit_together',
        NOBODY,
        {**PUZZLE, 'proof': 'count'},
        '3 instances do not all fit on 2 destinations, though the sums would '
        'do (proof: count)',
        'Free room on one node, add a node, or: -p on_blocked=leave',
    ),
    (
        'no_fit_found',
        NOBODY,
        PUZZLE,
        'no way was found to fit 3 instances on 2 destinations; there may be '
        'one',
        'Free room, or raise search_steps and exact_nodes.',
    ),
    (
        'conflict_sum',
        NOBODY,
        {**MANY, 'resource_class': 'VCPU', 'wanted': 8, 'free': 2},
        'these 3 need 8 VCPU, 2 free on 5 destinations: a, b, c',
        'Free that room, add a larger node, or: -p on_blocked=leave',
    ),
    (
        'conflict_sum',
        NOBODY,
        {**MANY, **NAMED, 'resource_class': 'VCPU', 'wanted': 8, 'free': 2},
        'these 3 need 8 VCPU, 2 free on n-1, n-2: a, b, c',
        'Free that room, add a larger node, or: -p on_blocked=leave',
    ),
    (
        'conflict_count',
        NOBODY,
        THESE,
        'at most 2 of these 3 fit on 5 destinations: a, b, c',
        'Free room on one node, add a node, or: -p on_blocked=leave',
    ),
    (
        'conflict_count',
        NOBODY,
        FEW,
        'at most 2 of these 3 fit on n-1, n-2: a, b, c',
        'Free room on one node, add a node, or: -p on_blocked=leave',
    ),
    (
        'conflict_group',
        NOBODY,
        {**THESE, 'group': 'db'},
        'at most 2 of these 3 of anti-affinity group db may go to 5 '
        'destinations: a, b, c',
        'Add a node that holds fewer members of the group.',
    ),
    (
        'conflict_group',
        NOBODY,
        {**FEW, 'group': 'db'},
        'at most 2 of these 3 of anti-affinity group db may go to n-1, n-2: '
        'a, b, c',
        'Add a node that holds fewer members of the group.',
    ),
    (
        'conflict',
        NOBODY,
        MANY,
        'these 3 do not fit together on 5 destinations (proof: search): a, b, c',
        'Free room on one node, add a node, or: -p on_blocked=leave',
    ),
    (
        'conflict',
        NOBODY,
        {**MANY, **NAMED},
        'these 3 do not fit together on n-1, n-2 (proof: search): a, b, c',
        'Free room on one node, add a node, or: -p on_blocked=leave',
    ),
    (
        'conflict_alone',
        SERVER,
        {'destinations': 2},
        'db-7 fits on none of 2 enabled destinations',
        'Free room on one of them, or: -p on_blocked=leave',
    ),
    (
        'never_empty',
        NODE,
        {},
        'compute-1 can be emptied in no order: the servers of the nodes to '
        'maintain do not all fit on the other nodes',
        'Add a spare, free room, or maintain the others: skip_blocked.',
    ),
    (
        'node_gone',
        NODE,
        {},
        'compute-1 is not in Nova any more',
        'Remove it from the nodes to maintain, or set skip_blocked.',
    ),
    (
        'no_order_found',
        NODE,
        {},
        'no order was found in which compute-1 can be emptied; there may be '
        'one',
        'Add a spare, free room, or maintain the others: skip_blocked.',
    ),
    (
        'one_more_spare',
        NODE,
        {},
        'add a spare like compute-1',
        'With one more empty node like compute-1, every node can be emptied '
        'whose servers can leave it.',
    ),
    (
        'wake_spare',
        NODE,
        {},
        'enable compute-1',
        'Let the instances spread onto it: openstack compute service set '
        '--enable compute-1 nova-compute',
    ),
    (
        'move_first',
        SERVER,
        {'source': 'compute-4', 'destination': 'compute-6'},
        'move db-7 from compute-4 to compute-6 first: '
        '-p max_secondary_moves=1',
        'Let servers of other nodes move: -p max_secondary_moves=1',
    ),
    (
        'move_two_first',
        SERVER,
        {
            'destination': 'compute-6',
            'other': 'db-8',
            'other_destination': 'compute-4',
        },
        'move db-7 to compute-6 and db-8 to compute-4 first: '
        '-p max_secondary_moves=2',
        'Let servers of other nodes move: -p max_secondary_moves=2',
    ),
    (
        'lower_headroom',
        NOBODY,
        {'percent': 5},
        'keep less free: -p headroom_percent=5',
        'Keep a smaller share of each destination free.',
    ),
    (
        'leave_some',
        NOBODY,
        {'count': 2, 'names': ('a', 'b')},
        'leave a, b: -p on_blocked=leave',
        'Leave these where they are: -p on_blocked=leave',
    ),
    (
        'add_room',
        NODE,
        {'resource_class': 'VCPU', 'amount': 3},
        'free or add 3 VCPU on compute-1',
        'Move or delete something there, or enlarge the node.',
    ),
    (
        'model_missing',
        NOBODY,
        {},
        "Watcher's compute model is not built yet",
        'Run the audit again; see the decision engine log.',
    ),
    (
        'model_slow',
        NOBODY,
        {'limit_s': 3600},
        '3600 s were over before Watcher had its compute model',
        'Find out why Nova or Placement is slow, or allow more time.',
    ),
    (
        'model_failed',
        NOBODY,
        {'error': 'no such host'},
        "Watcher's compute model is not available: no such host",
        'See the decision engine log, and run the audit again.',
    ),
    (
        'model_stale',
        NOBODY,
        {},
        "Watcher's compute model is stale: its last refresh failed",
        'See the decision engine log; run the audit again.',
    ),
    (
        'model_empty',
        NOBODY,
        {},
        "Watcher's compute model holds no compute node",
        "Check the audit's scope, Nova's hypervisors, and in the decision "
        'engine log whether Placement answered.',
    ),
    (
        'scope_unknown',
        NOBODY,
        {'entries': ('compute-8', 'compute-9')},
        "the audit's scope excludes compute-8, compute-9, which is unknown",
        'Correct the scope of the audit template.',
    ),
    (
        'out_of_time',
        NOBODY,
        {'service': 'Nova', 'call': 'GET /os-services', 'limit_s': 900.0},
        '900 s were over before Nova answered GET /os-services',
        'Find out why Nova is slow, or allow more time.',
    ),
    (
        'planning_too_long',
        NOBODY,
        {'limit_s': 3600},
        '3600 s were over before the plan was made',
        'Raise audit_timeout_s, or lower search_steps.',
    ),
    (
        'call_failed',
        NOBODY,
        {'service': 'Nova', 'call': 'GET /os-services', 'error': '503'},
        'Nova did not answer GET /os-services: 503',
        'Run the audit again when Nova answers.',
    ),
    (
        'not_in_catalog',
        NOBODY,
        {'service': 'Nova', 'error': 'none in Atlantis'},
        'the service catalog has no Nova: none in Atlantis',
        'Check the region, the interface and the project signed in to.',
    ),
    (
        'answer_unreadable',
        NOBODY,
        {'service': 'Placement', 'call': 'GET /traits', 'error': "no 'x'"},
        "Placement's answer to GET /traits is not understood: no 'x'",
        'See whether a proxy answered in its place; else report a bug.',
    ),
    (
        'call_refused',
        NOBODY,
        {
            'service': 'Nova',
            'call': 'GET /servers/detail',
            'error': '403',
            'user': 'watcher',
        },
        'Nova refused GET /servers/detail: 403',
        'Give "watcher" the role admin, or what Nova\'s policy wants.',
    ),
    (
        'credential_refused',
        NOBODY,
        {
            'service': 'Keystone',
            'call': 'POST /auth/tokens',
            'error': '401',
            'user': None,
        },
        'Keystone refused POST /auth/tokens: 401',
        'Check the password and project of the user.',
    ),
    (
        'nova_too_old',
        NOBODY,
        {'offered': '2.1', 'wanted': '2.53'},
        'Nova offers microversion 2.1 at most; 2.53 is the least that will do',
        'Upgrade Nova.',
    ),
    (
        'failed_check',
        NOBODY,
        {'violation': 'db-7: twice in the plan'},
        'the plan did not pass its own check: db-7: twice in the plan',
        'This is a bug: report it with the snapshot in the log.',
    ),
    (
        'unexpected',
        NOBODY,
        {'error': 'list index out of range'},
        'an unexpected error: list index out of range',
        'This is a bug: report it with the decision engine log.',
    ),
    (
        'no_service',
        NOBODY,
        {},
        'it has no nova-compute service',
        'Look for it in "openstack compute service list".',
    ),
    (
        'no_service',
        NODE,
        {},
        'compute-1 has no nova-compute service',
        'Look for it in "openstack compute service list".',
    ),
    (
        'service_enabled',
        NOBODY,
        {},
        'its nova-compute service is enabled',
        'Run the audit again for what is left.',
    ),
    (
        'remains',
        SERVER,
        {'states': ('active', 'migrating')},
        'db-7 remains (active, migrating)',
        'Run the audit again for what is left.',
    ),
    (
        'holds_disk',
        SERVER,
        {},
        'db-7 is soft-deleted and still holds its disk',
        'Restore or force-delete it.',
    ),
    (
        'on_hypervisor',
        SERVER,
        {},
        'db-7 is on its hypervisor',
        'Run the audit again for what is left.',
    ),
    (
        'not_confirmed',
        SERVER,
        {'kind': 'migration', 'destination': NODE},
        'the migration of db-7 to compute-1 is not confirmed',
        'Confirm or revert it: openstack server resize confirm.',
    ),
    (
        'resize_not_confirmed',
        SERVER,
        {'kind': 'resize', 'destination': NODE},
        'the resize of db-7 to compute-1 is not confirmed',
        'Its owner has to confirm or revert the resize.',
    ),
    (
        'not_ended',
        SERVER,
        {
            'kind': 'resize',
            'source': NODE,
            'destination': 'compute-2',
            'status': 'migrating',
        },
        'the resize of db-7 from compute-1 to compute-2 has not ended '
        '(migrating)',
        'Wait until that has ended, then run the audit again.',
    ),
    (
        'refused_by_nova',
        SERVER,
        {},
        'Nova refused the request for db-7',
        'Fix the problem Nova reports, then run the audit again.',
    ),
    (
        'server_deleted',
        SERVER,
        {},
        'db-7 was deleted',
        'Run the audit again for what is left.',
    ),
    (
        'other_state',
        SERVER,
        {'states': ('rescued',)},
        'db-7 is rescued now',
        'Run the audit again: it plans by that state.',
    ),
    (
        'not_done',
        SERVER,
        {'state': 'paused', 'host': NODE},
        'db-7 is paused on compute-1',
        'Fix the problem Nova reports, then run the audit again.',
    ),
    (
        'not_in_time',
        SERVER,
        {'limit_s': 900.0},
        'db-7 was not done within 900 s',
        'Raise [nova] migration_max_retries of the applier.',
    ),
    (
        'plan_cancelled',
        SERVER,
        {},
        'the plan was cancelled before db-7 was done',
        'Run the audit again for what is left.',
    ),
    (
        'not_enabled',
        SERVER,
        {'destination': NODE, 'status': 'disabled'},
        'compute-1 is disabled',
        'Run the audit again: it finds another destination.',
    ),
    (
        'not_migrated',
        SERVER,
        {'source': NODE},
        'db-7 did not migrate away from compute-1',
        'Its owner has to confirm or revert the resize.',
    ),
    (
        'other_reason',
        NODE,
        {'disabled_reason': 'PSU broken', 'expected_reason': 'spare'},
        'compute-1 is disabled: "PSU broken", not "spare"',
        'Find out who has disabled it again, and why.',
    ),
    (
        'reason_kept',
        NODE,
        {
            'status': 'disabled',
            'disabled_reason': 'spare',
            'expected_reason': 'fan',
        },
        'compute-1 is disabled: "spare", not "fan"',
        'Something else changes it too: run the audit again.',
    ),
    (
        'gone',
        SERVER,
        {},
        'db-7 does not exist any more',
        'Nothing is left to do.',
    ),
    (
        'elsewhere',
        SERVER,
        {'source': NODE, 'host': 'compute-2'},
        'db-7 is not on compute-1 any more, but on compute-2',
        'Nothing is left to do.',
    ),
    (
        'nothing_to_confirm',
        SERVER,
        {},
        'db-7 has nothing to confirm',
        'Nothing is left to do.',
    ),
    (
        'offloaded',
        SERVER,
        {},
        'db-7 is offloaded already',
        'Nothing is left to do.',
    ),
    (
        'room_not_made',
        SERVER,
        {'destination': 'compute-4', 'servers': ('cache-3', 'cache-4')},
        'db-7 needs room on compute-4, still held by cache-3, cache-4',
        'Run the audit again for what is left.',
    ),
    (
        'disabled_already',
        NODE,
        {'disabled_reason': 'fan'},
        'compute-1 is disabled already: "fan"',
        'Nothing is left to do.',
    ),
    (
        'not_in_maintenance',
        NODE,
        {'disabled_reason': 'fan'},
        'compute-1 is disabled for another reason: "fan"',
        'If it is fit for service: openstack maintenance done compute-1',
    ),
    (
        'not_back',
        NODE,
        {},
        'compute-1: nova-compute is down',
        'Start nova-compute there.',
    ),
    (
        'held_down',
        NODE,
        {},
        'compute-1 is forced down',
        LIFTS,
    ),
    (
        'no_record',
        NODE,
        {},
        'nothing is recorded of a maintenance of compute-1: no server is '
        'moved back or started',
        'Move servers by hand, if any are to come back.',
    ),
    (
        'partial_record',
        NODE,
        {},
        'nothing is recorded of how compute-1 was disabled: what it was, and '
        'who left or was stopped then, is unknown',
        'If it was a spare: -p return_as=spare. Move others by hand.',
    ),
    (
        'leavers_count',
        NODE,
        {},
        'what leaves compute-1 in this return still counts as on it',
        'Run the return again: more servers may have room then.',
    ),
    (
        'no_migration',
        SERVER,
        {'home': 'compute-1'},
        'db-7 left compute-1 by a plan, but Nova has no such migration',
        'Move it by hand, if it is to come back.',
    ),
    (
        'not_by_plan',
        SERVER,
        {'home': 'compute-1'},
        'db-7 left compute-1, but by no plan of this maintenance',
        'Move it by hand, if it is to come back.',
    ),
    (
        'resized_since',
        SERVER,
        {'home': 'compute-1'},
        'db-7 was resized since it left compute-1',
        'Move it by hand, if it is to come back.',
    ),
    (
        'moved_since',
        SERVER,
        {'home': 'compute-1', 'destination': 'a', 'host': 'b'},
        'db-7 left compute-1 for a and is on b now',
        'Move it by hand, if it is to come back.',
    ),
    (
        'last_home',
        SERVER,
        {'home': 'compute-1'},
        'db-7 belongs to compute-1, which it left last',
        'Move it by hand, if it is to come back.',
    ),
    (
        'owner_says_stay',
        SERVER,
        {},
        'db-7 has the tag maintenance:stay',
        'Its owner can remove the tag.',
    ),
    (
        'shelved_since',
        SERVER,
        {},
        'db-7 is shelved',
        'Nova chooses a host when it is unshelved.',
    ),
    (
        'home_is_spare',
        SERVER,
        {'home': 'compute-1'},
        'db-7 stays away: compute-1 becomes a spare',
        'Return the node with -p return_as=enabled',
    ),
    (
        'not_up',
        NODE,
        {},
        'compute-1 is not returned: nova-compute is down',
        'Start nova-compute there, then run the return again.',
    ),
    (
        'forced_not_up',
        NODE,
        {},
        'compute-1 is not returned: it is forced down',
        LIFTS,
    ),
    (
        'not_reported',
        NODE,
        {},
        'compute-1 is not returned: nova-compute has not reported yet',
        'Check nova-compute there, then run the return again.',
    ),
    (
        'no_provider',
        NODE,
        {},
        'compute-1 is not returned: Placement has no resources of it',
        'See the log of nova-compute there, then run the return again.',
    ),
    (
        'provider_closed',
        NODE,
        {},
        'compute-1 is not returned: its provider in Placement has the trait '
        'COMPUTE_STATUS_DISABLED',
        'Restart nova-compute there, then run the return again.',
    ),
    (
        'spare_closed',
        NODE,
        {'trait': 'COMPUTE_STATUS_DISABLED'},
        'no server can move to compute-1: its provider in Placement has the '
        'trait COMPUTE_STATUS_DISABLED',
        'Restart nova-compute there, then run the audit again.',
    ),
    (
        'spare_down',
        NODE,
        {},
        'no server can move to compute-1: nova-compute is down',
        'Start nova-compute there, then run the audit again.',
    ),
    (
        'spare_forced_down',
        NODE,
        {},
        'no server can move to compute-1: it is forced down',
        LIFTS,
    ),
    (
        'unknown_roll',
        'e1f3',
        {},
        'there is no rolling maintenance e1f3 to continue',
        'Give the UUID of one that Watcher still has.',
    ),
    (
        'roll_lives',
        'e1f3',
        {'state': 'SUSPENDED'},
        'the rolling maintenance e1f3 is SUSPENDED: it has not ended',
        'Stop it before another one continues it.',
    ),
    (
        'closed_again',
        NODE,
        {'disabled_reason': 'fan broken'},
        'compute-1 came back, but is disabled again: "fan broken"',
        'Return it to service, or remove it from the nodes to maintain.',
    ),
    (
        'down_again',
        NODE,
        {},
        'compute-1 came back, but nova-compute is down',
        'Start nova-compute there, or remove it from the nodes to maintain.',
    ),
    (
        'forced_down_again',
        NODE,
        {},
        'compute-1 came back, but is forced down',
        LIFTS,
    ),
    (
        'no_canary_runs',
        NODE,
        {'tries': 2, 'last_error': None},
        'compute-1 came back, but no server runs there after 2 moves to it; '
        'last error: none',
        'Fix the node and migrate a server to it, or set canary to false.',
    ),
    (
        'still_closed',
        NODE,
        {'trait': 'COMPUTE_STATUS_DISABLED'},
        'compute-1 came back, but its provider in Placement has the trait '
        'COMPUTE_STATUS_DISABLED',
        'Restart nova-compute there.',
    ),
    (
        'agent_dead_again',
        NODE,
        {'agents': ('neutron-openvswitch-agent',)},
        'compute-1 came back, but its agents are dead: '
        'neutron-openvswitch-agent',
        'Start them.',
    ),
    (
        'query_returns_again',
        NODE,
        {'series': ('ALERTS{alertname="DiskFailing"}',)},
        'compute-1 came back, but unfit_query returns '
        'ALERTS{alertname="DiskFailing"}',
        'Fix what it shows.',
    ),
    (
        'other_audit',
        'tonight',
        {},
        'the audit tonight is running',
        'Wait for it to end, or cancel it.',
    ),
    (
        'other_plan',
        'e1f3',
        {'state': 'ONGOING'},
        'the action plan e1f3 is ONGOING',
        'Wait for it to end, or cancel it.',
    ),
    (
        'spare_not_enabled',
        NODE,
        {},
        'no server can move to compute-1: it is disabled',
        'Find out why it is disabled, then run the audit again.',
    ),
    (
        'agent_dead',
        NODE,
        {'agents': ('neutron-openvswitch-agent',)},
        'compute-1 is not returned: its agents are dead: '
        'neutron-openvswitch-agent',
        'Start them, then run the return again.',
    ),
    (
        'query_returns',
        NODE,
        {'series': ('ALERTS{alertname="DiskFailing"}',)},
        'compute-1 is not returned: unfit_query returns '
        'ALERTS{alertname="DiskFailing"}',
        'Fix what it shows, then run the return again.',
    ),
    (
        'in_use',
        NODE,
        {},
        'compute-1 holds servers, or some are on their way to it',
        'It stays enabled.',
    ),
    (
        'node_is_away',
        SERVER,
        {'host': 'compute-1'},
        'db-7 is not started: compute-1 is not back in service',
        'Run the return again once compute-1 is fit.',
    ),
    (
        'other_notice',
        SERVER,
        {},
        'db-7 has the notice of another maintenance',
        'Nothing is left to do.',
    ),
    (
        'runs_already',
        SERVER,
        {},
        'db-7 runs already',
        'Nothing is left to do.',
    ),
    (
        'not_returned',
        NODE,
        {'status': 'disabled', 'state': 'up', 'disabled_reason': 'fan'},
        'compute-1 is disabled and up: "fan"',
        'Run the return again.',
    ),
    (
        'not_home',
        SERVER,
        {'host': 'compute-2'},
        'db-7 is on compute-2',
        'Run the return again to bring it home.',
    ),
    (
        'group_is_away',
        SERVER,
        {'group': 'web', 'home': 'compute-1'},
        'db-7 stays with its affinity group web: none of it has remained on '
        'compute-1',
        'Nova moves a member only to a host on which another is.',
    ),
    (
        'group_stays',
        SERVER,
        {'group': 'web'},
        'db-7 stays with the others of affinity group web',
        'The members come home together, or not at all.',
    ),
)


def texts_of(value):
    reason = REASONS[value]
    return reason.says, reason.helps, reason.named


def a_finding(reason, subject, facts):
    return Finding(REASONS[reason], subject, facts)


def placeholders(text):
    return {
        name
        for _text, name, _spec, _conversion in string.Formatter().parse(text)
        if name is not None
    }


@ddt.ddt
class TestWords(base.TestCase):
    @ddt.idata(EXAMPLES)
    @ddt.unpack
    def test_text(self, reason, subject, facts, says, helps):
        finding = a_finding(reason, subject, facts)
        self.assertEqual(says, words.say(finding))
        self.assertEqual(helps, words.help_for(finding))

    def test_every_reason_has_an_example(self):
        # Those of rules are told in the tests of rules.
        of_rules = {r.value for rule in hosting.RULES for r in rule.gives}
        examples = {reason for reason, *_rest in EXAMPLES}
        self.assertEqual(set(), set(REASONS) - of_rules - examples)

    def test_every_variant_has_an_example(self):
        named, unnamed = (
            {
                reason
                for reason, subject, facts, *_texts in EXAMPLES
                if bool(subject) is is_named
            }
            for is_named in (True, False)
        )
        self.assertEqual(
            {value for value, r in REASONS.items() if r.named},
            named & unnamed,
        )

    def test_no_text_is_long(self):
        for reason in REASONS:
            for template in texts_of(reason):
                self.assertLessEqual(len(template), 110, reason)

    def test_what_is_said_ends_open_and_begins_small(self):
        # It is put into the middle of a sentence, names as they are.
        proper = ('{', "Watcher's", 'Nova', 'Placement')
        for reason, text in REASONS.items():
            for template in filter(None, (text.says, text.named)):
                self.assertFalse(template.endswith('.'), reason)
                self.assertTrue(
                    template[0].islower() or template.startswith(proper),
                    reason,
                )

    def test_what_helps_is_a_sentence_or_ends_with_a_command(self):
        for reason, text in REASONS.items():
            self.assertTrue(
                text.helps.endswith(
                    (
                        '.',
                        '-p on_blocked=leave',
                        '-p on_keep=move',
                        '-p owners=ignore',
                        ' nova-compute',
                        '_migration=true',
                        '_moves=true',
                        '_moves=1',
                        '_moves=2',
                        ' --state active {uuid}',
                        ' --state error {uuid}',
                        ' server delete {uuid}',
                        ' --server {uuid}',
                        ' server pause {uuid}',
                        ' maintenance done {subject}',
                        ' placement sync_aggregates',
                        ' --delete --resource_provider {provider}',
                        '-p return_as=enabled',
                    )
                ),
                reason,
            )


CELL = an_aggregate('compute-1', cell='one')
QEMU, NO_TYPE = {'hypervisor_type': 'QEMU'}, {'hypervisor_type': ''}


@ddt.ddt
class TestAbsent(base.TestCase):
    """What is not there is told in words, which are translated; no name is."""

    @ddt.named_data(
        # name, what a rule says, the word
        (
            'reason',
            roles.objections(
                a_node(status='disabled'), Use.SPREAD, a_request()
            ),
            'no reason given',
        ),
        (
            'zone',
            asking.findings(
                zones.in_pinned_zone, pinned_zone='none', node={'zone': ''}
            ),
            'none',
        ),
        (
            'values',
            asking.findings(
                aggregates.satisfies_extra_specs,
                extra_specs={'aggregate_instance_extra_specs:disk': 'nothing'},
            ),
            'nothing',
        ),
        (
            'destination',
            asking.findings(
                aggregates.stays_in_domain,
                aggregates=[CELL],
                request={'migration_domain_keys': ('cell',)},
            ),
            'nothing',
        ),
        (
            'source',
            asking.findings(
                aggregates.stays_in_domain,
                aggregates=[an_aggregate(cell='two')],
                request={'migration_domain_keys': ('cell',)},
            ),
            'nothing',
        ),
        (
            'destination_type',
            asking.findings(hypervisors.same_type, source=QEMU, node=NO_TYPE),
            'unknown',
        ),
        (
            'source_type',
            asking.findings(hypervisors.same_type, source=NO_TYPE, node=QEMU),
            'unknown',
        ),
    )
    @ddt.unpack
    def test_translated(self, findings, word):
        [finding] = findings
        said = words.say(finding, lambda t: 'nenio' if t == word else t)
        self.assertIn('nenio', said)

    @ddt.named_data(
        # name, reason, facts of things that are called so
        ('reason', 'disabled', {'disabled_reason': 'unknown'}),
        ('pinned', 'other_zone', {'zone': 'az-2', 'pinned': 'none'}),
    )
    @ddt.unpack
    def test_names_as_they_are(self, reason, facts):
        finding = a_finding(reason, 'nothing', facts)
        self.assertEqual(
            words.say(finding),
            words.say(
                finding,
                lambda text: {'none': 'x', 'nothing': 'x', 'unknown': 'x'}.get(
                    text, text
                ),
            ),
        )


class TestFacts(base.TestCase):
    """The planner gives every finding the facts that its words use."""

    OF_THE_PLUGIN = frozenset(
        {
            'both_node_parameters',
            'no_set',
            'several_sets',
            'bad_hook',
            'hook_twice',
            'unknown_roll',
            'roll_lives',
            'hook_failed',
            'hook_not_run',
            'unknown_aggregate',
            'empty_aggregate',
            'empty_zone',
            'bad_option',
            'bad_option_value',
            'not_told',
            'keeps_tag',
            'keeps_notice',
            'other_notice',
            'not_returned',
            'bad_parameter',
            'may_time_out',
            'model_missing',
            'model_slow',
            'model_failed',
            'model_stale',
            'model_empty',
            'scope_unknown',
            'call_failed',
            'not_in_catalog',
            'out_of_time',
            'planning_too_long',
            'answer_unreadable',
            'call_refused',
            'credential_refused',
            'nova_too_old',
            'failed_check',
            'unexpected',
            # Of rolling maintenances.
            'node_gone',
            'wave_too_long',
            'server_too_long',
            'told_too_late',
            'closed_again',
            'down_again',
            'forced_down_again',
            'no_canary_runs',
            'still_closed',
            'agent_dead_again',
            'query_returns_again',
            'other_audit',
            'other_plan',
            'other_window',
            # Of actions.
            'too_late',
            'not_stopped',
            'left_for_later',
            'agent_dead',
            'spare_closed',
            'spare_down',
            'spare_forced_down',
            'spare_not_enabled',
            'in_use',
            'no_provider',
            'node_is_away',
            'not_home',
            'not_reported',
            'not_up',
            'forced_not_up',
            'provider_closed',
            'query_returns',
            'runs_already',
            'no_service',
            'service_enabled',
            'remains',
            'remains_alive',
            'remains_paused',
            'holds_disk',
            'on_hypervisor',
            'not_confirmed',
            'resize_not_confirmed',
            'not_ended',
            'refused_by_nova',
            'server_deleted',
            'other_state',
            'not_done',
            'not_in_time',
            'plan_cancelled',
            'not_enabled',
            'not_migrated',
            'other_reason',
            'reason_kept',
            'gone',
            'elsewhere',
            'nothing_to_confirm',
            'offloaded',
            'disabled_already',
            'room_not_made',
        }
    )
    # A node to empty is no destination, which nobody needs to be told.
    NEVER_TOLD = frozenset({'maintained'})

    def findings(self):
        """Those of plans in which everything goes wrong."""
        odd = [
            a_node('compute-1'),
            a_node('off', status='disabled'),
            a_node('gone', state='down'),
            a_node('fenced', state='down', forced_down=True),
            a_node('lost', status='disabled', disabled_reason='AUTO: lost'),
            a_node('far', in_scope=False),
            a_node('metal', hypervisor_type='ironic'),
            ComputeNode('undiscovered'),
            ComputeNode('unreported', hypervisors=('hv',)),
            marked('marked'),
            a_spare('taken', instance_count=1),
        ]
        states = [
            'paused',
            'suspended',
            'rescued',
            'resized',
            'building',
            'error',
            'shelved',
            'soft-delete',
            'odd',
            'stopped',
        ]
        blocked = [
            *(
                an_instance(
                    f'{power_state} {failed}',
                    vm_state='error',
                    power_state=power_state,
                    live_move_failed=failed,
                )
                for power_state in ('running', 'paused')
                for failed in (False, True)
            ),
            an_instance('sent', vm_state='resized', migration='migration'),
            *(an_instance(s, vm_state=s) for s in states),
        ]
        two = [C1, a_node('a', vcpus=3), a_node('b', vcpus=3)]
        limited = a_node(
            'b',
            used={'DISK_GB': 399},
            inventory={'VCPU': an_inventory(8, max_unit=2)},
        )
        asked = [
            plan([marked('compute-1', hypervisor_lost=True)], servers(1)),
            plan(odd, [*servers(1), *blocked]),
            plan(odd, blocked[-1:], a_request(**NO_COLD)),
            plan(odd, blocked, a_request(**NEITHER)),
            plan(odd, blocked, a_request(disable_live_migration=True)),
            plan(odd, [an_instance(excluded=True)]),
            plan(odd, [an_instance(task_state='migrating')]),
            plan(
                odd,
                [
                    an_instance(
                        name, vm_state=state, task_state=task, task_age_s=3600
                    )
                    for name, task, state, *_rest in STUCK
                ],
            ),
            plan(
                [
                    a_node('compute-1', state='down', forced_down=True),
                    a_node('fenced', state='down', forced_down=True),
                ],
                servers(1),
                a_request('compute-1', backup_node='fenced'),
            ),
            plan(
                [
                    a_node(
                        'compute-1',
                        status='disabled',
                        disabled_reason='watcher_maintaining',
                    )
                ],
                servers(1),
                a_bare_request(told_nodes=()),
            ),
            plan(two, servers(2, 2, 2)),
            plan(
                [C1, a_node('a', vcpus=4), a_node('b', vcpus=5)],
                servers(2, 3, 4),
                steps=0,
            ),
            *self.without_room(two),
            plan(two, servers(4)),
            plan(two, servers(3, 4)),
            plan([C1, a_node('a', vcpus=3)], servers(2, 2)),
            plan([C1, limited], servers(9), a_request(headroom_percent=5.0)),
            plan(
                [
                    a_node('compute-1', state='down'),
                    a_spare('s'),
                    a_node('c2', hypervisors=('hv-2',)),
                    a_node('m', hypervisor_type='ironic'),
                ],
                servers(1),
                a_request(
                    'compute-1',
                    's',
                    'x',
                    'hv-2',
                    'm',
                    'm.example.org',
                    backup_node='compute-1',
                ),
            ),
            *(
                plan(
                    [C1, a_node('a', vcpus=4), a_node('b', vcpus=count)],
                    [
                        an_instance('big', vcpus=4),
                        *(an_instance(f'x-{n}', 'a') for n in range(count)),
                    ],
                )
                for count in (1, 2)
            ),
            *(
                plan(odd, [], a_request(backup_node=name))
                for name in ('off', 'gone', 'far', 'unmodelled', 'marked')
            ),
        ]
        for outcome in (
            *asked,
            *self.by_rules(),
            *self.by_owners(),
            self.of_notices(),
            *self.of_returns(),
            *self.of_windows(),
        ):
            yield from outcome.findings
            yield from outcome.not_destinations
            for node in outcome.nodes:
                yield from node.findings
                yield from node.remedies
                for stay in node.stays:
                    yield from stay.findings

    def of_notices(self):
        """What waits for owners, and who cannot be told."""
        known = a_snapshot(
            [a_node('compute-1'), a_node('compute-2')],
            [an_instance(), an_instance('sick', vm_state='rescued')],
        )
        request = a_request(
            owners=Owners.WAIT,
            now_s=0,
            answer_by_s=1,
            window=Window(1),
            on_blocked=OnBlocked.LEAVE,
        )
        whole = drain.plan(known, request)
        return notices.begin(whole, known, request, Pace())

    def of_windows(self):
        """What begins, of a plan for which it is early, late or short."""
        for begins_s, ends_s in ((1, 60), (-9, 0), (0, 49)):
            yield windows.hold(
                windows.servers(20, 30, group='uuid-db'),
                begins_s,
                ends_s,
                groups=[a_group('affinity', compute_2=1)],
            )

    def of_returns(self):
        """Those of returns in which somebody stays away."""
        two = (maintained(), a_node('compute-2'))
        left = [
            an_instance('shelved', 'compute-2', 'shelved'),
            an_instance('tagged', 'compute-2', owner_words=('stay',)),
            an_instance('moved', 'compute-2'),
            an_instance('resized', 'compute-2'),
            an_instance('forgotten', 'compute-2'),
            an_instance('foreign', 'compute-2'),
            *(
                an_instance(n, 'compute-2', group='uuid-web', owner_words=w)
                for n, w in (('one', ('stay',)), ('two', ()))
            ),
        ]
        names = [i.name for i in left]
        moved = dict.fromkeys(names, 'compute-2') | {'moved': 'compute-3'}
        del moved['foreign']
        snapshot = a_returning_snapshot(
            two,
            left,
            [
                *(a_departure(n) for n in names if n != 'forgotten'),
                a_departure('resized', kind='resize'),
            ],
            [a_closing(moved=moved)],
            groups=[a_group('soft-affinity', 'web')],
        )
        spare = a_closing(moved={'web-1': 'compute-2'}, spare_reason='s')
        kin = a_returning_snapshot(
            instances=[an_instance(host='compute-2', group='uuid-kin')],
            groups=[a_group('affinity', 'kin')],
        )
        for known, request in (
            (snapshot, a_return_request()),
            (kin, a_return_request()),
            (two_homes(), a_return_request('compute-1', 'compute-2')),
            (a_swap(), a_return_request('compute-1', 'compute-2')),
            (
                a_returning_snapshot(closings=[a_closing(is_whole=False)]),
                a_return_request(),
            ),
            (a_returning_snapshot(closings=()), a_return_request()),
            (a_returning_snapshot(closings=[spare]), a_return_request()),
            (
                a_returning_snapshot((maintained(state='down'),), ()),
                ReturnRequest(),
            ),
            (
                a_returning_snapshot(
                    (maintained(state='down', forced_down=True),), ()
                ),
                ReturnRequest(),
            ),
            (
                a_returning_snapshot((marked(disabled_reason='fan'),), ()),
                a_return_request(),
            ),
        ):
            yield returning.plan(known, request)

    def without_room(self, two):
        """Those of plans in which something has no place."""
        yield drain.plan(
            a_snapshot(two, servers(2, 2, 2)), a_request(), advises=False
        )
        # Largest first does not place them, and then the time is up.
        tight = a_snapshot(
            [C1, a_node('a', vcpus=19), a_node('b', vcpus=23)],
            servers(7, 6, 6, 5, 4, 4, 4, 3, 3),
        )
        late = Limits(ejections=5, guard_s=0.0)
        yield drain.plan(tight, a_request(), late)
        yield plan(
            [C1, a_node('a', vcpus=4), a_node('b', vcpus=5)],
            servers(2, 3, 4, 3),
            steps=0,
        )
        # Only the spare has the disk for the large one, and no room for all.
        yield plan(
            [C1, a_node('a', disk_gb=50), a_spare('s', vcpus=3)],
            [*servers(2), an_instance('db', vcpus=2, disk_gb=100)],
        )
        yield plan([C1, a_node(vcpus=4)], servers(1, 2, 3))
        yield plan(
            [
                C1,
                a_node('a', vcpus=4, memory_mb=5),
                a_node('b', vcpus=4, memory_mb=3),
            ],
            [
                an_instance(f'web-{n}', vcpus=2, memory_mb=1 + n // 2 * 2)
                for n in range(4)
            ],
        )
        yield plan(
            [C1, a_node('a')],
            [an_instance(f'db-{n}', group='uuid-db') for n in (1, 2)],
            groups=[a_group()],
        )
        yield plan(
            [C1, a_node('a', vcpus=5), a_spare(vcpus=4)],
            servers(2, 3),
            a_request(headroom_percent=5.0),
        )

    def by_rules(self):
        """Those of plans in which every rule refuses something."""
        source = a_node(
            'compute-1',
            hypervisor_type='QEMU',
            hypervisor_version=2,
            hypervisors=('hv-1',),
            inventory={
                'VCPU': an_inventory(max_unit=8),
                'CUSTOM_GONE': an_inventory(0),
            },
        )
        other = a_node(
            'compute-2',
            zone='a',
            traits=('SAFE',),
            hypervisor_version=1,
            inventory={'VCPU': an_inventory(16, step_size=2)},
        )
        refused = an_instance(
            pinned_zone='b',
            group='uuid-kin',
            extra_specs={
                'trait:FAST': 'required',
                'trait:SAFE': 'forbidden',
                'aggregate_instance_extra_specs:disk': 'ssd',
            },
        )
        blocked = [
            an_instance('off', power_state='shutdown', hypervisor='hv'),
            an_instance('lone', group='uuid-lone'),
            an_instance('wide', vcpus=9, resources={'CUSTOM_GONE': 1}),
            an_instance('gpu', nested=('VGPU',)),
            an_instance(
                'card',
                claims=(
                    Claim(PROVIDER, 'VGPU', 8, an_inventory(8, max_unit=4)),
                ),
            ),
            an_instance(
                'odd',
                ports=(
                    Port('a', 'direct-physical'),
                    Port('a', 'accelerator-direct'),
                ),
            ),
            an_instance('dark', unread=tuple(Unread)),
            an_instance('kept', hints={'same_host': ('uuid-gpu',)}),
            an_instance('late', elsewhere='compute-2'),
            an_instance('torn', elsewhere='compute-2', vm_state='resized'),
            an_instance('left', elsewhere='compute-2', is_leftover=True),
            an_instance('orphan', vm_state='', is_leftover=True),
        ]
        one_too_many = an_instance(group='uuid-full')
        groups = [
            a_group('affinity', 'kin', compute_3=1),
            a_group('affinity', 'lone'),
            a_group('anti-affinity', 'full', compute_2=1),
        ]
        aggregates = [an_aggregate(filter_tenant_id='red', cell='one')]
        for instances in ([refused], blocked, [one_too_many]):
            known = a_snapshot([source, other], instances, groups, aggregates)
            yield drain.plan(
                known,
                a_request(migration_domain_keys=('cell',), same_host=True),
            )

    def by_owners(self):
        """Those of what owners want."""
        words = ('keep', 'stay', 'cold')
        yield drain.plan(
            a_snapshot(
                [a_node('compute-1'), a_node('compute-2')],
                [
                    *(an_instance(w, owner_words=(w,)) for w in words),
                    an_instance('flavor', extra_specs={DEFAULT_SPEC: 'keep'}),
                ],
            ),
            a_request(owners=Owners.OBEY, disable_cold_migration=True),
        )
        yield drain.plan(
            a_snapshot(
                [a_node('compute-1')], [an_instance(owner_words=('stay',))]
            ),
            a_request(owners=Owners.OBEY),
        )

    def notes(self):
        """Those of what was not read."""
        why = {'images': 'off', 'volumes': 'absent', 'ports': 'no answer'}
        yield from unread.notes(
            dataclasses.replace(a_snapshot(), not_read=why)
        )
        yield from filters.notes(a_request(other_filters=('JsonFilter',)))
        failed = (
            FailedMove('compute-2', 'live-migration', '2026-11-21T12:00:00Z'),
            FailedMove('compute-3', 'live-migration', '2026-11-21T12:00:00Z'),
        )
        before = a_snapshot(
            [
                a_node('compute-1', cpu_features=('avx2',)),
                a_node('compute-2', cpu_features=()),
            ],
            [an_instance(failed_moves=failed)],
        )
        outcome = drain.plan(before, a_request())
        yield from failures.repeated(before, outcome)
        yield from failures.avoided(before, outcome)
        yield from cpus.met(before, outcome)
        for power_state in sorted(ALIVE):
            alive = an_instance(
                vm_state='error', power_state=power_state, failed_moves=failed
            )
            yield cpus.after_failure(alive, before)
            lost = an_instance(
                'lost',
                'compute-2',
                vm_state='error',
                power_state=power_state,
                live_move_failed=True,
            )
            yield from failures.lost_makers(
                a_snapshot(instances=[lost]),
                a_request(max_secondary_moves=1),
                drain.plan(a_snapshot(), a_request()),
            )

    def by_rolls(self):
        """Those of rolling maintenances that cannot end."""
        impossible = [a_node('a', vcpus=4), a_node('b', vcpus=4)]
        # Some would have to change places before a can be emptied.
        unknown = [a_node('a', vcpus=5), *(a_node(h, vcpus=4) for h in 'bcd')]
        for nodes, held in (
            (impossible, (('a', 3), ('b', 3))),
            (unknown, (('a', 3), ('b', 2), ('c', 3), ('d', 2), ('d', 1))),
        ):
            servers = [
                an_instance(f'{host}-{vcpus}', host, vcpus=vcpus)
                for host, vcpus in held
            ]
            names = tuple(node.hostname for node in nodes)
            plan = roll.plan(a_snapshot(nodes, servers), RollRequest(names))
            yield from plan.remedies
            for node in plan.refused:
                yield from node.findings[:1]

    def test_facts(self):
        facts = {}
        for finding in (
            *self.findings(),
            *self.notes(),
            *self.of_notices().untold,
            *self.by_rolls(),
        ):
            reason = finding.reason.value
            facts.setdefault(reason, set()).add(frozenset(finding.facts))
            words.say(finding)
            words.help_for(finding)
        expected = {}
        for reason, _subject, example, *_texts in EXAMPLES:
            expected.setdefault(reason, set()).add(frozenset(example))
        for reason in self.OF_THE_PLUGIN | self.NEVER_TOLD:
            del expected[reason]
        self.assertEqual(
            {},
            {
                reason: found
                for reason, found in facts.items()
                if found != expected[reason]
            },
        )
        self.assertEqual(set(), set(expected) - set(facts))

    def test_examples_have_no_idle_facts(self):
        # Those of room are for programs that read the report.
        idle = {
            'count',
            'destinations',
            'others',
            'proof',
            'vm_state',
        }
        for reason, _subject, facts, *_texts in EXAMPLES:
            used = set().union(*map(placeholders, texts_of(reason)))
            if reason.startswith('stuck'):
                used |= {'uuid', 'host'}
            self.assertEqual(set(), set(facts) - used - idle, reason)


@ddt.ddt
class TestFill(base.TestCase):
    def test_words_are_translated_before_names_are_filled_in(self):
        finding = a_finding('no_room', NODE, {**ROOM, 'free': 5})
        self.assertEqual(
            '<COMPUTE-1>', words.say(finding, lambda _text: '<COMPUTE-1>')
        )
        self.assertEqual(
            'compute-1/8/5',
            words.say(
                finding,
                lambda text: (
                    '{subject}/{wanted}/{free}'
                    if text == NO_ROOM.says
                    else 'wrong'
                ),
            ),
        )
        self.assertEqual(
            'Help compute-1',
            words.help_for(
                finding,
                lambda text: (
                    'Help {subject}'
                    if text == 'Free that much on it.'
                    else 'wrong'
                ),
            ),
        )
        named = a_finding('no_candidate', SERVER, {})
        self.assertEqual(
            'no db-7',
            words.say(
                named,
                lambda text: (
                    'no {subject}' if text == NO_CANDIDATE.named else 'wrong'
                ),
            ),
        )

    def test_many_hosts_are_counted(self):
        finding = a_finding('sum_too_large', NOBODY, SUM)
        texts = {
            SUM_TOO_LARGE.says: 'on {hosts}',
            words.DESTINATIONS: '{destinations} hosts',
        }
        self.assertEqual(
            'on 2 hosts', words.say(finding, lambda t: texts.get(t, t))
        )

    @ddt.named_data(
        # name, reason, subject, facts, expected
        ('name_first', 'paused', 'web-1', {}, 'web-1 is PAUSED.'),
        (
            'word_first',
            'no_candidate',
            '',
            {},
            'No other compute node in scope is enabled and up.',
        ),
        (
            'number_first',
            'sum_too_large',
            '',
            SUM,
            '3 instances need 8 VCPU, 5.5 free on '
            f'{words.DESTINATIONS.format(destinations=2)}.',
        ),
    )
    @ddt.unpack
    def test_sentence(self, reason, subject, facts, expected):
        finding = a_finding(reason, subject, facts)
        self.assertEqual(expected, words.sentence(finding))

    def test_sentence_in_another_language(self):
        finding = a_finding('no_candidate', '', {})
        self.assertEqual(
            'Éteint.', words.sentence(finding, lambda _text: 'éteint')
        )

    def test_braces_of_a_person(self):
        finding = a_finding('disabled', NODE, {'disabled_reason': '{0}'})
        self.assertEqual('compute-1 is disabled: "{0}"', words.say(finding))

    @ddt.named_data(
        # name, fact, expected
        ('integer',         5,        '5'),
        ('zero',            0,        '0'),
        ('negative',        -4,       '-4'),
        ('whole',           5.0,      '5'),
        ('tenth',           5.5,      '5.5'),
        ('down',            5.59,     '5.5'),
        ('not_up',          0.96,     '0.9'),
        ('below_a_tenth',   0.09,     '0'),
        ('zero_point_zero', 0.0,      '0'),
        ('just_short',      114.99999999999999, '114.9'),
        ('just_enough',     115.00000000000001, '115'),
        ('overcommitted',   -1.5,     '-1.5'),
        ('over_by_little',  -0.01,    '-0.1'),
        ('over_by_a_whole', -2.0,     '-2'),
        ('large',           123456789012.0, '123456789012'),
    )  # fmt: skip
    @ddt.unpack
    def test_number(self, fact, expected):
        self.assertEqual(expected, words.number(fact))

    @ddt.named_data(
        # name, fact, expected
        ('name',     'web-1',   'web-1'),
        ('names',    ('b', 'a'), 'b, a'),
        ('no_names', (),        'nothing'),
        ('too_long', 101 * 'x', 49 * 'x' + '...' + 48 * 'x'),
        ('many',     26 * ('a-1',), ', '.join(18 * ['a-1']) + f' {AND_MORE.format(count=8)}'),
    )  # fmt: skip
    @ddt.unpack
    def test_names(self, fact, expected):
        finding = a_finding('trait_missing', NODE, {'trait': fact})
        self.assertEqual(
            TRAIT_MISSING.says.format(subject=NODE, trait=expected),
            words.say(finding),
        )

    def test_mark_for_translation_changes_nothing(self):
        self.assertEqual('text', N_('text'))


@ddt.ddt
class TestName(base.TestCase):
    @ddt.named_data(
        # name, of a server, in a sentence
        ('plain',      'web-1.example.org', 'web-1.example.org'),
        ('one',        'w',                 'w'),
        ('none',       '',                  ''),
        ('umlaut',     'B\u00fcro',        'B\u00fcro'),
        ('colon',      'a:b/c@d+e',         'a:b/c@d+e'),
        ('words',      'web. Run: rm',      '"web. Run: rm"'),
        ('stop',       'web.',              '"web."'),
        ('space',      ' ',                 '" "'),
        ('no_break',   'a\u00a0b',         '"a\u00a0b"'),
        ('quotes',     'a" is "b',          r'"a\x22 is \x22b"'),
        ('line',       'a\nb',             '"a\\nb"'),
        ('direction',  'a\u202eb',         '"a\\u202eb"'),
        ('longest',    'x' * 100,           'x' * 100),
        ('too_long',   'x' * 101,           f'{"x" * 49}...{"x" * 48}'),
    )  # fmt: skip
    @ddt.unpack
    def test_in_a_sentence(self, name, shown):
        self.assertEqual(shown, words.name(name))

    @ddt.named_data(
        # name, reason, subject, facts, what is said
        ('subject', 'suspended', 'web. Done', {'vm_state': 'suspended'},
         '"web. Done" is SUSPENDED'),
        ('group', 'group_nowhere_else', 'web', {'group': 'a b'}, '"a b"'),
        ('names', 'leave_some', '', {'count': 2, 'names': ('a b', 'c')},
         '"a b", c'),
        ('network', 'network_unreached', 'compute-2',
         {'network': 'a b', 'segments': ('physnet1',)},
         'the network "a b" (physnet1)'),
        ('hinted', 'hinted_leaves', 'web',
         {'hint': 'same_host', 'other': 'a b'}, '"a b"'),
        ('other', 'move_two_first', 'a b',
         {'destination': 'c-1', 'other': 'c d', 'other_destination': 'c-2'},
         'move "a b" to c-1 and "c d" to c-2'),
        ('image', 'other_version', 'compute-2',
         {'version': '1.0', 'wanted': '>2. Run: rm'}, '">2. Run: rm"'),
        ('free_text', 'unexpected', '', {'error': 'a\x1b[2Jb'},
         'a\\x1b[2Jb'),
        ('reason', 'disabled', 'compute-1', {'disabled_reason': 'x\ny'},
         '"x\\ny"'),
    )  # fmt: skip
    @ddt.unpack
    def test_no_name_speaks_as_the_tool(self, reason, subject, facts, said):
        finding = Finding(by_value(reason), subject, facts)
        self.assertIn(said, words.say(finding))
