"""In which order files go, and what is left of older builds."""

from hypothesis import given
from hypothesis import strategies as st

from frontend_deployer.domain.request import Properties
from frontend_deployer.domain.site import CONFIG, KEPT, files, outdated

PROPERTIES = Properties(
    bucket_name="b",
    api_endpoint="https://a.example",
    user_pool_id="u",
    user_pool_client_id="c",
    region="us-east-1",
)
KEYS = st.sets(
    st.sampled_from(
        ["index.html", "page.js", "assets/a-1.js", "assets/b-2.css", "x.html"]
    )
)


@given(KEYS, KEYS)
def test_pages_go_last_and_nothing_of_the_build_is_outdated(
    now: set[str], before: set[str]
) -> None:
    build = files(dict.fromkeys(now, b"x"), PROPERTIES, {})
    order = [file.key for file in build]

    assert set(order) == now | {CONFIG}
    pages = [key.endswith(".html") for key in order]
    assert pages == sorted(pages)
    assert set(outdated(before | {CONFIG}, build)) == before - now
    assert all(
        (file.cache == KEPT) == file.key.startswith("assets/")
        for file in build
    )
