# SPDX-License-Identifier: Apache-2.0

"""Drain hosts of a small cloud, and tell a newcomer what happens."""
