"""What scripts and people see of the command line, against a fake admin API."""

import json
import os
import socket
import subprocess
import threading

import pytest
import yaml

from EndToEnd.cli.conftest import environment
from EndToEnd.cli.fake_admin import event, replica
from EndToEnd.cli.terminal import on_terminal


# Without a running Ballast


def test_no_words_print_examples_first_then_every_command(cli):
    result = cli()
    assert result.returncode == 0 and result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines.index("Examples") < lines.index("Start") < lines.index("Look")
    for word in "run check schema get describe logs events faults scale restart drain ready".split():
        assert any(line.split()[:1] == [word] for line in lines if line), word
    assert "engine" not in [line.split()[0] for line in lines if line]


def test_nothing_listening_is_exit_4_with_the_reason(cli):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = "http://127.0.0.1:%d" % taken.getsockname()[1]
        result = cli("get", "services", "--admin", url)
    assert result.returncode == 4 and result.stdout == ""
    assert result.stderr == (
        f"error: cannot reach Ballast at {url}: connection refused; is `ballast run` running?\n")


def test_a_missing_socket_is_exit_4(cli, tmp_path):
    result = cli("get", "services", "--socket", str(tmp_path / "none.sock"))
    assert result.returncode == 4
    assert "no such file or directory" in result.stderr and "none.sock" in result.stderr


@pytest.mark.parametrize("words, hint", [
    (["gte"], "did you mean 'get'?"),
    (["get", "servces"], "did you mean 'services'?"),
    (["get", "services", "--wtach"], "did you mean '--watch'?"),
    (["get", "services", "-o", "jsn"], "did you mean 'json'?"),
    (["config", "sve"], "did you mean 'config save'?"),
    (["get", "nodes"], "'nodes' is not supported yet"),
    (["get"], "KIND is missing"),
    (["drain", "shop"], "SERVICE/SERVER"),
    (["weight", "shop/shop-1", "heavy"], "0 to 1000"),
    (["weight", "shop/shop-1", "1001"], "0 to 1000"),
    (["scale", "shop", "99999999999999999999"], "N is a whole number"),
    (["restart", "shop", "--timeout", "soon"], "--timeout is a length of time"),
    (["faults", "resolve", "1"], "--cause TEXT is missing"),
    (["version", "now"], "unexpected word 'now'"),
    (["get", "services", "--socket", "a", "--admin", "b"], "exclude one another"),
    (["get", "services", "--admin", "ftp://a"], "no admin address"),
])
def test_wrong_usage_is_exit_2_and_says_what_was_meant(cli, words, hint):
    result = cli(*words)
    assert result.returncode == 2 and result.stdout == ""
    assert hint in result.stderr


def test_every_command_has_help_with_examples(cli):
    reference = cli("help", "--markdown").stdout
    names = [line[4:] for line in reference.splitlines() if line.startswith("### ")]
    assert len(names) > 20
    for name in names:
        result = cli(*name.split(), "--help")
        assert result.returncode == 0
        assert "Examples\n  " in result.stdout and f"ballast {name}" in result.stdout


def test_version_as_text_and_json(cli):
    assert cli("version").stdout.startswith("ballast 0.")
    assert json.loads(cli("version", "-o", "json").stdout)["version"].startswith("0.")


def test_a_full_disk_is_a_failure(tmp_path, ballast_binary):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [ballast_binary, "help"], stdout=full, stderr=subprocess.PIPE, text=True, env=environment())
    assert result.returncode == 1 and "cannot write" in result.stderr


# Configuration files


GOOD = """\
listeners:
  web: { address: ":8080" }
services:
  shop:
    servers: [ "10.0.0.11:8080", "10.0.0.12:8080" ]
"""


def test_check_says_ok_and_counts(cli, tmp_path):
    (tmp_path / "ballast.yaml").write_text(GOOD)
    result = cli("check")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("ballast.yaml: ok (1 listener, 1 service, ")


