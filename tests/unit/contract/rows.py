# SPDX-License-Identifier: Apache-2.0

"""What has to hold of each name that we take from Watcher.

Names are looked for one by one, so a release that renames one fails one row.
"""

from tests.unit.contract.checks import Check
from tests.unit.contract.checks import has_fields
from tests.unit.contract.checks import holds
from tests.unit.contract.checks import is_a
from tests.unit.contract.checks import is_a_text
from tests.unit.contract.checks import is_called
from tests.unit.contract.checks import is_equal
from tests.unit.contract.checks import is_property
from tests.unit.contract.checks import is_set
from tests.unit.contract.checks import leaves_to_us
from tests.unit.contract.checks import takes_parameters


Rows = dict[str, tuple[Check, ...]]

_APPLIER = 'watcher.applier.actions'
_ENGINE = 'watcher.decision_engine'
_EXCEPTION = 'watcher.common.exception'
_COLLECTOR = f'{_ENGINE}.model.collector.base.BaseClusterDataModelCollector'
_STRATEGY = f'{_ENGINE}.strategy.strategies.base.BaseStrategy'
_SOLUTION = f'{_ENGINE}.solution.default.DefaultSolution'
_ELEMENT = f'{_ENGINE}.model.element'
_MODEL = f'{_ENGINE}.model.model_root.ModelRoot'

_ME = object()
_ARGUMENT = object()
_UUID = 'a8b7c6d5-e4f3-42a1-9b0c-1d2e3f4a5b6c'
_NAMED = {'resource_id': _UUID, 'resource_name': 'web-1'}
_FROM = {'source_node': 'compute-1', 'destination_node': 'compute-2'}

