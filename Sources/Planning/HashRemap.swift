import Balancing
import Primitives
public import Topology

/// How many keys of a hashed service go to another server after a change, found by asking: the
/// balancer itself chooses for a sample of keys before and after.
public enum HashRemap {
  /// Keys asked for: the share is right to within 0.4 % (two standard deviations of the worst case).
  public static let sample = 65_536

  /// - Parameters:
  ///   - after: of the same service, with the servers that there will be; the numbers of servers are
  ///     those of their names, in both.
  /// - Returns: 0 … 1; nil where one of the two hashes nothing, or has nobody to choose.
  public static func share(before: Service, after: Service) -> Double? {
    guard case .hash(let old) = before.algorithm, case .hash(let new) = after.algorithm else {
      return nil
    }
    // Another key is another number for each request: nothing stays but by luck.
    guard let first = homes(before, seed: 1),
      let second = homes(after, seed: old.keys == new.keys ? 1 : 2)
    else { return nil }
    return Double(zip(first, second).count { $0 != $1 }) / Double(sample)
  }

  /// The server of each key; nil when there is none.
  private static func homes(_ service: Service, seed: UInt64) -> [Int]? {
    let count = (service.servers.map(\.id.index).max() ?? -1) + 1
    var loads = [ServerLoad](repeating: ServerLoad(), count: count)
    var balancer = Balancer()
    balancer.adopt(service, limits: Limits(), loads: &loads, now: .zero)
    var (keys, random) = (SeededRandom(seed: seed), SeededRandom(seed: 0))
    var request = Balancer.Request()
    var homes: [Int] = []
    homes.reserveCapacity(sample)
    for _ in 0..<sample {
      request.key = keys.next()
      guard
        case .server(let server) = balancer.choose(
          request, loads: loads, now: .zero, random: &random)
      else { return nil }
      homes.append(server)
    }
    return homes
  }
}
