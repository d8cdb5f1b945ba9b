# SPDX-License-Identifier: Apache-2.0

"""Pure planning: standard library only, same input, same plan."""
