import Containers

/// A container of ours that the daemon has.
struct LeftContainer: Sendable {
  var id: String
  var isRunning: Bool
  var labels: ContainerLabels

  /// All of one Ballast. Blocks.
  static func all(
    at socket: String, of instance: String
  ) throws(ContainerError) -> [LeftContainer] {
    try ContainerDaemon(socket: socket).containers(label: ContainerLabels.state, instance)
      .compactMap { found in
        guard let labels = ContainerLabels(found.labels), labels.instance == instance else {
          return nil
        }
        return LeftContainer(id: found.id, isRunning: found.isRunning, labels: labels)
      }
  }

  /// Stops it as it was told to be stopped when it was made, and removes it. Blocks.
  func remove(at socket: String) throws(ContainerError) {
    let daemon = ContainerDaemon(socket: socket)
    if isRunning {
      do throws(ContainerError) {
        try daemon.stop(id, seconds: Self.stopSeconds)
      } catch {
        guard error.isMissing || error.isConflict else { throw error }
      }
    }
    try daemon.remove(id)
  }

  /// Nobody sends requests to it any more.
  private static let stopSeconds = 10
}
