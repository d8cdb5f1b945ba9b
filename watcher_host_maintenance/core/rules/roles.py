# SPDX-License-Identifier: Apache-2.0

"""What part a compute node plays: maintained, marked, unused, other."""

from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import ComputeNode


def is_marked(node: ComputeNode, request: Request) -> bool:
    """Tell whether a node is marked for maintenance.

    That is: disabled, with a reason that starts with a marking reason.
    """
    return node.status == 'disabled' and node.disabled_reason.startswith(
        request.marking_reasons
    )


def has_spare_reason(node: ComputeNode, request: Request) -> bool:
    """Tell whether a node is disabled as a spare, and not marked."""
    return (
        node.status == 'disabled'
        and node.disabled_reason in request.unused_reasons
        and not is_marked(node, request)
    )


def is_unused(node: ComputeNode, request: Request) -> bool:
    """Tell whether a node is a spare that Method 1 may wake.

    A node disabled for any other reason is never used: it may be broken.
    See https://bugs.launchpad.net/watcher/+bug/2109945
    """
    return (
        has_spare_reason(node, request)
        and node.state == 'up'
        and node.instance_count == 0
    )


def is_bare_metal(node: ComputeNode) -> bool:
    """Tell whether a node is Ironic's, which holds no virtual servers."""
    return node.hypervisor_type.lower() == 'ironic'
