"""`ballast faults` and the commands under it, against answers that a test writes."""

import json


def test_a_fault_is_resolved_with_its_cause(ask, admin):
    result = ask("faults", "resolve", "2", "--cause", "disk full")
    assert result.stdout == "fault 2: resolved after 1m, disk full\n"
    assert admin.state.calls[-1] == ("POST", "/v1/faults/2/resolve", {"cause": "disk full"})


def test_faults_print_records_and_figures(ask):
    text = ask("faults").stdout
    assert "killed by signal 9" in text and "1h" in text and "99.951%" in text
    assert len(json.loads(ask("faults", "--open", "-o", "json").stdout)) == 1
    assert json.loads(ask("faults", "--summary", "-o", "json").stdout)[0]["mttr"] == 10


def test_a_fault_is_acknowledged_and_gets_its_cause(ask, admin):
    result = ask("faults", "acknowledge", "2", "--note", "disk ordered")
    assert result.stdout == "fault 2: acknowledged by ann\n"
    assert admin.state.calls[-1] == ("POST", "/v1/faults/2/acknowledge", {"note": "disk ordered"})
    result = ask("faults", "cause", "2", "a bad switch")
    assert result.stdout == "fault 2: a bad switch\n"
    assert admin.state.calls[-1] == ("PUT", "/v1/faults/2", {"cause": "a bad switch"})
    card = ask("describe", "fault", "2").stdout
    assert "a bad switch" in card and "killed by signal 9" in card and "by ann" in card


def test_months_show_what_is_left_of_the_budget(ask, admin):
    text = ask("faults", "--months", "--objective", "99.9%").stdout
    assert "2026-11" in text and "97.6%" in text and "99.93%" in text
    admin.state.months[0].update(budgetLeft=-0.5)
    assert "too much" in ask("faults", "--months").stdout
    assert ask("faults", "--objective", "99.9%").returncode == 2


def test_a_timeline_is_shown_in_order(ask):
    lines = ask("faults", "timeline", "1").stdout.splitlines()
    assert "deployment" in lines[1] and "shop/shop-1" in lines[2] and "first sign" in lines[2]
    assert json.loads(ask("faults", "timeline", "1", "-o", "json").stdout)[1]["fault"] == 1


def test_one_fault_is_exported_as_csv_and_options_for_many_are_refused(ask, admin):
    text = ask("faults", "export", "1", "--format", "csv").stdout
    assert text.splitlines()[0].startswith("id,parent,type,service") and text.splitlines()[1].startswith("1,,")
    assert ask("faults", "export", "1", "--service", "shop").returncode == 2
    assert ask("faults", "export", "--format", "xml").returncode == 2
    ask("faults", "export", "--since", "2026-11-01", "--service", "shop")
    assert admin.state.calls[-1][1] == "/v1/faults/export?format=csv&service=shop&since=2026-11-01"
