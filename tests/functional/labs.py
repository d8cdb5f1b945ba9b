# SPDX-License-Identifier: Apache-2.0

"""Clouds that go from one test to the next.

A test takes a cloud of its description and its options. One that a test with
the same options has given back is renewed; that is cheaper than a start. After
a test that failed, or that left something running, its cloud ends.
"""

import atexit
import collections
import json
import weakref

from collections.abc import Mapping
from typing import Any

from minicloud import cloud
from minicloud import exceptions
from minicloud import saves


#: Clouds that were filled in this run; None keeps none.
SAVES = saves.of_environment()
#: So many wait for another test of this process.
_IDLE = 2
#: Renewals of one cloud: each leaves some 20 MB behind in Nova's process.
RENEWALS = 24

Options = Mapping[str, Mapping[str, Any]]


class Labs:
    """The clouds that no test uses now."""

    def __init__(self) -> None:
        self._idle: dict[str, cloud.Cloud] = {}
        self._keys: weakref.WeakKeyDictionary[cloud.Cloud, str] = (
            weakref.WeakKeyDictionary()
        )
        self._renewals: collections.Counter[cloud.Cloud] = (
            collections.Counter()
        )

    def take(
        self,
        description: Mapping[str, Any],
        nova_options: Options | None = None,
        watcher_options: Options | None = None,
    ) -> cloud.Cloud:
        """Return a cloud as if it had just been started.

        :raises CloudError: it does not start
        """
        key = json.dumps(
            [description.get('filters'), nova_options, watcher_options],
            sort_keys=True,
        )
        lab = self._idle.pop(key, None)
        if lab is not None:
            lab.resume()
            try:
                lab.renew(description)
                self._renewals[lab] += 1
                return lab
            except exceptions.CloudError:
                lab.cleanUp()
            except BaseException:
                lab.cleanUp()
                raise
        lab = cloud.Cloud(
            description,
            nova_options=nova_options,
            watcher_options=watcher_options,
            saves=SAVES,
        )
        lab.setUp()
        self._keys[lab] = key
        return lab

    def distrust(self, lab: cloud.Cloud) -> None:
        """Let a cloud end when it is given back: a test has failed in it."""
        self._keys.pop(lab, None)

    def give_back(self, lab: cloud.Cloud) -> None:
        """Keep a cloud for the next test, which may have to end another."""
        if lab not in self._keys or self._renewals[lab] >= RENEWALS:
            self._renewals.pop(lab, None)
            lab.cleanUp()
            return
        # Idle services take a hundredth of a processor, or several.
        lab.pause()
        self._idle[self._keys[lab]] = lab
        while len(self._idle) > _IDLE:
            self._end(next(iter(self._idle)))

    def end(self) -> None:
        """End all that are kept."""
        while self._idle:
            self._end(next(iter(self._idle)))

    def _end(self, key: str) -> None:
        lab = self._idle.pop(key)
        lab.resume()
        lab.cleanUp()


LABS = Labs()
atexit.register(LABS.end)
