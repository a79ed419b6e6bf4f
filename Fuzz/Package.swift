// swift-tools-version: 6.2
import PackageDescription

// A package of its own: everything in it, with the parsers themselves, is built for libFuzzer and
// the address sanitizer. `Ballast` is a link to the sources of the product.
let instrumented: [SwiftSetting] = [
  .unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library", "-O"]),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableExperimentalFeature("Lifetimes"),
]

func product(_ name: String, _ dependencies: String...) -> Target {
  .target(
    name: name, dependencies: dependencies.map { .init(stringLiteral: $0) },
    path: "Ballast/\(name)", swiftSettings: instrumented, linkerSettings: [.linkedLibrary("m")])
}

func fuzz(_ name: String, _ dependencies: String...) -> Target {
  .executableTarget(
    name: name, dependencies: ["LibFuzzer"] + dependencies.map { .init(stringLiteral: $0) },
    swiftSettings: instrumented,
    linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])])
}

let package = Package(
  name: "fuzz",
  targets: [
    .systemLibrary(name: "CYAML", path: "Ballast/CYAML", pkgConfig: "yaml-0.1"),
    .systemLibrary(name: "CNghttp2", path: "Ballast/CNghttp2", pkgConfig: "libnghttp2"),
    product("Primitives"),
    product("Telemetry", "Primitives"),
    product("Tracing", "Primitives", "Telemetry"),
    product("Wire", "Primitives"),
    product("HTTP2", "Primitives", "Wire", "CNghttp2"),
    product("Routing", "Primitives", "Wire"),
    product("Topology", "Primitives", "Wire", "Routing"),
    product("Balancing", "Primitives", "Topology"),
    product("Proxying", "Primitives", "Routing", "Topology", "Tracing", "Wire", "Balancing"),
    product("Deployment", "Primitives"),
    product("Messaging", "Primitives", "Telemetry"),
    product("Alerting", "Primitives", "Telemetry"),
    product("Scaling", "Primitives"),
    product("Faults", "Primitives"),
    product(
      "Configuration", "Primitives", "Wire", "Routing", "Topology", "Deployment", "Scaling",
      "Alerting", "Faults", "Tracing", "CYAML"),
    .target(name: "LibFuzzer"),
    fuzz("FuzzConfiguration", "Configuration"),
    fuzz("FuzzRequest", "Primitives", "Topology", "Wire", "Proxying"),
    fuzz("FuzzResponse", "Primitives", "Wire", "Proxying"),
    fuzz("FuzzBody", "Wire"),
    fuzz("FuzzRoutes", "Primitives", "Wire", "Routing"),
    fuzz("FuzzProxyHeader", "Primitives", "Wire"),
    fuzz("FuzzClientHello", "Wire"),
    fuzz("FuzzFrames", "Primitives", "Wire", "HTTP2"),
    fuzz("FuzzFields", "Primitives", "Wire", "HTTP2"),
    fuzz("FuzzMessaging", "Messaging"),
    fuzz("FuzzExchange", "Primitives", "Topology", "Balancing", "Proxying"),
    fuzz("FuzzTraces", "Primitives", "Tracing"),
  ]
)
