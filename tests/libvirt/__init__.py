# SPDX-License-Identifier: Apache-2.0

"""Drains of real hypervisors: ``tox -e libvirt``, root only."""
