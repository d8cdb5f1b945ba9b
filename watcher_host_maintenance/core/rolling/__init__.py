# SPDX-License-Identifier: Apache-2.0

"""Maintain many nodes in waves, proved before the first is closed."""