def test_check_of_a_folder_merges_its_files(cli, tmp_path):
    listeners, services = GOOD.split("services:")
    folder = tmp_path / "conf"
    folder.mkdir()
    (folder / "a.yaml").write_text(listeners)
    (folder / "b.yaml").write_text("services:" + services)
    (folder / ".hidden.yaml").write_text("nonsense: [")
    result = cli("check", "conf")
    assert result.returncode == 0 and result.stdout.startswith("conf: ok (1 listener")


def test_check_shows_every_mistake_with_its_place(cli, tmp_path):
    (tmp_path / "bad.yaml").write_text(GOOD.replace("servers:", "servrs:").replace(
        "address", "adress"))
    result = cli("check", "bad.yaml")
    assert result.returncode == 1 and result.stdout == ""
    assert "bad.yaml:2:" in result.stderr and "bad.yaml:5:" in result.stderr
    assert "error:" in result.stderr and "servers" in result.stderr


def test_check_reads_files_that_the_configuration_names(cli, tmp_path):
    (tmp_path / "version.txt").write_text("1.2.3")
    text = GOOD.replace("servers: [ \"10.0.0.11:8080\", \"10.0.0.12:8080\" ]",
                        "run: { command: [ ./shop ], version: !file version.txt }")
    (tmp_path / "ballast.yaml").write_text(text)
    assert cli("check").returncode == 0
    (tmp_path / "version.txt").unlink()
    result = cli("check")
    assert result.returncode == 1 and "no such file" in result.stderr


@pytest.mark.parametrize("content, reason", [
    (b"\xff\xfe\x00", "not UTF-8"), (b"# " + b"x" * (5 << 20), "over 4 MiB"), (None, "no such file")])
def test_an_unreadable_file_is_a_plain_error(cli, tmp_path, content, reason):
    if content is not None:
        (tmp_path / "x.yaml").write_bytes(content)
    for command in ["check", "run"]:
        result = cli(command, "x.yaml")
        assert result.returncode == 1 and reason in result.stderr


def test_run_refuses_a_wrong_file_before_it_starts(cli, tmp_path):
    (tmp_path / "bad.yaml").write_text("listeners: 5\n")
    result = cli("run", "bad.yaml")
    assert result.returncode == 1 and "bad.yaml:1:" in result.stderr


def test_schema_is_json(cli):
    schema = json.loads(cli("schema").stdout)
    assert "services" in schema["properties"]


# Lists


def test_a_table_is_aligned_and_has_no_colour_in_a_pipe(ask):
    result = ask("get", "services")
    assert result.returncode == 0 and result.stderr == "" and "\x1b" not in result.stdout
    lines = result.stdout.splitlines()
    assert lines[0].split()[:4] == ["SERVICE", "STATE", "HEALTHY", "REPLICAS"]
    shop, cart = lines[1:]
    assert shop.split() == "shop up 2/2 2/2 12 0 4 2.1ms 250ms".split()
    assert cart.split() == "cart down 0/2 - 12 0 4 - -".split()
    assert lines[0].index("STATE") == shop.index("up") == cart.index("down")


def test_wide_shows_more(ask):
    titles = ask("get", "services", "-o", "wide").stdout.splitlines()[0]
    assert "BALANCE" in titles and "VERSION" in titles


@pytest.mark.parametrize("kind", [
    "services", "servers", "routes", "listeners", "replicas", "faults", "events", "service",
    "server", "route", "listener", "replica", "fault", "event"])
def test_every_kind_in_every_format(ask, admin, kind):
    plural = kind if kind.endswith("s") else kind + "s"
    given = getattr(admin.state, plural)
    assert json.loads(ask("get", kind, "-o", "json").stdout) == given
    assert yaml.safe_load(ask("get", kind, "-o", "yaml").stdout) == given
    assert len(ask("get", kind, "-o", "name").stdout.splitlines()) == len(given)
    assert len(ask("get", kind).stdout.splitlines()) == len(given) + 1


