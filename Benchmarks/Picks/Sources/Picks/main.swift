import Glibc
import Topology

// What a pick costs with 1,000 servers: `--json` prints an array. Exits 1 when a bound is broken.

let equal: @Sendable (Int) -> Int = { _ in 1 }
let unequal: @Sendable (Int) -> Int = { 1 + $0 % 7 }

func hash(_ method: HashPolicy.Method, bound: Double? = nil) -> BalanceAlgorithm {
  .hash(HashPolicy(method: method, boundedLoad: bound))
}

let measurements = [
  Measurement("round-robin", .roundRobin, weight: equal),
  Measurement("round-robin, weighted", .roundRobin, weight: unequal),
  Measurement("random", .random, weight: equal),
  Measurement("random, weighted", .random, weight: unequal),
  Measurement("power-of-two", .powerOfTwo, weight: equal),
  Measurement("power-of-two, weighted", .powerOfTwo, weight: unequal),
  Measurement("least-connections", .leastConnections, weight: unequal),
  Measurement("least-time", .leastTime, weight: equal),
  Measurement("least-time, weighted", .leastTime, weight: unequal),
  Measurement("aggregate-load", .aggregateLoad, weight: unequal),
  Measurement("first", .first, weight: unequal),
  Measurement("hash, ring", hash(.ring), weight: unequal),
  Measurement("hash, maglev", hash(.maglev), weight: unequal),
  Measurement("hash, rendezvous", hash(.rendezvous), weight: unequal),
  Measurement("hash, maglev, bounded", hash(.maglev, bound: 1.25), weight: unequal),
]

func padded(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}

func rounded(_ value: Double, _ places: Double) -> Double { (value * places).rounded() / places }

if CommandLine.arguments.contains("--json") {
  let rows = measurements.map { one in
    """
      {"algorithm": "\(one.name)", "pickNanoseconds": \(rounded(one.pick, 10)), \
    "ejectedPickNanoseconds": \(rounded(one.pickAmongEjected, 10)), \
    "requestNanoseconds": \(rounded(one.request, 10)), "allocationsPerPick": \(one.allocations), \
    "reweighMilliseconds": \(rounded(one.reweigh, 1000)), \
    "removeMilliseconds": \(rounded(one.remove, 1000))}
    """
  }
  print("[\n" + rows.joined(separator: ",\n") + "\n]")
} else {
  let titles = ["pick ns", "10% out", "request ns", "allocs", "reweigh ms", "remove ms"]
  print(padded("", 24) + titles.map { padded($0, 12) }.joined())
  for one in measurements {
    let cells = [
      "\(rounded(one.pick, 10))", "\(rounded(one.pickAmongEjected, 10))",
      "\(rounded(one.request, 10))", "\(one.allocations)", "\(rounded(one.reweigh, 1000))",
      "\(rounded(one.remove, 1000))",
    ]
    print(
      one.name + String(repeating: " ", count: max(1, 24 - one.name.count))
        + cells.map { padded($0, 12) }.joined() + (one.isWithinBounds ? "" : "  over its bound"))
  }
}
exit(measurements.allSatisfy(\.isWithinBounds) ? 0 : 1)
