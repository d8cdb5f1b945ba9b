# SPDX-License-Identifier: Apache-2.0

"""What can go wrong with a minicloud."""


class MinicloudError(Exception):
    """Base of all errors of this package."""


class DescriptionError(MinicloudError):
    """A description is not valid; the text names the field."""


class CloudError(MinicloudError):
    """A cloud did not do what was asked; the text has the logs' tails."""
