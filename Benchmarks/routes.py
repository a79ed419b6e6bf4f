"""What a request costs when there are 1,000 routes or 10,000 hosts: Ballast against itself with one route, and HAProxy
and nginx in the ways that they have for it."""

import pathlib
import shutil

from Benchmarks import load, page, proxies
from Benchmarks.load import Sample, Scenario
from Benchmarks.proxies import HAPROXY_JOB, NGINX_JOB, Proxy
from Benchmarks.report import median

PATHS, HOSTS = 1_000, 10_000

# The load is the same for one route and for many; only the configuration differs.
SCENARIOS = {
    "paths": Scenario(f"{PATHS:,} routes by path, 64 connections", "/", 64, "many.lua", ("paths", str(PATHS))),
    "hosts": Scenario(f"{HOSTS:,} hosts, 64 connections", "/", 64, "many.lua", ("hosts", str(HOSTS))),
}
NAMES = ["haproxy", "nginx", "ballast-one", "ballast-many"]
Samples = dict[str, dict[str, list[Sample]]]


def hosts() -> list[str]:
    return [f"h{number}.example.com" for number in range(HOSTS)]


def ballast_routes(kind: str) -> str:
    if kind == "one":
        return "routes:\n  - { name: all, service: origin }\n"
    if kind == "paths":
        lines = [f'  - {{ name: r{number}, match: {{ path: "/r{number}/*" }}, service: origin }}\n' for number in range(PATHS)]
    else:
        lines = [f"  - {{ name: h{number}, match: {{ host: {host} }}, service: origin }}\n" for number, host in enumerate(hosts())]
    return "routes:\n" + "".join(lines)


def _ballast(folder: pathlib.Path, port: int, origin: int, binary: str, kind: str, name: str) -> Proxy:
    text = proxies.BALLAST.format(port=port, origin=origin, admin=proxies.free_port(), folder=folder, access="")
    # What no route takes is what the start of the benchmark asks for.
    text = text.replace('web: { address: "127.0.0.1:', 'web: { service: origin, address: "127.0.0.1:')
    file = folder / "ballast.yaml"
    file.write_text(text + ballast_routes(kind))
    return Proxy(name, port, [binary, "run", str(file)], folder)


def _haproxy(folder: pathlib.Path, port: int, origin: int, _: str, kind: str, name: str) -> Proxy:
    table = folder / "table.map"
    if kind == "paths":
        table.write_text("".join(f"/r{number}/ origin\n" for number in range(PATHS)))
        choice = f"    use_backend %[path,map_beg({table},origin)]\n"
    else:
        table.write_text("".join(f"{host} origin\n" for host in hosts()))
        choice = f"    use_backend %[req.hdr(host),host_only,lower,map_str({table},origin)]\n"
    file = folder / "haproxy.cfg"
    file.write_text(proxies.HAPROXY.format(port=port, origin=origin, job=HAPROXY_JOB + choice))
    return Proxy(name, port, ["haproxy", "-db", "-f", str(file)], folder)


def _nginx(folder: pathlib.Path, port: int, origin: int, _: str, kind: str, name: str) -> Proxy:
    text = proxies.nginx_text(folder, port, origin, NGINX_JOB)
    begin, end = text.index("        location / {"), text.rindex("    }\n}")
    location = text[begin:end]
    if kind == "paths":
        more = "".join(location.replace("location / {", f"location /r{number}/ {{") for number in range(PATHS))
        text = text[:end] + more + text[end:]
    else:
        names = f"    server {{\n        listen 127.0.0.1:{port};\n        server_name {' '.join(hosts())};\n{location}    }}\n"
        sizes = "    server_names_hash_max_size 65536;\n    server_names_hash_bucket_size 128;\n"
        last = text.rindex("}")
        text = text[:last] + names + sizes + text[last:]
    file = folder / "nginx.conf"
    file.write_text(text)
    return Proxy(name, port, ["nginx", "-c", str(file), "-p", str(folder)], folder)


def make(name: str, kind: str, folder: pathlib.Path, origin: int, binary: str) -> Proxy:
    own = folder / f"{kind}-{name}"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(parents=True)
    maker = {"haproxy": _haproxy, "nginx": _nginx}.get(name, _ballast)
    return maker(own, proxies.free_port(), origin, binary, "one" if name == "ballast-one" else kind, name)


def measure(folder: pathlib.Path, origin: int, binary: str, rounds: int, seconds: int, tell) -> Samples:
    samples: Samples = {}
    for kind, scenario in SCENARIOS.items():
        running: list[Proxy] = []
        found: dict[str, list[Sample]] = {name: [] for name in NAMES}
        try:
            for name in NAMES:
                proxy = make(name, kind, folder, origin, binary)
                running.append(proxy)
                proxy.start()
            for number in range(rounds):
                turn = number % len(running)
                for proxy in running[turn:] + running[:turn]:
                    tell(f"round {number + 1}/{rounds}: {scenario.name}: {proxy.name}")
                    found[proxy.name].append(load.run(proxy, scenario, seconds))
        finally:
            for proxy in running:
                proxy.stop()
        samples[kind] = found
    return samples


def tables(samples: Samples) -> str:
    parts = []
    for kind, by_proxy in samples.items():
        medians = {name: median(found) for name, found in by_proxy.items() if found}
        one = medians["ballast-one"].cpu
        rows = [["proxy", "CPU a request", "of Ballast with one route", "p99", "core busy", "failed"]]
        for name, found in medians.items():
            rows.append([name, f"{found.cpu:.1f} µs", f"{found.cpu / one:.2f}", f"{found.p99 * 1e3:.2f} ms", f"{found.busy:.0%}", str(found.failed)])
        parts.append(f"### {SCENARIOS[kind].name}\n\n{page.markdown(rows)}\n")
    return "\n".join(parts)
