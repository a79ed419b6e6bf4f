import Primitives
import Store

/// Deployments that ended and those under way, as the store has them.
struct DeploymentHistory: Sendable {
  /// Of one service; the store keeps as many.
  static let most = Retention().deployments
  /// Of all services, those that are gone included.
  static let mostOfAll = Retention().allDeployments
  /// Of a record that has not ended; what it does just now its machine knows.
  static let running = "running"
  /// Of the first revision of a service: it ends when it begins, whatever comes of it.
  static let started = "started"

  /// Oldest first.
  private(set) var records: [DeploymentRecord] = []
  private var latest: Int64 = 0

  init(_ records: [DeploymentRecord] = []) {
    self.records = records
    latest = records.last?.number ?? 0
  }

  /// Numbered, and kept.
  mutating func add(_ record: DeploymentRecord) -> DeploymentRecord {
    var record = record
    latest &+= 1
    record.number = latest
    records.append(record)
    let own = records.filter { $0.service == record.service }
    if own.count > Self.most, let oldest = own.first {
      records.removeAll { $0.number == oldest.number }
    }
    if records.count > Self.mostOfAll { records.removeFirst() }
    return record
  }

  /// The one under way.
  func ongoing(_ service: String) -> DeploymentRecord? {
    records.last { $0.service == service && $0.ended == nil }
  }

  func record(_ number: Int64) -> DeploymentRecord? { records.first { $0.number == number } }

  mutating func replace(_ record: DeploymentRecord) {
    guard let place = records.firstIndex(where: { $0.number == record.number }) else { return }
    records[place] = record
  }
}
