import Primitives

/// Requests shared out over services by weight: the same key goes to the same service.
///
/// Weighted rendezvous (Schindelhauer, Schomaker, "Weighted Distributed Hash Tables", 2005): when
/// weights change, only as many keys move as have to.
public struct TrafficSplit: Sendable, Equatable {
  public struct Part: Sendable, Equatable {
    /// An index into `TopologySnapshot.services`.
    public let service: Int
    /// Against the other parts' weights; 0 gets nothing.
    public let weight: Int
    let seed: UInt64

    /// - Parameter name: of the service; its place may change from one topology to the next.
    public init(service: Int, name: String, weight: Int) {
      self.service = service
      self.weight = weight
      // FNV-1a.
      seed = name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
  }

  public let parts: [Part]
  /// What a request is hashed by.
  public let keys: [RequestKey]

  public init(parts: [Part], keys: [RequestKey]) {
    self.parts = parts
    self.keys = keys
  }

  /// The service of a key, an index into `TopologySnapshot.services`.
  /// - Parameter hash: of the request's key.
  public func service(_ hash: UInt64) -> Int {
    var chosen = parts.first?.service ?? 0
    var least = Double.infinity
    for part in parts where part.weight > 0 {
      // In (0, 1]: 53 bits, never 0.
      let point = (Double(Self.mixed(hash ^ part.seed) >> 11) + 1) * 0x1p-53
      let score = -naturalLogarithm(point) / Double(part.weight)
      if score < least { (least, chosen) = (score, part.service) }
    }
    return chosen
  }

  /// The finalizer of SplitMix64.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var value = value
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
