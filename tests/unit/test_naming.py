"""Names of folders: one for each label, safe, and no partition of a data set."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from experiments.naming import folder_name

# What labels are made of (`experiments.compose.label_of`), few letters so that they come close.
labels = st.text(alphabet="ab=-+.~,1", min_size=1, max_size=8)


@given(labels)
def test_names_are_safe_and_no_partitions(label: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._~,+-]+", folder_name(label))


@given(labels, labels)
def test_two_labels_have_two_folders(one: str, other: str) -> None:
    assert (folder_name(one) == folder_name(other)) == (one == other)


def test_what_is_plain_stays_readable() -> None:
    assert folder_name("asean_way") == "asean_way"
    label = "us_withdrawal+parameters.trade_elasticity=5+~shocks.us_leaves_who"
    assert folder_name(label) == label.replace("=", "-")