#: What our source names; a test reads the source for it.
IMPORTED: Rows = {
    f'{_APPLIER}.base.BaseAction': (
        is_called(_ARGUMENT, osc=None),
        leaves_to_us(
            'execute',
            'get_description',
            'post_condition',
            'pre_condition',
            'revert',
            'schema',
        ),
    ),
    f'{_APPLIER}.migration.Migrate': (
        is_called(_ARGUMENT, osc=None),
        leaves_to_us('get_description', 'pre_condition', 'schema'),
    ),
    f'{_APPLIER}.change_nova_service_state.ChangeNovaServiceState': (
        is_called(_ARGUMENT, osc=None),
        leaves_to_us('get_description', 'pre_condition', 'schema'),
    ),
    f'{_APPLIER}.stop.Stop': (
        is_called(_ARGUMENT, osc=None),
        leaves_to_us('get_description', 'pre_condition', 'schema'),
    ),
    'watcher.common.context.make_context': (is_called(),),
    f'{_EXCEPTION}.ActionSkipped': (
        is_a(f'{_EXCEPTION}.WatcherException'),
        is_called('why'),
    ),
    f'{_EXCEPTION}.ActionPlanNotFound': (
        is_a(f'{_EXCEPTION}.WatcherException'),
    ),
    f'{_EXCEPTION}.AuditCancelled': (
        is_a(f'{_EXCEPTION}.WatcherException'),
        is_called(uuid=_ARGUMENT),
    ),
    f'{_EXCEPTION}.AuditNotFound': (is_a(f'{_EXCEPTION}.WatcherException'),),
    f'{_EXCEPTION}.WatcherException': (
        is_a('builtins.Exception'),
        is_called('why'),
    ),
    'watcher.common.rpc.get_notifier': (is_called('publisher_id'),),
    'watcher.common.utils.generate_uuid': (is_called(),),
    'watcher.conf.CONF.host': (is_a_text,),
    'watcher.conf.CONF.notification_level': (is_equal('info'),),
    'watcher.conf.CONF.nova.migration_interval': (is_equal(5.0),),
    'watcher.conf.CONF.nova.migration_max_retries': (is_equal(180),),
    'watcher.conf.CONF.register_opts': (is_called([], 'group'),),
    'watcher.notifications.base.NOTIFY_LEVELS': (
        is_equal(
            {'debug': 0, 'info': 1, 'warning': 2, 'error': 3, 'critical': 4}
        ),
    ),
    f'{_ENGINE}.goal.base.Goal': (
        is_called(_ARGUMENT),
        leaves_to_us(
            'get_display_name',
            'get_efficacy_specification',
            'get_name',
            'get_translatable_display_name',
        ),
    ),
    f'{_ENGINE}.goal.efficacy.base.EfficacySpecification': (
        is_called(),
        leaves_to_us(
            'get_global_efficacy_indicator', 'get_indicators_specifications'
        ),
    ),
    f'{_ENGINE}.goal.efficacy.specs.Unclassified': (is_called(),),
    f'{_ENGINE}.goal.efficacy.indicators.IndicatorSpecification': (
        is_called('name', 'description', 's'),
        leaves_to_us('schema'),
    ),
    f'{_ENGINE}.planner.base.BasePlanner': (
        is_called(_ARGUMENT),
        leaves_to_us('schedule'),
    ),
    f'{_ENGINE}.solution.efficacy.Indicator': (
        is_called(name='n', description='d', unit='%', value=1.0),
        holds(
            'name',
            'description',
            'unit',
            'value',
            made_with=('n', 'd', '%', 1.0),
        ),
    ),
    _STRATEGY: (
        is_called(_ARGUMENT, _ARGUMENT),
        leaves_to_us(
            'do_execute',
            'get_display_name',
            'get_goal_name',
            'get_name',
            'get_translatable_display_name',
            'post_execute',
            'pre_execute',
        ),
    ),
    'watcher.objects.Action': (
        has_fields(
            'uuid',
            'action_plan_id',
            'action_type',
            'input_parameters',
            'parents',
            'state',
            'action_plan',
        ),
    ),
    'watcher.objects.Action.list': (
        is_called(_ARGUMENT, filters={}, eager=True),
        is_called(
            _ARGUMENT,
            filters={'audit_uuid': _UUID},
            sort_key='id',
            sort_dir='asc',
        ),
        is_called(_ARGUMENT, 1000, None, sort_key='id', sort_dir='desc'),
    ),
    'watcher.objects.ActionPlan.get_by_id': (
        is_called(_ARGUMENT, 1, eager=True),
    ),
    'watcher.objects.ActionPlan.list': (
        is_called(_ARGUMENT, filters={'audit_uuid': _UUID}, limit=1),
        is_called(
            _ARGUMENT,
            filters={'audit_uuid': _UUID},
            sort_key='id',
            sort_dir='asc',
        ),
    ),
    'watcher.objects.ActionPlan': (
        has_fields(
            'id',
            'uuid',
            'audit_id',
            'strategy_id',
            'state',
            'global_efficacy',
            'created_at',
            'status_message',
        ),
    ),
    'watcher.objects.Audit.get_by_uuid': (
        is_called(_ARGUMENT, _ARGUMENT),
        is_called(_ARGUMENT, _ARGUMENT, eager=True),
    ),
    'watcher.objects.Audit.list': (
        is_called(_ARGUMENT, filters={'state': 'ONGOING'}),
        is_called(_ARGUMENT, filters={'goal_name': 'cluster_return'}),
    ),
    'watcher.objects.EfficacyIndicator': (
        has_fields(
            'uuid', 'action_plan_id', 'name', 'description', 'unit', 'value'
        ),
    ),
    'watcher.objects.EfficacyIndicator.list': (
        is_called(
            _ARGUMENT,
            filters={'name': 'least_moves_count', 'action_plan_id__gte': 1},
        ),
    ),
    'watcher.objects.Strategy.get_by_name': (
        is_called(_ARGUMENT, 'cluster_host_maintenance'),
    ),
    'watcher.objects.action.State.ONGOING': (is_equal('ONGOING'),),
    'watcher.objects.action.State.SUCCEEDED': (is_equal('SUCCEEDED'),),
    'watcher.objects.action_plan.State.CANCEL_STATES': (
        is_equal(['CANCELLING', 'CANCELLED']),
    ),
    'watcher.objects.action_plan.State.CANCELLED': (is_equal('CANCELLED'),),
    'watcher.objects.action_plan.State.CANCELLING': (is_equal('CANCELLING'),),
    'watcher.objects.action_plan.State.ONGOING': (is_equal('ONGOING'),),
    'watcher.objects.action_plan.State.PENDING': (is_equal('PENDING'),),
    'watcher.objects.action_plan.State.RECOMMENDED': (
        is_equal('RECOMMENDED'),
    ),
    'watcher.objects.action_plan.State.SUCCEEDED': (is_equal('SUCCEEDED'),),
    'watcher.objects.audit.State.CANCELLED': (is_equal('CANCELLED'),),
    'watcher.objects.audit.State.ONGOING': (is_equal('ONGOING'),),
    'watcher.objects.audit.State.PENDING': (is_equal('PENDING'),),
    'watcher.objects.audit.AuditType.EVENT.value': (is_equal('EVENT'),),
    'watcher.objects.audit.AuditType.CONTINUOUS.value': (
        is_equal('CONTINUOUS'),
    ),
}

