import CLinux
import Primitives
import Supervision

/// sd_notify(3): tells systemd how the service does; nothing when it was not started by it.
struct ServiceNotification {
  static let variable = "NOTIFY_SOCKET"

  let path: String?

  func ready() { send("READY=1") }
  func stopping() { send("STOPPING=1") }

  func reloading() {
    send("RELOADING=1\nMONOTONIC_USEC=\(ProcessClock.now.nanoseconds / 1_000)")
  }

  private func send(_ text: String) {
    guard let path else { return }
    let bytes = Array(text.utf8)
    // A service manager that does not listen is none of our concern.
    _ = unsafe bytes.withUnsafeBytes { unsafe datagram_send_path(path, $0.baseAddress, $0.count) }
  }
}
