# SPDX-License-Identifier: Apache-2.0

"""An optional process of a minicloud: Neutron, with ML2 and Open vSwitch."""
