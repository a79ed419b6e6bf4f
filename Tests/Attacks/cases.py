"""Every case, in the order of the rows."""

import collections
import dataclasses

from Attacks import (
    cases_forwarding, cases_request_framing, cases_request_meaning, cases_request_path, cases_response)
from Attacks.case import Case

_ALL = [
    *cases_request_framing.CASES, *cases_request_meaning.CASES, *cases_request_path.CASES, *cases_response.CASES,
    *cases_forwarding.CASES]

# The same bytes one at a time find what only a parser that starts anew finds.
SLOW_BYTES = 400


def _byte_by_byte(case: Case) -> Case | None:
    if not isinstance(case.send, bytes) or len(case.send) > SLOW_BYTES or case.row in range(25, 46):
        return None
    split = tuple(bytes([byte]) for byte in case.send)
    return dataclasses.replace(case, name=f"{case.name}, byte by byte", send=split)


CASES: list[Case] = sorted(
    [*_ALL, *filter(None, map(_byte_by_byte, _ALL))], key=lambda case: (case.row, case.name))

_TWICE = [name for name, count in collections.Counter(case.id for case in CASES).items() if count > 1]
assert not _TWICE, f"cases of the same name: {_TWICE}"
