import AdminAPI
import Glibc

/// Who asks.
extension ControlPlane {
  func actor(of request: AdminRequest) -> AdminActor {
    let from = request.peer.description
    guard request.isOverUnixSocket else {
      return AdminActor(
        name: request.claimedName ?? "local", role: .admin, from: from, means: .local)
    }
    // The mode of the socket lets no other in; what the kernel says holds whatever its mode.
    guard let user = request.peer.user, user == 0 || user == geteuid() else {
      return .unknown(from: from)
    }
    let name = user == 0 ? "root" : "uid \(user)"
    return AdminActor(
      name: request.claimedName ?? name, role: .admin, from: from, means: .socket)
  }
}
