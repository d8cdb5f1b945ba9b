# SPDX-License-Identifier: Apache-2.0

"""Databases and brokers of a test's own."""
