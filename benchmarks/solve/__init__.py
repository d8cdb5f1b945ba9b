# SPDX-License-Identifier: Apache-2.0

"""What plans cost and are worth, as ratios within one run."""