def test_names_choose_and_a_wrong_one_is_explained(ask):
    assert len(json.loads(ask("get", "services", "shop", "-o", "json").stdout)) == 1
    assert ask("get", "servers", "shop/shop-2", "-o", "name").stdout == "shop/shop-2\n"
    result = ask("get", "services", "shp")
    assert result.returncode == 1
    assert "no service is named 'shp'" in result.stderr
    assert "did you mean 'shop'?" in result.stderr


def test_service_chooses_and_a_wrong_one_is_explained(ask):
    assert "shop-2" in ask("get", "replicas", "--service", "shop").stdout
    empty = ask("get", "servers", "--service", "cart")
    assert (empty.returncode, empty.stdout, empty.stderr) == (0, "", "no servers\n")
    assert ask("get", "servers", "--service", "cart", "-q").stderr == ""
    assert ask("get", "servers", "--service", "cart", "-o", "json").stdout == "[]\n"
    wrong = ask("get", "servers", "--service", "shopp")
    assert wrong.returncode == 1 and "did you mean 'shop'?" in wrong.stderr


def test_a_unix_socket_and_the_environment_name_the_place(admin, cli):
    expected = ["shop", "cart"]
    for words, env in [
        (["--socket", admin.socket], {}), (["--admin", f"unix:{admin.socket}"], {}),
        ([], {"BALLAST_ADMIN": f"unix:{admin.socket}"}), ([], {"BALLAST_ADMIN": admin.url}),
        (["--admin", admin.url.removeprefix("http://")], {"BALLAST_ADMIN": "unix:/nowhere"}),
    ]:
        for line in [["get", "services", "-o", "name", *words], [*words, "get", "services", "-oname"]]:
            assert cli(*line, env=env).stdout.split() == expected


def test_a_proxy_of_the_environment_is_not_used(ask):
    proxy = {"http_proxy": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}
    assert ask("get", "services", env=proxy).returncode == 0


def test_control_characters_cannot_reach_the_terminal(ask, admin):
    admin.state.faults[0]["cause"] = "a\x1b[31mb\nc\u009bd"
    line = ask("get", "faults").stdout
    assert "\x1b" not in line and "a\\x1b[31mb\\nc\\x9bd" in line


def test_something_else_behind_the_address_is_a_plain_error(ask, admin):
    admin.state.services = {"not": "a list"}
    result = ask("get", "services")
    assert result.returncode == 1 and "is it Ballast?" in result.stderr


# Answers that no Ballast would give


class Raw:
    """Answers every connection with the same bytes; `piece` is repeated until the other side leaves."""

    def __init__(self, head, piece=b""):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.socket.getsockname()[1]
        self.head, self.piece = head, piece
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65536)
                    connection.sendall(self.head)
                    while self.piece:
                        connection.sendall(self.piece)
                except OSError:
                    pass


JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


