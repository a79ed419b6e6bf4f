public import Primitives

/// The process that holds a listening socket, as far as /proc tells it: other users' processes show
/// only to root.
public struct SocketHolder: Sendable, Equatable {
  public var pid: Int32
  public var program: String

  public static func find(listeningAt address: SocketAddress) -> SocketHolder? {
    let inodes: Set<String>
    switch address {
    case .unix(let path): inodes = unixInodes(at: path)
    default: inodes = portInodes(overlapping: address)
    }
    return inodes.isEmpty ? nil : holder(of: inodes)
  }

  /// Lines of /proc/net/tcp and tcp6 (proc(5)): `sl local_address rem_address st … inode`, the
  /// address as hexadecimal words, the state 0A when it listens.
  private static func portInodes(overlapping address: SocketAddress) -> Set<String> {
    guard let port = address.port else { return [] }
    let suffix = ":" + hexadecimal(port)
    var inodes: Set<String> = []
    for (file, ownFamily) in [("/proc/net/tcp", 4), ("/proc/net/tcp6", 6)] {
      guard let text = try? FileSystem.text(at: file) else { continue }
      for line in text.split(separator: "\n") {
        let fields = line.split(separator: " ")
        guard fields.count > 9, fields[3] == "0A", fields[1].hasSuffix(suffix) else { continue }
        let local = fields[1].dropLast(suffix.utf8.count)
        if overlaps(String(local), family: ownFamily, address) { inodes.insert(String(fields[9])) }
      }
    }
    return inodes
  }

  /// Whether a socket bound to `local` is in the way of `address`: a wildcard on either side, or the
  /// same IPv4 address. Two IPv6 addresses of one port count as the same: the holder is only named.
  private static func overlaps(_ local: String, family: Int, _ address: SocketAddress) -> Bool {
    if local.utf8.allSatisfy({ $0 == UInt8(ascii: "0") }) { return true }
    switch address {
    case .ipv4(0, _), .ipv6(0, 0, _): return true
    case .ipv4(let wanted, _) where family == 4:
      return UInt32(local, radix: 16).map { $0.byteSwapped == wanted } ?? false
    case .ipv6 where family == 6: return true
    default: return false
    }
  }

  private static func hexadecimal(_ port: UInt16) -> String {
    let digits = String(port, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.utf8.count) + digits
  }

  /// Lines of /proc/net/unix: `Num RefCount Protocol Flags Type St Inode Path`.
  private static func unixInodes(at path: String) -> Set<String> {
    guard let text = try? FileSystem.text(at: "/proc/net/unix") else { return [] }
    var inodes: Set<String> = []
    for line in text.split(separator: "\n") where line.hasSuffix(" " + path) {
      let fields = line.split(separator: " ")
      if fields.count > 6 { inodes.insert(String(fields[6])) }
    }
    return inodes
  }

  private static func holder(of inodes: Set<String>) -> SocketHolder? {
    let wanted = Set(inodes.map { "socket:[\($0)]" })
    for pid in FileSystem.names(in: "/proc").compactMap(Int32.init).sorted() {
      let folder = "/proc/\(pid)/fd"
      for name in FileSystem.names(in: folder) {
        guard let link = FileSystem.link(at: "\(folder)/\(name)"), wanted.contains(link) else {
          continue
        }
        let program = (try? FileSystem.text(at: "/proc/\(pid)/comm")) ?? ""
        return SocketHolder(pid: pid, program: String(program.prefix { $0 != "\n" }))
      }
    }
    return nil
  }
}
