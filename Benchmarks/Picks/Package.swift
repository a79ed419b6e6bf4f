// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that counting allocations never reaches the product. `Ballast` is a link
// to the sources of the product.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableExperimentalFeature("Lifetimes"),
]

func product(_ name: String, _ dependencies: String...) -> Target {
  .target(
    name: name, dependencies: dependencies.map { .init(stringLiteral: $0) },
    path: "Ballast/\(name)", swiftSettings: settings, linkerSettings: [.linkedLibrary("m")])
}

let package = Package(
  name: "picks",
  targets: [
    product("Primitives"),
    product("Topology", "Primitives"),
    product("Balancing", "Primitives", "Topology"),
    .target(name: "Allocations"),
    .executableTarget(
      name: "Picks", dependencies: ["Allocations", "Primitives", "Topology", "Balancing"],
      swiftSettings: settings),
  ]
)
