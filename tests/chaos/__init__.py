# SPDX-License-Identifier: Apache-2.0

"""Drains while services are killed, paused and cut off: ``tox -e chaos``."""
