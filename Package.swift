// swift-tools-version: 6.2
import PackageDescription

/// Held from the first day: warnings are errors, unsafe code is marked, imports say what they leak.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableExperimentalFeature("Lifetimes"),
]

func target(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: Target.Dependency...) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + dependencies,
    swiftSettings: strict)
}

func library(_ name: String, package: String, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: package, providers: [.apt([apt])])
}

let package = Package(
  name: "ballast",
  products: [.executable(name: "ballast", targets: ["ballast"])],
  targets: [
    // C: thin shims and system libraries.
    .target(name: "CLinux"),
    .target(name: "CDashboard", exclude: ["page"]),
    library("CYAML", package: "yaml-0.1", apt: "libyaml-dev"),
    library("CSQLite", package: "sqlite3", apt: "libsqlite3-dev"),
    library("CCurl", package: "libcurl", apt: "libcurl4-openssl-dev"),
    library("CCrypto", package: "libcrypto", apt: "libssl-dev"),
    library("CSSL", package: "libssl", apt: "libssl-dev"),
    library("CZlib", package: "zlib", apt: "zlib1g-dev"),
    library("CBrotli", package: "libbrotlienc", apt: "libbrotli-dev"),
    library("CNghttp2", package: "libnghttp2", apt: "libnghttp2-dev"),
    library("CZstd", package: "libzstd", apt: "libzstd-dev"),

    // Layer 0, values: no I/O.
    .target(
      name: "Primitives", swiftSettings: strict,
      linkerSettings: [.linkedLibrary("m")]),
    target("Telemetry", "Primitives"),

    // Layer 1, decisions: pure.
    target("Wire", "Primitives"),
    target("HTTP2", "Primitives", "Wire", "CNghttp2"),
    target("Tracing", "Primitives", "Telemetry"),
    target("Routing", "Primitives", "Wire"),
    target("Topology", "Primitives", "Wire", "Routing"),
    target(
      "Configuration", "Primitives", "Wire", "Routing", "Topology", "Deployment", "Scaling",
      "Alerting", "Faults", "Tracing", "CYAML"),
    target("Balancing", "Primitives", "Topology"),
    target("Guarding", "Primitives"),
    target("Compression", "Topology", "Wire", "CZlib", "CBrotli", "CZstd"),
    target("HealthChecking", "Primitives"),
    target("Deployment", "Primitives"),
    target("Scaling", "Primitives"),
    target("Failover", "Primitives"),
    target("Certificates", "Primitives"),
    target("Faults", "Primitives"),
    target("Messaging", "Primitives", "Telemetry"),
    target("Drills", "Primitives"),
    target("Audit", "Primitives"),
    target("Alerting", "Primitives", "Telemetry"),
    target("AdminAPI", "Primitives", "Faults"),
    target("Accounts", "Primitives", "AdminAPI"),
    target(
      "Planning", "Primitives", "Topology", "Configuration", "Deployment", "Balancing",
      "AdminAPI"),

    // Layer 2, the exchange: pure as well.
    target("Proxying", "Primitives", "Routing", "Topology", "Tracing", "Wire", "Balancing"),

    // Layer 3, effects: only here do things happen.
    target("EventLoop", "Primitives", "CLinux"),
    target("TLS", "Primitives", "CSSL"),
    target(
      "Store", "Primitives", "Faults", "AdminAPI", "Accounts", "Audit", "Alerting", "CSQLite",
      "CCrypto"),
    target("Supervision", "Primitives", "CLinux"),
    target("Outbound", "CCurl"),
    target("Containers", "EventLoop", "Supervision", "Outbound", "CLinux"),
    target("Keeper", "Primitives", "Supervision", "CLinux"),
    target(
      "Engine", "Primitives", "Telemetry", "Topology", "Configuration", "Wire", "HTTP2", "Routing",
      "Balancing", "Guarding", "Compression", "HealthChecking", "Deployment", "Scaling", "Failover",
      "Faults", "Alerting", "Drills", "Audit", "Messaging", "Tracing",
      "Certificates", "TLS", "Proxying", "EventLoop", "Store", "Supervision", "Outbound",
      "Containers", "AdminAPI", "Accounts", "Planning", "CLinux",
      "CDashboard", "CCrypto"),

    // The same decisions under a virtual clock.
    target(
      "Simulation", "Primitives", "Telemetry", "Topology", "Configuration", "Balancing",
      "HealthChecking", "Failover", "Scaling", "Proxying"),

    // The program: parses and calls.
    .executableTarget(
      name: "ballast",
      dependencies: [
        "Primitives", "Configuration", "Faults", "Audit", "AdminAPI", "Store", "Keeper", "Engine",
        "Outbound", "Containers", "Simulation", "Planning",
      ],
      swiftSettings: strict),

    tests("Primitives"), tests("Telemetry", "Primitives"), tests("Tracing", "Primitives"),
    tests(
      "Configuration", "Primitives", "Routing", "Topology", "Deployment", "Scaling", "Alerting",
      "Faults", "Tracing"),
    tests("Wire", "Primitives"), tests("HTTP2", "Primitives", "Wire"),
    tests("Routing", "Primitives", "Wire"),
    tests("Topology", "Primitives"), tests("Balancing", "Topology", "Primitives"),
    tests("Guarding", "Primitives"),
    tests("Compression", "Topology", "Wire", "Primitives", "CZlib", "CZstd"),
    tests("HealthChecking", "Primitives"),
    tests("Deployment", "Primitives"), tests("Scaling", "Primitives"),
    tests("Failover", "Primitives"),
    tests("Certificates", "Primitives"),
    tests("Accounts", "AdminAPI", "Primitives"),
    tests("Faults", "Primitives"), tests("Alerting", "Primitives", "CCrypto"),
    tests("Drills", "Primitives"),
    tests("Audit", "Primitives"),
    tests("Messaging", "Primitives"),
    tests("Planning", "Primitives", "Topology", "Configuration", "Balancing", "AdminAPI"),
    tests(
      "Simulation", "Primitives", "Telemetry", "Topology", "Configuration", "Balancing",
      "HealthChecking", "Failover", "Scaling"),
    tests("Proxying", "Routing", "Topology", "Tracing", "Wire", "Balancing", "Primitives"),
    tests("EventLoop", "Primitives", "CLinux"),
    tests("TLS", "Primitives", "CSSL"),
    tests("Store", "Faults", "AdminAPI", "Accounts", "Audit", "Alerting", "Primitives"),
    tests("Supervision", "Keeper", "Primitives"),
    tests(
      "Engine", "AdminAPI", "Audit", "Configuration", "Faults", "HealthChecking", "Routing",
      "Telemetry",
      "Topology", "Wire", "Primitives", "Balancing", "Failover", "Outbound", "Supervision",
      "Proxying", "TLS", "Accounts", "Tracing", "Store", "CLinux"),
    tests("Containers", "Supervision", "EventLoop", "Primitives", "CLinux"),
    tests("ballast", "AdminAPI", "Primitives"),
  ]
)
