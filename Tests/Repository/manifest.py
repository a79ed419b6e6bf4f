"""The layers, and what Package.swift says of the targets."""

import functools
import re

from Repository.tree import text

LAYERS = {
    0: ("Primitives", "Telemetry"),
    1: (
        "Topology", "Configuration", "Wire", "HTTP2", "Tracing", "Routing", "Balancing", "Guarding", "Compression", "HealthChecking",
        "Deployment", "Scaling", "Failover", "Certificates", "Faults", "Alerting", "Messaging", "Drills", "Audit", "AdminAPI", "Accounts", "Planning",
    ),
    2: ("Proxying",),
    3: ("EventLoop", "TLS", "Store", "Supervision", "Outbound", "Containers", "Keeper", "Engine"),
    4: ("Simulation", "ballast"),
}
LAYER_OF = {target: layer for layer, targets in LAYERS.items() for target in targets}
PURE = {target for target, layer in LAYER_OF.items() if layer <= 2} | {"Simulation"}

# C libraries and the only targets that may reach them.
LIBRARIES = {
    "CLinux": set(LAYERS[3]),
    "CDashboard": {"Engine"},
    "CYAML": {"Configuration"},
    "CSQLite": {"Store"},
    "CCurl": {"Outbound"},
    "CCrypto": {"Engine", "Store"},
    "CSSL": {"TLS"},
    "CZlib": {"Compression"},
    "CBrotli": {"Compression"},
    "CZstd": {"Compression"},
    "CNghttp2": {"HTTP2"},
}

# Modules of the toolchain and the only targets that may import them, with the reason.
MATHEMATICS = {"Primitives", "Telemetry"}
EFFECTS = (set(LAYERS[3]) | set(LAYERS[4])) - PURE
TOOLCHAIN = {
    "Glibc": (EFFECTS | MATHEMATICS, "the system is reached from layer 3 only"),
    "Synchronization": (EFFECTS, "locks and atomics belong to layer 3"),
    "Dispatch": (set(), "the event loop and Swift concurrency are the only schedulers"),
    "FoundationEssentials": (
        {"Supervision", "Store", "Containers", "Engine", "ballast"},
        "only where JSON is coded: it is large, and slow on bytes",
    ),
}

_IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)",
    re.MULTILINE,
)


def imports(source: str) -> set[str]:
    return set(_IMPORT.findall(source))


@functools.cache
def dependencies() -> dict[str, tuple[str, ...]]:
    """Every target of the manifest but the tests, with the targets that it depends on."""
    manifest = re.sub(r"//[^\n]*", "", text("Package.swift"))
    body = manifest[manifest.index("targets: [", manifest.index("let package")) :]
    found = {}
    short = re.compile(r'(?<![\w.])target\(\s*"(\w+)"((?:\s*,\s*"\w+")*)\s*\)')
    for name, rest in short.findall(body):
        found[name] = tuple(re.findall(r'"(\w+)"', rest))
    for name in re.findall(r'(?<!\w)library\(\s*"(\w+)"', body):
        found[name] = ()
    long = re.compile(r'\.(?:target|executableTarget)\(\s*name:\s*"(\w+)"(\s*,\s*dependencies:\s*\[([^\]]*)\])?')
    for name, _, rest in long.findall(body):
        found[name] = tuple(re.findall(r'"(\w+)"', rest))
    return found
