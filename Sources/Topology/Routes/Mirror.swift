/// A service that gets copies of a route's requests.
public struct Mirror: Sendable, Equatable {
  /// An index into `TopologySnapshot.services`.
  public let service: Int
  /// Of the requests, 0 … 1.
  public let share: Double

  public init(service: Int, share: Double) {
    self.service = service
    self.share = share
  }
}
