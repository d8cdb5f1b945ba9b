# SPDX-License-Identifier: Apache-2.0

"""Processes that a test looks at, which are not its own children."""

import pathlib
import time


class Waits:
    """Wait for what is to come in a test."""

    def until(self, holds):
        """Fail if something does not hold within half a minute."""
        for _try in range(600):
            if holds():
                return
            time.sleep(0.05)
        self.fail('It never came so.')


def runs(pid):
    """Return True if a process runs; one that no one waits for does not."""
    try:
        text = pathlib.Path(f'/proc/{pid}/stat').read_text()
    except OSError:
        return False
    return text.rpartition(')')[2].split()[0] != 'Z'
