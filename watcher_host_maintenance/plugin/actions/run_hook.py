# SPDX-License-Identifier: Apache-2.0

"""Call what works on a node that is out of service."""

import time

from typing import Any

from watcher import conf

from watcher_host_maintenance.cloud import logs
from watcher_host_maintenance.cloud import web_hooks
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.rolling import Answer
from watcher_host_maintenance.core.model.rolling import Part
from watcher_host_maintenance.core.model.text import visible
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.brevity import cut
from watcher_host_maintenance.plugin.actions import action_row
from watcher_host_maintenance.plugin.actions import base
from watcher_host_maintenance.plugin.actions import hook_process
from watcher_host_maintenance.plugin.actions.server import PLAN_CANCELLED
from watcher_host_maintenance.plugin.actions.service import OTHER_REASON
from watcher_host_maintenance.plugin.actions.service import ServiceAction
from watcher_host_maintenance.request.options import ROLL_GROUP
from watcher_host_maintenance.request.options import ROLL_OPTIONS


CONF = conf.CONF
LOG = logs.get_logger(__name__)

HOOK_FAILED = Of.ACTION.declare(
    'hook_failed',
    says=N_('{subject}: the hook {hook} failed: {problem}'),
    helps=N_('Finish the work by hand: openstack maintenance done {subject}'),
)

HOOK_NOT_RUN = Of.ACTION.declare(
    'hook_not_run',
    says=N_('{subject}: the hook {hook} is not run: {problem}'),
    helps=N_('Correct that where the applier runs.'),
)

ANSWERS = {0: Answer.DONE, 70: Answer.NOTHING, 75: Answer.LATER}
"""Exit status -> what it says; EX_SOFTWARE and EX_TEMPFAIL of sysexits.h."""

LONGEST = 160
"""Characters of a message of a hook."""

SILENT = 'it says nothing'


class NotBegun(Exception):
    """Nothing has been done for a node; the text says why."""


