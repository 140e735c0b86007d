"""What an operator took down stays away, whatever leads to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.ingest.follower import Follower, counts

if TYPE_CHECKING:
    from pathlib import Path

    from tests.newsroom.site import Newsroom


def test_a_release_that_was_taken_down_stays_away(site: Newsroom, followed: Follower) -> None:
    """Its page is not even asked for, whichever list names it; the report counts it, and the cache lets go of it."""
    gone = site.releases[4]
    followed.store.remove(gone.url)
    site.correct(gone.key, "And a sentence more.")
    followed.run(site.feed)  # which names it with a parameter: that is learnt once
    site.forget_requests()

    reports = [followed.run(one) for one in (site.sitemap, site.feed, gone.url, f"{gone.url}#content")]

    assert [(counts(one), one.taken_down) for one in reports] == [
        ((0, 0, 9, 0), 1), ((0, 0, 9, 0), 1), ((0, 0, 0, 0), 1), ((0, 0, 0, 0), 1)
    ]  # fmt: skip
    assert gone.path not in [one.path.partition("?")[0] for one in site.requests]
    assert followed.store.records.get(gone.url) is None
    assert followed.kinds()[-1] == ("removed", gone.url)


def test_an_address_that_leads_to_it_is_known_from_then_on(site: Newsroom, followed: Follower) -> None:
    """Sent on to it, or the same page with a parameter: read once, left out, and not asked for again."""
    gone, alias = site.releases[4], site.releases[5]
    for one in (gone, alias):
        followed.store.remove(one.url, allow_again=one is alias)
    site.redirects(alias.key, gone.url, status=301)
    marked = f"{gone.url}?edition=web"

    first = followed.run(alias.url, marked)
    site.forget_requests()
    second = followed.run(alias.url, marked)

    assert (first.taken_down, second.taken_down, site.requests) == (2, 2, ())
    assert (first.new, first.doubted, followed.cache.get(alias.url), followed.cache.get(marked)) == (0, (), None, None)


def test_what_is_allowed_again_comes_back_and_is_no_news(site: Newsroom, followed: Follower) -> None:
    """Removed for a while, or allowed later: restored with the next run."""
    for one, again in ((site.releases[4], True), (site.releases[5], False)):
        followed.store.remove(one.url, allow_again=again)
    followed.store.records.allow_again(site.releases[5].url)

    report = followed.run(site.sitemap)

    assert (counts(report), report.taken_down) == ((2, 0, 8, 0), 0)
    assert [kind for kind, _ in followed.kinds()][-2:] == ["restored", "restored"]


@pytest.mark.parametrize("change", ["moved", "edited", "renumbered"])
def test_a_file_and_a_line_stay_away(follower: Follower, tmp_path: Path, change: str) -> None:
    """A file that was moved is known by its words, one that was edited by its name, a line by its id."""
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "a.md").write_text("# A bridge at Arles\n\nThe bridge opens on Monday.\n")
    lines = [json.dumps({"id": key, "title": f"Ferry {key}", "text": f"The ferry {key} sails."}) for key in "xy"]
    (folder / "b.jsonl").write_text("\n".join(lines))
    follower.run(str(folder))
    for one in follower.store.records.releases():
        if one.title in {"A bridge at Arles", "Ferry x"}:
            follower.store.remove(one.id)
    if change == "moved":
        (folder / "a.md").rename(folder / "c.md")
    elif change == "edited":
        (folder / "a.md").write_text("# A bridge at Arles\n\nThe bridge opened on Tuesday.\n")
    else:
        (folder / "b.jsonl").write_text("\n".join([lines[1], lines[0].replace("sails", "sails again")]))

    report = follower.run(str(folder))

    assert (counts(report), report.taken_down) == ((0, 0, 1, 0), 2)
    assert [one.title for one in follower.store.records.releases()] == ["Ferry y"]


def test_another_release_with_the_same_words_that_is_stored_stays(follower: Follower, tmp_path: Path) -> None:
    """One of two copies was removed: the other goes on as it was."""
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text("# A notice\n\nThe office is closed.\n")
    follower.run(str(tmp_path / "a.md"), str(tmp_path / "b.md"))
    follower.store.remove(follower.store.records.releases()[0].id)

    report = follower.run(str(tmp_path / "a.md"), str(tmp_path / "b.md"))

    assert (counts(report), report.taken_down) == ((0, 0, 1, 0), 1)


def test_what_is_taken_down_while_it_is_read_is_not_written(follower: Follower, tmp_path: Path) -> None:
    """The run had compared it before the operator spoke."""
    (tmp_path / "a.md").write_text("# A notice\n\nThe office is closed.\n")
    follower.run(str(tmp_path / "a.md"))
    [one] = follower.store.records.releases()
    (tmp_path / "a.md").write_text("# A notice\n\nThe office is open.\n")
    pipeline = follower.pipeline()
    embed = follower.embedder.embed_passages

    def removing(texts: list[str]) -> object:
        follower.store.remove(one.id)
        return embed(texts)

    follower.embedder.embed_passages = removing  # type: ignore[method-assign]
    from ingest.types import Source

    report = pipeline.run(Source(str(tmp_path / "a.md")))

    assert (report.taken_down, report.changed, follower.store.records.count_releases()) == (1, 0, 0)
