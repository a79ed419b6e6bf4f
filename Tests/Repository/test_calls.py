"""Calls that are refused, each with the reason."""

import re

import pytest
from Repository.manifest import PURE
from Repository.tree import HERE, blank, code, files, lines_with, refuse, swift_sources, target_of, text

# A free function of the C library: neither a method (`.open(`) nor a declaration (`func open(`, `case time(`).
def _function(*names: str) -> str:
    return rf"(?<![\w.`])(?<!func )(?<!case )(?:{'|'.join(names)})\("


# Layers 0 to 2 decide. All that they decide from comes in as an argument; only so can the same
# decision run in a test, and later in the simulator, under a seed.
PURE_RULES = {
    "a clock of its own; take `now: Instant` as an argument": (
        r"\b(ContinuousClock|SuspendingClock|DispatchTime|CFAbsoluteTimeGetCurrent)\b|\bDate\(|"
        + _function("clock_gettime", "gettimeofday", "time", "nanosleep", "usleep")
    ),
    "a socket or a descriptor; return an action and let the driver do it": _function(
        "socket", "connect", "accept4?", "bind", "listen", "recv(?:from|msg)?", "send(?:to|msg)?",
        "epoll_\\w+", "poll", "select", "getaddrinfo", "ioctl", "fcntl",
    ),
    "a file; take its bytes as an argument": (
        _function("open", "openat", "fopen", "stat", "unlink", "rename", "mkdir", "opendir", "getenv")
        + r"|\b(FileManager|FileHandle|ProcessInfo|CommandLine)\b"
    ),
    "a task or a thread; the caller decides where work runs": (
        r"\bTask\s*(?:\.\w+\s*)?(?:\([^)]*\)\s*)?\{|\bTaskGroup\b|\bawait\b|\basync\b|\bactor\s+\w+"
        r"|\bThread\b|\bpthread_\w+|\bDispatchQueue\b"
    ),
    "a lock; nothing here is shared between threads": (
        r"\b(Mutex|NSLock|NSRecursiveLock|DispatchSemaphore|Atomic|ManagedAtomic|os_unfair_lock)\b"
    ),
    "a log of its own; return an event": _function("print", "debugPrint", "dump", "fputs", "puts")
    + r"|\bLogger\b",
    "unseeded randomness; take `using: inout SeededRandom`": (
        r"\bSystemRandomNumberGenerator\b|\.(?:random|randomElement|shuffled?)\((?![^)]*using:)|"
        + _function("getrandom", "rand", "arc4random\\w*")
    ),
    "a mutable global; keep state in the machine": (
        r"^(?:(?:public|package|internal|private|fileprivate)\s+)?(?:nonisolated\(unsafe\)\s+)?var\s"
    ),
}

# Everywhere in the product.
PRODUCT_RULES = {
    "ends the process; throw, or answer with an error": r"(?<!func )\bfatalError\(",
    "traps on an error; handle it": r"\btry!",
    "traps on another type; use `as?`": r"\bas!",
    "shared mutable state that the compiler cannot check": r"\bnonisolated\(unsafe\)\s+(?:static\s+)?var\b",
}


# One line a rule that it must find, and one that it must leave.
EXAMPLES = [
    ("let a = ContinuousClock.now", "let clockwise = now.advanced(by: span)"),
    ("let s = socket(AF_INET, 1, 0)", "machine.socket(opened: 1)"),
    ("let f = open(path, 0)", "open class A {}"),
    ("Task { run() }", "let task = Task.identifier"),
    ("let m = Mutex(0)", "let lockStep = 1"),
    ("print(text)", "blueprint(text)"),
    ("let a = servers.randomElement()", "let a = servers.randomElement(using: &random)"),
    ("public var count = 0", "  public var count = 0"),
]


@pytest.mark.parametrize("reason, example", zip(PURE_RULES, EXAMPLES, strict=True))
def test_a_rule_finds_what_it_is_for(reason, example):
    bad, good = example
    assert re.search(PURE_RULES[reason], bad) and not re.search(PURE_RULES[reason], good)


@pytest.mark.parametrize("reason", PURE_RULES)
def test_a_pure_layer_has_no(reason):
    names = [name for name in swift_sources() if target_of(name) in PURE]
    refuse(lines_with(PURE_RULES[reason], names, read=code), f"layers 0 to 2 are pure; this is {reason}")


@pytest.mark.parametrize("reason", PRODUCT_RULES)
def test_the_product_has_no_call_that(reason):
    refuse(lines_with(PRODUCT_RULES[reason], swift_sources(), read=code), f"refused in Sources: {reason}")


def test_bounds_checks_stay_on():
    names = [name for name in files() if not name.endswith(".md") and not name.startswith(HERE)]
    refuse(lines_with(r"-Ounchecked\b", names), "input from the network must never run without checks")


@pytest.mark.parametrize(
    "source, expected",
    [
        ('let a = "socket(1)" // open(2)', []),
        ('let a = "x \\(open("b")) y"', ["open("]),
        ('let a = #"\\(open(1)) " open(2)"#', []),
        ('/* a /* open( */ open( */ open(', ["open("]),
        ('let a = """\n  say "open(1)"\n  """\nopen(2)', ["open("]),
        ("self.open(1); func open(a) {}", []),
    ],
)
def test_strings_and_comments_are_told_from_code(source, expected):
    assert re.findall(_function("open"), blank(source)) == expected
    assert blank(source).count("\n") == source.count("\n")


def test_the_rules_have_something_to_look_at():
    assert len(swift_sources()) > 20 and all(text(name) for name in swift_sources())
