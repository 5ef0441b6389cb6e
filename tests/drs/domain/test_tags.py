"""Which servers a tag selection means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drs.domain.servers import SourceServer
from drs.domain.tags import TagIndex, TagQuery, matching, selects
from shared.domain.errors import BadRequest

LETTERS = st.text("abcXYZ09-", min_size=1, max_size=6)
TAGS = st.dictionaries(LETTERS, st.text("abcXYZ ", max_size=5), max_size=5)
WANTED = st.dictionaries(
    st.text("abc09-", min_size=1, max_size=6),
    st.text("abc", max_size=5),
    min_size=1,
    max_size=4,
)


def a_server(server_id: str, **tags: str) -> SourceServer:
    return SourceServer(source_server_id=server_id, tags=tags)


def test_a_server_needs_every_wanted_tag() -> None:
    wanted = {"Tier": "db", "App": "shop"}

    assert selects({"Tier": "db", "App": "shop", "x": "y"}, wanted)
    assert not selects({"Tier": "db"}, wanted)


def test_keys_and_values_are_compared_trimmed_and_without_case() -> None:
    assert selects({" TIER ": "Database "}, {"tier": " dATABASE"})


def test_a_different_value_does_not_match() -> None:
    assert not selects({"tier": "db"}, {"tier": "web"})


def test_an_empty_value_is_a_value() -> None:
    assert selects({"critical": ""}, {"critical": " "})
    assert not selects({"critical": "yes"}, {"critical": ""})


@pytest.mark.parametrize("tags", [{}, {"": "x"}, {"  ": "x"}])
def test_a_selection_that_would_mean_everything_is_refused(
    tags: dict[str, str],
) -> None:
    with pytest.raises(BadRequest) as refused:
        TagQuery.of(tags)

    assert refused.value.code == "INVALID_TAGS"


def test_an_empty_selection_is_told_what_it_lacks() -> None:
    with pytest.raises(BadRequest) as refused:
        TagQuery.of({})

    assert refused.value.message == (
        "The tag selection is empty; name at least one tag."
    )


def test_two_tags_that_fold_to_one_key_must_agree() -> None:
    assert selects({"tier": "db"}, {"Tier": "db", "TIER ": "DB"})
    with pytest.raises(BadRequest, match="two values of 'tier'") as refused:
        TagQuery.of({"Tier": "db", "TIER": "web"})

    assert refused.value.code == "INVALID_TAGS"
    assert refused.value.details == {"key": "tier"}


def test_matches_come_in_id_order() -> None:
    servers = [a_server("s-3", a="1"), a_server("s-1", a="1"), a_server("s-2")]

    found = matching(servers, {"a": "1"})

    assert [one.source_server_id for one in found] == ["s-1", "s-3"]


@given(wanted=WANTED, more=TAGS)
def test_a_server_with_all_wanted_tags_is_selected_whatever_else_it_has(
    wanted: dict[str, str], more: dict[str, str]
) -> None:
    assert selects({**more, **wanted}, wanted)


@given(tags=TAGS, wanted=WANTED)
def test_case_and_space_around_never_matter(
    tags: dict[str, str], wanted: dict[str, str]
) -> None:
    shouted = {f" {k.upper()}": f"{v.upper()}  " for k, v in wanted.items()}

    assert selects(tags, wanted) == selects(tags, shouted)


@given(tags=TAGS, wanted=WANTED, more=WANTED)
def test_more_wanted_tags_never_select_more_servers(
    tags: dict[str, str], wanted: dict[str, str], more: dict[str, str]
) -> None:
    if selects(tags, {**more, **wanted}):
        assert selects(tags, wanted)


@given(st.lists(TAGS, max_size=8), WANTED)
def test_matching_is_exactly_the_selected_servers(
    many: list[dict[str, str]], wanted: dict[str, str]
) -> None:
    servers = [
        SourceServer(source_server_id=f"s-{n}", tags=tags)
        for n, tags in enumerate(many)
    ]

    found = matching(reversed(servers), wanted)

    assert found == [one for one in servers if selects(one.tags, wanted)]


def test_selections_are_equal_when_they_mean_the_same() -> None:
    first = TagQuery.of({" Tier ": "DB"})

    assert first == TagQuery.of({"tier": "db "})
    assert hash(first) == hash(TagQuery.of({"tier": "db "}))
    assert first != TagQuery.of({"tier": "web"})
    assert first != {"tier": "db"}


@given(st.lists(TAGS, max_size=6), WANTED)
def test_an_index_selects_what_a_look_at_each_server_does(
    tags: list[dict[str, str]], wanted: dict[str, str]
) -> None:
    servers = [
        SourceServer(source_server_id=f"s-{n}", tags=one)
        for n, one in enumerate(tags)
    ]

    try:
        each = {s.source_server_id for s in matching(servers, wanted)}
    except BadRequest:
        with pytest.raises(BadRequest):
            TagIndex(servers).selected(wanted)
        return

    assert TagIndex(servers).selected(wanted) == each
