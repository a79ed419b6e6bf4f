import Foundation
import Primitives
import Store

/// A folder of its own for one test, gone afterwards.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/ballast-store-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var state: String { "\(path)/state" }
  var database: String { "\(state)/ballast.db" }

  func open(retention: Retention = Retention()) -> StoreOpening {
    Store.open(
      folder: state, now: WallTime(milliseconds: 1_790_000_000_000), retention: retention)
  }

  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: state).sorted()
  }

  func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }
}