@pytest.mark.parametrize("head, piece, status, words", [
    (b"", b"", 4, "closed without an answer"),
    (b"SSH-2.0-OpenSSH_9.2\r\n", b"", 4, "does not speak HTTP"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[]", b"", 4, "ended in mid-answer"),
    (JSON_HEAD, b"[" * 65536, 1, "over 16777216 bytes"),
    (b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 1000 + b"\r\n", 1, "over 65536 bytes"),
    (JSON_HEAD + b"[" * 100_000, b"", 1, "is no list"),
    (JSON_HEAD + b"[{}]", b"", 1, "is not understood"),
    (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", b"", 1,
     "answered 302"),
    (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\noops", b"", 1, "answered 502"),
])
def test_a_broken_answer_is_a_plain_error(cli, head, piece, status, words):
    raw = Raw(head, piece)
    result = cli("get", "services", "--admin", raw.url)
    raw.socket.close()
    assert (result.returncode, result.stdout) == (status, ""), result.stderr
    assert words in result.stderr and len(result.stderr) < 2000


def test_an_endless_line_in_a_log_is_a_plain_error(cli):
    raw = Raw(JSON_HEAD, b"x" * 65536)
    result = cli("logs", "shop", "--admin", raw.url)
    raw.socket.close()
    assert result.returncode == 1 and "line of the answer is over" in result.stderr


# Colour


def test_colour_only_on_a_terminal_and_not_with_no_color(admin, ballast_binary):
    command = [ballast_binary, "get", "services", "--admin", admin.url]
    terminal = environment(TERM="xterm")
    assert "\x1b[32mup\x1b[0m" in on_terminal(command, terminal)
    assert "\x1b[" not in on_terminal(command, terminal | {"NO_COLOR": "1"})
    assert "\x1b[" not in on_terminal(command + ["--no-color"], terminal)
    assert "\x1b[" not in on_terminal(command, terminal | {"TERM": "dumb"})


# One thing


def test_describe_a_service_shows_all_that_belongs_to_it(ask, admin):
    text = ask("describe", "service", "shop").stdout
    for word in ["Service:", "least-connections", "Servers", "Replicas", "Routes", "Faults",
                 "Recent events", "killed by signal 9", "event number 2"]:
        assert word in text
    value = json.loads(ask("describe", "service", "shop", "-o", "json").stdout)
    assert value["service"] == admin.state.services[0] and len(value["servers"]) == 2


@pytest.mark.parametrize("kind, name, words", [
    ("server", "shop/shop-2", ["unhealthy", "Weight:", "Last check:"]),
    ("replica", "shop-1", ["ready", "Process:", "100", "event number 1"]),
    ("listener", "web", ["0.0.0.0:8080", "7 open", "pages"]),
    ("route", "pages", ["any", "/*", "shop"]),
    ("fault", "1", ["replica-exited", "Resolved:", "after 10s", "started it again"]),
    ("fault", "2", ["crash-loop", "not yet"]),
])
def test_describe_each_kind(ask, kind, name, words):
    text = ask("describe", kind, name).stdout
    for word in words:
        assert word in text, text
    value = yaml.safe_load(ask("describe", kind, name, "-o", "yaml").stdout)
    assert kind in value


def test_describe_something_unknown_suggests(ask):
    for kind, wrong, right in [("service", "shpo", "shop"), ("replica", "shop1", "shop-1"),
                               ("server", "shop/shop1", "shop/shop-1"), ("listener", "wev", "web")]:
        result = ask("describe", kind, wrong)
        assert result.returncode == 1 and f"did you mean '{right}'?" in result.stderr


# Changes


@pytest.mark.parametrize("command, state", [
    ("drain", "draining"), ("ready", "ready"), ("maintain", "maintenance")])
def test_a_server_changes_its_state(ask, admin, command, state):
    result = ask(command, "shop/shop-1")
    assert result.stdout == f"shop/shop-1: {state}, weight 1, healthy\n"
    assert admin.state.calls[-1] == ("PUT", "/v1/servers/shop/shop-1", {"state": state})


def test_a_weight_changes_alone(ask, admin):
    value = json.loads(ask("weight", "shop/shop-2", "9", "-o", "json").stdout)
    assert value["weight"] == 9
    assert admin.state.calls[-1] == ("PUT", "/v1/servers/shop/shop-2", {"weight": 9})


def test_an_unknown_server_suggests(ask):
    result = ask("drain", "shop/shop-11")
    assert result.returncode == 1 and "did you mean 'shop/shop-1'?" in result.stderr


def grow(state):
    """A replica more at each look."""
    counts = state.services[0]["replicas"]
    if counts["ready"] < counts["desired"]:
        counts["running"] += 1
        counts["ready"] += 1


def test_scale_waits_until_all_are_ready(ask, admin):
    admin.state.after_scale = grow
    result = ask("scale", "shop", "4")
    assert result.returncode == 0 and result.stdout == "shop: 4/4 replicas ready\n"
    assert "shop: 3/4 replicas ready" in result.stderr
    assert ("POST", "/v1/services/shop/scale", {"replicas": 4}) in admin.state.calls


def test_scale_shows_a_bar_on_a_terminal(admin, ballast_binary):
    admin.state.after_scale = grow
    text = on_terminal(
        [ballast_binary, "scale", "shop", "4", "--admin", admin.url], environment(TERM="xterm"))
    assert "\r[###############-----] shop: 3/4 replicas ready" in text
    assert text.endswith("\r\x1b[Kshop: 4/4 replicas ready\r\n")


def test_scale_without_waiting_returns_at_once(ask):
    result = ask("scale", "shop", "4", "--no-wait")
    assert (result.returncode, result.stdout) == (0, "shop: 2/4 replicas ready\n")


def test_scale_of_a_crash_loop_fails_with_the_last_lines(ask, admin):
    admin.state.replicas.append(replica("shop-3", state="crash-loop", pid=None))
    result = ask("scale", "shop", "3")
    assert result.returncode == 1 and result.stdout == ""
    assert "last lines of shop-3:" in result.stderr and "shop-2 | going down" in result.stderr
    assert "replica shop-3 ends again and again" in result.stderr


def test_scale_gives_up_after_its_timeout(ask):
    result = ask("scale", "shop", "3", "--timeout", "300ms")
    assert result.returncode == 1 and "is not there after 300ms" in result.stderr


def test_scale_of_a_service_that_ballast_does_not_run_is_refused(ask):
    result = ask("scale", "cart", "3")
    assert result.returncode == 1 and "cart is not run by Ballast" in result.stderr


def test_restart_waits_until_every_process_is_new(ask, admin):
    def renew(state):
        old = [one for one in state.replicas if one["pid"] < 200]
        if len([call for call in state.calls if call[0] == "POST"]) and old:
            old[0]["pid"] += 100

    admin.state.after_scale = renew
    result = ask("restart", "shop")
    assert result.returncode == 0 and result.stdout == "shop: 2/2 replicas restarted\n"


# Streams


def test_events_follow_shows_each_once_in_order_also_over_a_lost_stream(admin, ballast_binary):
    admin.state.stream = [event(2), event(4)]
    admin.state.events.append(event(3, service="cart"))
    process = subprocess.Popen(
        [ballast_binary, "events", "-f", "-o", "json", "--admin", admin.url], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, env=environment())
    seen = [json.loads(process.stdout.readline())["id"] for _ in range(4)]
    # The stream has ended; the next one brings what happened meanwhile.
    with admin.state.lock:
        admin.state.stream = [event(4), event(6)]
        admin.state.events += [event(4), event(5)]
    seen += [json.loads(process.stdout.readline())["id"] for _ in range(2)]
    process.terminate()
    process.wait(timeout=20)
    process.stdout.close()
    assert seen == [1, 2, 3, 4, 5, 6]


def test_events_follow_of_one_service_leaves_the_others_out(admin, ballast_binary):
    admin.state.stream = [event(5, service="cart"), event(6, service=None), event(7)]
    process = subprocess.Popen(
        [ballast_binary, "events", "-f", "--service", "shop", "--admin", admin.url],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment())
    lines = [process.stdout.readline() for _ in range(4)]
    process.terminate()
    process.wait(timeout=20)
    process.stdout.close()
    assert [line.split()[-1] for line in lines] == ["EVENT", "1", "2", "7"]
    assert lines[0].index("TYPE") == lines[1].index("replica-started")


def test_logs_print_lines_as_they_are(ask, admin):
    result = ask("logs", "shop", "-n", "20", "--replica", "shop-1")
    assert result.stdout == "shop-1 | hello\nshop-2 | going down\n"
    assert admin.state.calls[-1][1] == "/v1/services/shop/logs?replica=shop-1&lines=20"


def test_logs_of_an_unknown_replica_suggest(ask):
    result = ask("logs", "shop", "--replica", "shop1")
    assert result.returncode == 1 and "did you mean 'shop-1'?" in result.stderr


def test_watch_in_a_pipe_prints_only_what_changed(admin, ballast_binary):
    process = subprocess.Popen(
        [ballast_binary, "get", "servers", "-w", "--admin", admin.url], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, env=environment())
    first = [process.stdout.readline() for _ in range(3)]
    with admin.state.lock:
        admin.state.servers[0]["requestsPerSecond"] = 99
        admin.state.servers[1]["health"] = "healthy"
    changed = process.stdout.readline()
    process.terminate()
    process.wait(timeout=20)
    process.stdout.close()
    assert first[0].startswith("SERVER")
    assert changed.startswith("shop/shop-2") and " healthy" in changed


def test_watch_on_a_terminal_paints_anew(admin, ballast_binary):
    text = on_terminal(
        [ballast_binary, "get", "services", "-w", "--admin", admin.url], environment(TERM="xterm"),
        until=b"\x1b[J")
    assert text.startswith("\x1b[2J\x1b[H") and "shop" in text


# The running configuration


def test_config_get_prints_text_or_one_value(ask, admin):
    assert ask("config", "get").stdout == admin.state.text
    assert ask("config", "get", "services.shop.balance").stdout == "round-robin\n"
    assert json.loads(ask("config", "get", "-o", "json").stdout)["topologyVersion"] == 7


def test_config_set_then_save(ask, admin):
    result = ask("config", "set", "services.shop.balance", "random")
    assert result.stdout == "set: shop.yaml, topology version 7\n"
    assert "ballast config save" in result.stderr
    assert admin.state.calls[-1][2] == {"path": "services.shop.balance", "value": "random"}
    assert ask("config", "save").stderr == ""
    assert ask("config", "reload").stdout == "reloaded: shop.yaml, topology version 7\n"


def test_a_refused_configuration_shows_each_line(ask):
    result = ask("config", "set", "services.shop.balance", "wrong")
    assert result.returncode == 1
    assert result.stderr == (
        "error: the configuration is refused\n  shop.yaml:3:5: error: no such balance\n"
        "    balance: wrong\n             ^~~~~\n")


# Completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_is_valid(cli, shell):
    script = cli("completion", shell)
    assert script.returncode == 0
    if subprocess.run(["which", shell], capture_output=True).returncode:
        pytest.skip(f"no {shell} here")
    checked = subprocess.run([shell, "-n"], input=script.stdout, text=True, capture_output=True)
    assert (checked.returncode, checked.stderr) == (0, "")


def complete(words, admin, ballast_binary):
    """What bash offers for the last of the words."""
    script = f"""
    source <({ballast_binary} completion bash)
    COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}
    _ballast; printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    path = os.path.dirname(ballast_binary) + ":" + os.environ["PATH"]
    result = subprocess.run(
        ["bash", "-c", script], text=True, capture_output=True, timeout=20,
        env=environment(PATH=path, BALLAST_ADMIN=admin.url))
    assert result.stderr == ""
    return result.stdout.split()


@pytest.mark.parametrize("words, offered", [
    (["ballast", "des"], ["describe"]),
    (["ballast", "get", "serv"], ["services", "servers"]),
    (["ballast", "config", ""], ["get", "set", "save", "reload", "history", "diff", "rollback"]),
    (["ballast", "drain", "shop/"], ["shop/shop-1", "shop/shop-2"]),
    (["ballast", "get", "listeners", ""], ["web"]),
    (["ballast", "get", "-o", "js"], ["json"]),
    (["ballast", "scale", "--no"], ["--no-wait", "--no-color"]),
    (["ballast", "-q", "logs", ""], ["shop", "cart"]),
])
def test_bash_offers_what_fits(admin, ballast_binary, words, offered):
    assert complete(words, admin, ballast_binary) == offered
