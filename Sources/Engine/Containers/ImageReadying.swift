import Containers
import Primitives
import Supervision

/// An image of one daemon, and when it is pulled.
struct ImageWish: Hashable, Sendable {
  var socket: String
  var image: String
  var pull: ContainerSpec.PullPolicy
  var credentials: String?

  init(_ spec: ContainerSpec) {
    socket = spec.socket
    image = spec.image
    pull = spec.pull
    credentials = spec.credentials
  }

  /// Sees to it that the image is there. Blocks.
  /// - Parameter told: hears when it is pulled, and how far that is; from this thread.
  func ready(told: (ContainerNote) -> Void) throws(ContainerError) {
    let daemon = ContainerDaemon(socket: socket)
    switch pull {
    case .missing: if try daemon.hasImage(image) { return }
    case .always: break
    case .never:
      guard try daemon.hasImage(image) else {
        throw .refused(
          status: 404, message: "the image \(image) is not there, and 'pull: never' is set")
      }
      return
    }
    told(.pulling(image: image))
    var next = Self.step
    do throws(ContainerError) {
      try daemon.pull(image, credentials: credentials) { percent in
        guard percent >= next, percent < 100 else { return }
        next = percent / Self.step * Self.step + Self.step
        told(.pulled(image: image, percent: percent))
      }
    } catch {
      guard case .refused(let status, let message) = error else { throw error }
      throw .refused(
        status: status, message: "the image \(image) cannot be pulled: \(message)")
    }
    told(.hasPulled(image: image))
  }

  /// Percent between two words about a pull.
  private static let step = 25
}
