from __future__ import annotations

import pytest

from salesmgmt.core.findings import Finding, InvalidDefinition, Severity, refuse_errors

DEAD_END = Finding(code="dead_end", where="stages.legal", message="no way out", hint="add a transition")
UNUSED = Finding(
    code="unused_fact",
    where="facts.legal_ok",
    message="no condition reads it",
    hint="remove it",
    severity=Severity.WARNING,
)


def test_warnings_pass_through() -> None:
    assert refuse_errors("pipeline x", [UNUSED]) == (UNUSED,)


def test_an_error_refuses_the_definition_and_lists_errors_only() -> None:
    with pytest.raises(
        InvalidDefinition, match=r"dead_end at stages.legal: no way out; add a transition"
    ) as caught:
        refuse_errors("pipeline x", [UNUSED, DEAD_END])

    assert caught.value.findings == (DEAD_END,)
    assert caught.value.what == "pipeline x"
    assert "unused_fact" not in str(caught.value)


def test_a_message_lists_no_more_than_a_reader_reads() -> None:
    with pytest.raises(InvalidDefinition, match="and 9950 more") as caught:
        refuse_errors("pipeline x", [DEAD_END] * 10_000)
    assert len(caught.value.findings) == 10_000
    assert len(str(caught.value).splitlines()) == 52
