# SPDX-License-Identifier: Apache-2.0

"""Clouds of real Nova, drained, and judged by an oracle that knows no plan."""
