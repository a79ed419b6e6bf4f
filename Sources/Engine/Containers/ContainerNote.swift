import Faults

/// Something about containers that people should know.
enum ContainerNote: Equatable, CustomStringConvertible {
  case pulling(image: String)
  case pulled(image: String, percent: Int)
  case hasPulled(image: String)
  /// Starts wait until it answers.
  case unreachable(String)
  case reachable(socket: String)
  /// Containers of replicas that are not wanted any more.
  case removed([String])
  case notRemoved(replica: String, String)

  var type: String {
    switch self {
    case .pulling, .pulled, .hasPulled: "image-pull"
    case .unreachable, .reachable: "container-daemon"
    case .removed, .notRemoved: "container-removed"
    }
  }

  var severity: EventRecord.Severity {
    switch self {
    case .pulling, .pulled, .hasPulled, .reachable, .removed: .info
    case .unreachable: .error
    case .notRemoved: .warning
    }
  }

  var description: String {
    switch self {
    case .pulling(let image): "pulling the image \(image)"
    case .pulled(let image, let percent): "pulling the image \(image): \(percent) %"
    case .hasPulled(let image): "the image \(image) is pulled"
    case .unreachable(let reason):
      "\(reason); starts of containers wait, and those that run are served on"
    case .reachable(let socket): "the daemon at \(socket) answers again"
    case .removed(let replicas):
      "removed what was left over of \(replicas.joined(separator: ", "))"
    case .notRemoved(let replica, let reason):
      "the container left over of \(replica) is not removed: \(reason)"
    }
  }
}
