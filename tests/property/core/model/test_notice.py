# SPDX-License-Identifier: Apache-2.0

import hypothesis

from hypothesis import strategies as st

from tests.property.core import generated
from tests.unit import base
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model import notice
from watcher_host_maintenance.core.model.notice import KEYS
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.times import MAX_TIME_S


TEXTS = st.text(st.characters(exclude_categories=()), max_size=255)

TIMES = st.integers(0, MAX_TIME_S) | st.none()

NOTICES = st.builds(
    Notice,
    maintenance_id=st.just('') | st.uuids().map(str),
    state=st.sampled_from(notice.State) | st.none(),
    starts_s=TIMES,
    ends_s=TIMES,
    answer_by_s=TIMES,
    effect=st.sampled_from(notice.Effect) | st.none(),
    host=st.sampled_from(notice.HostFate) | st.none(),
    word=st.sampled_from(['', *notice.STANDING_WORDS]),
)

VALUES = (
    TEXTS
    | st.sampled_from([v for k in KEYS for v in k.form.split(', ')])
    | st.datetimes().map('{:%Y-%m-%dT%H:%M:%SZ}'.format)
    | st.recursive(
        st.none() | st.integers() | st.floats(), st.lists, max_leaves=3
    )
)

METADATA = st.dictionaries(
    st.sampled_from([k.name for k in KEYS]) | TEXTS | st.none(),
    VALUES,
    max_size=12,
)


class TestNotice(base.TestCase):
    @generated.settings(400)
    @hypothesis.given(NOTICES, METADATA)
    def test_is_read_as_written(self, written, others):
        others = {k: v for k, v in others.items() if k not in NAMES}
        metadata = written.to_metadata()
        self.assertEqual(written, Notice.from_metadata(others | metadata))
        self.assertEqual(
            written, document.loads(Notice, document.dumps(written))
        )

    @generated.settings(400)
    @hypothesis.given(METADATA)
    def test_wild_values_are_no_values(self, metadata):
        read = Notice.from_metadata(metadata)
        # What was read is of the table's form, and was in the metadata.
        for name, text in read.to_metadata().items():
            self.assertEqual(metadata[name], text)

    @generated.settings(400)
    @hypothesis.given(NOTICES, METADATA)
    def test_difference_is_what_is_missing(self, wanted, metadata):
        changed, deleted = wanted.difference(metadata)
        after = {
            k: v for k, v in metadata.items() if k not in deleted
        } | changed
        self.assertEqual(wanted, Notice.from_metadata(after))
        self.assertEqual(({}, ()), wanted.difference(after))
        self.assertEqual(
            {k: v for k, v in metadata.items() if k not in NAMES},
            {k: v for k, v in after.items() if k not in NAMES},
        )


class TestWords(base.TestCase):
    @generated.settings(400)
    @hypothesis.given(
        st.lists(VALUES, max_size=50),
        st.dictionaries(TEXTS, st.sampled_from(notice.OWNER_WORDS)),
    )
    def test_of_wild_tags(self, tags, foreign):
        words = notice.words_of_tags(tags, foreign)
        self.assertEqual(sorted(set(words)), list(words))
        self.assertLessEqual(set(words), set(notice.OWNER_WORDS))
        allowed = foreign.keys() | {
            f'{notice.PREFIX}{word}' for word in notice.OWNER_WORDS
        }
        if allowed.isdisjoint(t for t in tags if isinstance(t, str)):
            self.assertEqual((), words)


NAMES = frozenset(k.name for k in KEYS)
