# SPDX-License-Identifier: Apache-2.0

"""Which items go into which bins, in whole numbers; no word of Nova."""
