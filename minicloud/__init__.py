# SPDX-License-Identifier: Apache-2.0

"""A real OpenStack in two processes."""
