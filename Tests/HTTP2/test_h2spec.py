"""h2spec's list of cases, each by its section and number there."""

import pytest

from HTTP2 import compression, generic, messages

CASES = [*generic.SUITE.cases, *messages.SUITE.cases, *compression.SUITE.cases]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(shop, case):
    shop.reply()
    with shop.link(case.settings, case.greet) as link:
        case.run(link)


def test_the_list_is_whole():
    assert len(CASES) >= 146
