# SPDX-License-Identifier: Apache-2.0

"""Traits that a flavor or an image requires or forbids."""

from collections.abc import Iterator
from collections.abc import Mapping

from watcher_host_maintenance.core.model.nova import DEVICE_TRAITS
from watcher_host_maintenance.core.model.nova import ENCRYPTION
from watcher_host_maintenance.core.model.nova import ENCRYPTION_FORMAT
from watcher_host_maintenance.core.model.nova import ENCRYPTION_TRAIT
from watcher_host_maintenance.core.model.nova import IMAGE_FORMAT
from watcher_host_maintenance.core.model.nova import IMAGE_FORMAT_TRAIT
from watcher_host_maintenance.core.model.nova import IMAGE_FORMATS
from watcher_host_maintenance.core.model.nova import IMPLIED_TRAITS
from watcher_host_maintenance.core.model.nova import REQUEST_FILTERS
from watcher_host_maintenance.core.model.nova import TRAIT_PREFIX
from watcher_host_maintenance.core.model.reasons import N_
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import Of
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.rules import extra_specs
from watcher_host_maintenance.core.rules.rule import PossibleMove
from watcher_host_maintenance.core.rules.rule import rule


TRAIT_MISSING = Of.PAIR.declare(
    'trait_missing',
    says=N_('{subject} lacks the trait {trait}'),
    helps=N_('Add a node that has the trait.'),
)

TRAIT_FORBIDDEN = Of.PAIR.declare(
    'trait_forbidden',
    says=N_('{subject} has the forbidden trait {trait}'),
    helps=N_('Add a node without the trait.'),
)


IMAGE_TYPES = REQUEST_FILTERS['require_image_type_support']


def asked_about(instance: Instance, request: Request) -> dict[str, str]:
    """Return trait -> 'required' or 'forbidden', by name.

    Traits of numbered groups, such as ``trait1:``, are not among them:
    those ask a device below the node and cannot be proved here.
    """
    specs = instance.specs
    asked = dict.fromkeys(_implied(specs), 'required')
    if request.image_metadata_prefilter:
        asked |= dict.fromkeys(_of_devices(instance), 'required')
    if IMAGE_TYPES in request.scheduler_prefilters:
        asked |= dict.fromkeys(_of_format(instance), 'required')
    if specs.get('hw:cpu_thread_policy') == 'isolate':
        asked['HW_CPU_HYPERTHREADING'] = 'forbidden'
    for name, text in specs.items():
        if name.startswith(TRAIT_PREFIX):
            asked[name.removeprefix(TRAIT_PREFIX)] = text
    return dict(sorted(asked.items()))


def _implied(specs: Mapping[str, str]) -> Iterator[str]:
    """Yield the traits that Nova derives from other extra specs."""
    for (name, value), trait in IMPLIED_TRAITS.items():
        text = specs.get(name, '')
        if text == value or (value is True and extra_specs.is_true(text)):
            yield trait
    if specs.get('accel:device_profile'):
        yield 'COMPUTE_ACCELERATORS'
    if specs.get('hw:tpm_version') and not specs.get('hw:tpm_model'):
        yield 'COMPUTE_SECURITY_TPM_TIS'
    encryption = specs.get(ENCRYPTION_FORMAT)
    if encryption and extra_specs.is_true(specs.get(ENCRYPTION, '')):
        yield ENCRYPTION_TRAIT + encryption.upper()


def _of_devices(instance: Instance) -> Iterator[str]:
    """Yield the traits of the models of devices that an image names."""
    for name, text in instance.image_properties.items():
        if name in DEVICE_TRAITS:
            model = text.replace('-', '_').upper()
            yield f'{DEVICE_TRAITS[name]}_{model}'


def _of_format(instance: Instance) -> Iterator[str]:
    """Yield the trait of the format of the image, if Nova knows one."""
    kind = instance.image_properties.get(IMAGE_FORMAT, '').lower()
    if kind in IMAGE_FORMATS:
        yield f'{IMAGE_FORMAT_TRAIT}{kind.upper()}'


@rule(
    gives=(TRAIT_MISSING, TRAIT_FORBIDDEN),
    looks_at=(
        'instance.specs',
        'instance.image_properties',
        'destination.node.traits',
        'request.image_metadata_prefilter',
        'request.scheduler_prefilters',
    ),
)
def has_traits(move: PossibleMove) -> Iterator[Finding]:
    """Refuse a node without a required trait, or with a forbidden one.

    Required are also the traits that Nova derives from extra specs such as
    ``os:secure_boot=required``, and from the same in an image. Traits of the
    node itself count, not those of shared storage. Traits of a device below
    the node count only for servers that hold something of a device, which
    cannot be proved to fit.
    """
    node = move.destination.node
    for trait, text in asked_about(move.instance, move.request).items():
        if text == 'required' and trait not in node.traits:
            yield TRAIT_MISSING.about(node.hostname, trait=trait)
        elif text == 'forbidden' and trait in node.traits:
            yield TRAIT_FORBIDDEN.about(node.hostname, trait=trait)
