from __future__ import annotations

import pytest

from ingest.fetch.policy import FetchPolicy


def test_the_user_agent_names_product_and_contact() -> None:
    """Without a contact it still says what it is for."""
    named = FetchPolicy(contact="press@newsroom.test").user_agent
    assert named.startswith("Communique/")
    assert named.endswith(" (press release reader; +press@newsroom.test)")
    assert FetchPolicy().user_agent.endswith(" (press release reader)")


@pytest.mark.parametrize("contact", ["a\r\nCookie: b", "été@newsroom.test"])
def test_a_contact_that_no_header_may_hold_is_refused(contact: str) -> None:
    """Before anything is asked for."""
    with pytest.raises(ValueError, match=r"contact: .*write it in plain ASCII"):
        FetchPolicy(contact=contact)
