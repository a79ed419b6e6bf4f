import CLinux
import FoundationEssentials
import Glibc

/// Why a message did not pass. None of these harms the link, apart from `closed`.
public enum LinkError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The other side is gone.
  case closed
  /// Over `LinkLimits.message` bytes; the sender keeps it.
  case tooLarge(bytes: Int)
  case tooManyDescriptors(Int)
  /// The other side has not taken anything for so long, or the socket has no room now.
  case busy
  /// Not one of our messages.
  case malformed(String)
  /// The keeper speaks a version of the link that this engine doesn't.
  case incompatible(String)
  case system(SystemError)

  public var description: String {
    switch self {
    case .closed: "the other side of the keeper's link is gone"
    case .tooLarge(let bytes): "a message of \(bytes) bytes is over \(LinkLimits.message)"
    case .tooManyDescriptors(let count): "\(count) descriptors are over \(LinkLimits.descriptors)"
    case .busy: "the other side of the keeper's link does not read"
    case .malformed(let text): "the keeper's link brought what is no message: \(text)"
    case .incompatible(let text): text
    case .system(let error): "the keeper's link failed: \(error)"
    }
  }
}

/// One end of the link: whole messages with descriptors over a SOCK_SEQPACKET socket. Never waits.
public enum LinkSocket {
  /// The keeper's end and the engine's. Both are closed on exec; a child gets its own by dup2.
  public static func pair() throws(SystemError) -> (keeper: Int32, engine: Int32) {
    var (keeper, engine) = (Int32(-1), Int32(-1))
    // Room for a message of the longest size; the kernel counts its own overhead as well.
    _ = try check(unsafe link_open(&keeper, &engine, Int32(4 * LinkLimits.message)))
    return (keeper, engine)
  }

  public static func encode(_ message: some Encodable) throws(LinkError) -> [UInt8] {
    do {
      let bytes = Array(try JSONEncoder().encode(message))
      guard bytes.count <= LinkLimits.message else { throw LinkError.tooLarge(bytes: bytes.count) }
      return bytes
    } catch let error as LinkError {
      throw error
    } catch {
      throw .malformed("\(error)")
    }
  }

  /// `busy` when the socket is full; the descriptors stay the caller's.
  public static func send(
    _ bytes: [UInt8], descriptors: [Int32], over link: Int32
  ) throws(LinkError) {
    guard descriptors.count <= LinkLimits.descriptors else {
      throw .tooManyDescriptors(descriptors.count)
    }
    let result = unsafe bytes.withUnsafeBytes { bytes in
      unsafe descriptors.withUnsafeBufferPointer { list in
        unsafe link_send(link, bytes.baseAddress, bytes.count, list.baseAddress, list.count)
      }
    }
    switch -result {
    case 0: return
    case EAGAIN, ETOOMANYREFS, ENOBUFS: throw .busy
    case EPIPE, ECONNRESET: throw .closed
    default: throw .system(SystemError(negated: result))
    }
  }

  /// Nil when nothing waits. The descriptors are the caller's, closed on exec.
  public static func receive<Message: Decodable>(
    _ type: Message.Type, from link: Int32
  ) throws(LinkError) -> (message: Message, descriptors: [Int32])? {
    var bytes = [UInt8](repeating: 0, count: LinkLimits.message)
    var descriptors = [Int32](repeating: -1, count: LinkLimits.descriptors)
    var count = 0
    let size = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe descriptors.withUnsafeMutableBufferPointer { list in
        unsafe link_receive(link, buffer.baseAddress, buffer.count, list.baseAddress, &count)
      }
    }
    switch -size {
    case 0, Int64(ECONNRESET), Int64(EPIPE): throw .closed
    case Int64(EAGAIN), Int64(EINTR): return nil
    case Int64(EMSGSIZE): throw .malformed("too large")
    case 1...: throw .system(SystemError(negated: size))
    default: break
    }
    descriptors.removeLast(descriptors.count - count)
    do {
      return (try JSONDecoder().decode(type, from: Data(bytes[..<Int(size)])), descriptors)
    } catch {
      Descriptor.close(descriptors)
      throw .malformed("\(error)")
    }
  }
}
