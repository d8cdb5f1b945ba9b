# SPDX-License-Identifier: Apache-2.0

"""Process one of a minicloud: Nova and Placement."""