class RunHook(ServiceAction):
    """Call a hook of watcher.conf, and record what it answers."""

    DESCRIPTION = (
        'Calls a hook of watcher.conf for a compute node: an executable or '
        'a URL. It is done, has nothing to do, wants to be called again '
        'later, could not be called, or has failed. Its answer and what it '
        'says are recorded in the parameters.'
    )
    SCHEMA = base.strict(
        {'expected_reason': {'type': 'string'}},
        resource_id=base.UUID,
        resource_name=base.NAME,
        hook=base.NAME,
        part={'enum': [Part.PREFLIGHT.value, Part.HOOK.value]},
        timeout_s={'type': 'integer', 'minimum': 1},
    )

    def execute(self) -> bool:
        """Call the hook within its time.

        If it could not be called, it is called again by the next plan.

        :raises watcher_host_maintenance.plugin.errors.ActionFailed: the hook
            has failed, or has not ended in time
        """
        # The applier loads no strategy.
        CONF.register_opts(ROLL_OPTIONS, ROLL_GROUP)
        try:
            if self.input_parameters['part'] == Part.HOOK.value:
                self._require_out()
            answer, message = self._call(CONF[ROLL_GROUP])
        except NotBegun as exc:
            answer, message = Answer.NOT_RUN, cleaned(str(exc))
        LOG.info(
            'Hook %s of %s: %s: %s', self._hook, self.name, answer, message
        )
        if answer is Answer.DONE and not message:
            return True
        is_recorded = action_row.add_parameters(
            self.input_parameters, answer=answer.value, message=message
        )
        if not is_recorded and answer is not Answer.DONE:
            if answer is Answer.NOT_RUN:
                raise self.failed(
                    HOOK_NOT_RUN, hook=self._hook, problem=message
                )
            raise self._failed('its answer cannot be recorded')
        return True

    def _require_out(self) -> None:
        """Refuse to work on a node that is in service, or another's.

        :raises NotBegun: it is enabled, or is disabled with another reason, or
            Nova does not answer
        """
        self.deadline.start(min(base.GRACE_S, self._timeout_s))
        try:
            service = self.read()
        except NotPlanned as exc:
            raise NotBegun(words.say(exc.finding)) from exc
        if service.status != 'disabled':
            raise NotBegun(f'{self.name} is in service')
        reason = service.disabled_reason
        expected = self.input_parameters.get('expected_reason', reason)
        if reason != expected:
            other = OTHER_REASON.about(
                self.name,
                disabled_reason=reason or None,
                expected_reason=expected or None,
            )
            raise NotBegun(words.say(other))

    def _call(self, options: Any) -> tuple[Answer, str]:
        """Return the answer of the hook, and what it says.

        :raises NotBegun: it could not be called
        """
        if self._hook in options['exec_hooks']:
            return self._run(options)
        if self._hook in options['http_hooks']:
            return self._post(options)
        raise NotBegun(f'{self._hook} is not in watcher.conf of the applier')

    @property
    def _hook(self) -> str:
        return str(self.input_parameters['hook'])

    @property
    def _timeout_s(self) -> int:
        return int(self.input_parameters['timeout_s'])

    @property
    def _document(self) -> dict[str, Any]:
        """What a hook is told."""
        return {
            'version': 1,
            'hook': self._hook,
            'phase': self.input_parameters['part'],
            'host': self.name,
            'node': self.resource_id,
            'timeout_s': self._timeout_s,
        }

    def _run(self, options: Any) -> tuple[Answer, str]:
        """Run an executable."""
        is_preflight = self.input_parameters['part'] == Part.PREFLIGHT.value
        try:
            path = hook_process.executable(options['hooks_dir'], self._hook)
        except hook_process.UnsafeHook as exc:
            raise NotBegun(str(exc)) from exc
        command = [path, '--preflight'] if is_preflight else [path]
        try:
            ended = hook_process.run(
                command, self._document, self._timeout_s, self.is_cancelled
            )
        except hook_process.HookNotStarted as exc:
            raise NotBegun(str(exc)) from exc
        except hook_process.HookTimeout as exc:
            raise self._too_late() from exc
        except hook_process.HookCancelled as exc:
            raise self.failed(PLAN_CANCELLED) from exc
        message = cleaned(ended.output.decode(errors='replace'))
        answer = ANSWERS.get(ended.status)
        if answer is None:
            raise self._failed(f'{message or SILENT} ({ended.status})')
        return answer, message

    def _post(self, options: Any) -> tuple[Answer, str]:
        """Call a URL."""
        try:
            reply = web_hooks.call(
                options['http_hooks'][self._hook],
                options['http_hook_hosts'],
                self._document,
                self._timeout_s,
                self._wait,
            )
        except web_hooks.WebHookNotCalled as exc:
            raise NotBegun(str(exc)) from exc
        except web_hooks.WebHookFailed as exc:
            raise self._failed(cleaned(str(exc))) from exc
        except web_hooks.WebHookTimeout as exc:
            raise self._too_late(cleaned(str(exc))) from exc
        message = cleaned(reply.get('message', ''))
        try:
            return Answer(reply.get('state')), message
        except ValueError as exc:
            raise self._failed(message or SILENT) from exc

    def _wait(self, seconds: float) -> None:
        """Sleep, unless the plan is cancelled."""
        end = time.monotonic() + seconds
        while (left_s := end - time.monotonic()) > 0:
            self._abort.wait(min(left_s, hook_process.POLL_S))
            if self.is_cancelled():
                raise self.failed(PLAN_CANCELLED)

    def _too_late(self, why: str = '') -> Exception:
        """Return the failure of a hook that has not ended.

        :param why: its last question had no answer; '' if it had
        """
        problem = f'it has not ended in {self._timeout_s} seconds'
        return self._failed(f'{problem}; {why}' if why else problem)

    def _failed(self, problem: str) -> Exception:
        return self.failed(HOOK_FAILED, hook=self._hook, problem=problem)


def cleaned(output: str) -> str:
    """Return the last line of a hook's output that is not blank, made safe."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return cut(visible(lines[-1]), LONGEST) if lines else ''