#: What our source reaches through an object that Watcher hands to it, and
#: what Watcher calls of ours.
REACHED: Rows = {
    f'{_APPLIER}.base.BaseAction.input_parameters': (is_property,),
    f'{_APPLIER}.base.BaseAction.osc': (is_property,),
    f'{_APPLIER}.base.BaseAction.resource_id': (is_property,),
    f'{_APPLIER}.change_nova_service_state.ChangeNovaServiceState': (
        takes_parameters(
            {**_NAMED, 'state': 'enabled'},
            {**_NAMED, 'state': 'disabled', 'disabled_reason': 'why'},
        ),
    ),
    f'{_APPLIER}.migration.Migrate': (
        takes_parameters(
            {**_NAMED, **_FROM, 'migration_type': 'live'},
            {**_NAMED, **_FROM, 'migration_type': 'cold'},
        ),
    ),
    f'{_APPLIER}.stop.Stop': (takes_parameters({'resource_id': _UUID}),),
    f'{_ENGINE}.goal.efficacy.base.EfficacySpecification'
    '.get_global_efficacy_indicator': (is_called(_ME, indicators_map={}),),
    f'{_ENGINE}.planner.base.BasePlanner.schedule': (
        is_called(_ME, _ARGUMENT, 1, solution=_ARGUMENT),
    ),
    f'{_ELEMENT}.node.ComputeNode': (
        has_fields(
            'uuid',
            'hostname',
            'vcpus',
            'vcpu_reserved',
            'vcpu_ratio',
            'memory',
            'memory_mb_reserved',
            'memory_ratio',
            'disk',
            'disk_gb_reserved',
            'disk_ratio',
        ),
    ),
    f'{_ELEMENT}.instance.Instance': (
        has_fields('uuid', 'state', 'vcpus', 'memory', 'disk'),
    ),
    f'{_MODEL}.get_all_compute_nodes': (is_called(_ME),),
    f'{_MODEL}.get_node_instances': (is_called(_ME, _ARGUMENT),),
    _MODEL: (holds('stale', made_with=()),),
    _COLLECTOR: (holds('lock', 'sync_lock', made_with=(None, _ARGUMENT)),),
    f'{_COLLECTOR}.cluster_data_model': (is_property,),
    f'{_COLLECTOR}.get_audit_scope_handler': (is_called(_ME, audit_scope=[]),),
    f'{_COLLECTOR}.get_latest_cluster_data_model': (is_called(_ME),),
    f'{_ENGINE}.model.collector.manager.CollectorManager'
    '.get_cluster_model_collector': (is_called(_ME, 'compute', osc=None),),
    f'{_SOLUTION}.actions': (is_property,),
    f'{_SOLUTION}.add_action': (
        is_called(
            _ME, action_type='nop', input_parameters={}, resource_id=_UUID
        ),
    ),
    f'{_SOLUTION}.efficacy_indicators': (is_property,),
    f'{_SOLUTION}.global_efficacy': (is_property,),
    f'{_SOLUTION}.set_efficacy_indicators': (is_called(_ME, a_count=1),),
    f'{_SOLUTION}.strategy': (is_property,),
    f'{_STRATEGY}.audit_scope': (is_property,),
    f'{_STRATEGY}.collector_manager': (is_property,),
    f'{_STRATEGY}.do_execute': (is_called(_ME, audit=None),),
    f'{_STRATEGY}.get_config_opts': (is_called(),),
    f'{_STRATEGY}.get_schema': (is_called(),),
    f'{_STRATEGY}.goal': (is_property,),
    f'{_STRATEGY}.input_parameters': (is_property,),
    f'{_STRATEGY}.osc': (is_property,),
    f'{_STRATEGY}.name': (is_property,),
    f'{_STRATEGY}.planner': (is_set,),
    f'{_STRATEGY}.solution': (is_property,),
    'watcher.common.loader.loadable.Loadable': (
        holds('config', made_with=(None,)),
    ),
    'watcher.conf.CONF.nova.service_type': (),
    'watcher.conf.CONF.watcher_clients_auth': (),
    'watcher.objects.Action.create': (is_called(_ME),),
    'watcher.objects.ActionPlan.create': (is_called(_ME),),
    'watcher.objects.ActionPlan.save': (is_called(_ME),),
    'watcher.objects.Audit': (
        has_fields(
            'uuid',
            'audit_type',
            'end_time',
            'goal_id',
            'id',
            'interval',
            'parameters',
            'state',
            'status_message',
        ),
    ),
    'watcher.objects.EfficacyIndicator.create': (is_called(_ME),),
    'watcher.objects.Strategy': (has_fields('id'),),
}

#: What our source reaches through other objects than Watcher's: where they
#: come from -> attributes.
OTHERS = {
    'python': (
        'acquire',
        'exception',
        'fileno',
        'fullmatch',
        'info',
        'is_absolute',
        'is_file',
        'is_set',
        'lstat',
        'pattern',
        'pid',
        'poll',
        'release',
        'seek',
        'set',
        'set_exception',
        'set_result',
        'st_mode',
        'st_mtime',
        'st_uid',
        'stat',
        'stdin',
        'stdout',
        'strerror',
        'wait',
        'warning',
    ),
    'jsonschema': ('iter_errors', 'message'),
    'oslo.config': ('dest', 'get_location', 'location', 'register_opts'),
    'keystoneauth1': ('interface', 'message', 'region_name', 'session'),
    'novaclient': (
        'client',
        'confirm_resize',
        'disable_log_reason',
        'enable',
        'instance_action',
        'live_migrate',
        'live_migration_abort',
        'server_migrations',
        'shelve_offload',
        'start',
    ),
    # Another test looks at it.
    'Watcher 16': ('placement',),
}

#: Entry point group -> a name of Watcher's own, to see that it is in use.
GROUPS = {
    'watcher_actions': 'migrate',
    'watcher_goals': 'cluster_maintaining',
    'watcher_planners': 'weight',
    'watcher_strategies': 'host_maintenance',
}
