# SPDX-License-Identifier: Apache-2.0

"""Drains of servers with ports, with a real Neutron as the judge."""
