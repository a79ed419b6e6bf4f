import CLinux
import Configuration
import EventLoop
import Glibc
import Primitives
import Synchronization
import Testing

@testable import Engine

/// Sockets that are not there, come, go and refuse.
@Suite final class LogSocketTests {
  private let folder: String

  init() throws {
    let name = "/tmp/ballast-socket-\(UInt64.random(in: .min ... .max))"
    try #require(unsafe Glibc.mkdir(name, 0o700) == 0)
    folder = name
  }

  deinit {
    _ = unsafe unlink(path)
    _ = unsafe rmdir(folder)
  }

  private var path: String { "\(folder)/log" }

  private func receiver() throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    try #require(descriptor >= 0)
    var storage = sockaddr_storage()
    let length = unsafe path.withCString { unsafe cl_address_unix(&storage, $0) }
    try #require(unsafe cl_bind(descriptor, &storage, socklen_t(length)) == 0)
    return descriptor
  }

  private func next(_ descriptor: Int32) -> String? {
    var bytes = [UInt8](repeating: 0, count: 200_000)
    let count = unsafe bytes.withUnsafeMutableBytes { bytes in
      unsafe cl_receive(descriptor, bytes.baseAddress, bytes.count)
    }
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
  }

  private func log(
    _ fallback: (@Sendable (ArraySlice<UInt8>) -> Void)? = nil
  ) -> LogSocket {
    LogSocket(
      SyslogSettings(address: .unix(path: path)), fallback == nil ? .access : .program,
      fallback: fallback)
  }

  private func lines(_ texts: String...) -> [UInt8] {
    Array(texts.map { $0 + "\n" }.joined().utf8)
  }

  @Test func `each line is a datagram`() throws {
    let receiver = try receiver()
    defer { close(receiver) }
    var log = log()
    #expect(log.open(Clock.now) == nil)
    #expect(log.write(lines("one", "two"), Clock.now) == 0)
    #expect(next(receiver)?.hasSuffix(" access - one") == true)
    #expect(next(receiver)?.hasSuffix(" access - two") == true)
    #expect(next(receiver) == nil)
    // A line that no datagram holds is cut.
    #expect(log.write(lines(String(repeating: "x", count: 150_000)), Clock.now) == 0)
    #expect(next(receiver)?.utf8.count == LogSocket.unixBytes)
    log.close()
  }

  @Test func `another one that listens there is found at once`() throws {
    let first = try receiver()
    var log = log()
    _ = log.open(Clock.now)
    #expect(log.write(lines("one"), Clock.now) == 0)
    close(first)
    #expect(unsafe unlink(path) == 0)
    let second = try receiver()
    defer { close(second) }
    #expect(log.write(lines("two"), Clock.now) == 0)
    #expect(next(second)?.hasSuffix("two") == true)
    log.close()
  }

  @Test func `where nobody is, lines are lost and counted, or given back`() {
    var access = log()
    _ = access.open(Clock.now)
    #expect(access.write(lines("one", "two"), Clock.now) == 2)
    let kept = Kept()
    var program = log { kept.add(String(decoding: $0, as: UTF8.self)) }
    _ = program.open(Clock.now)
    #expect(program.write(lines("<4>one", "<6>two"), Clock.now) == 2)
    #expect(kept.lines == ["<4>one", "<6>two"])
  }

  private final class Kept: Sendable {
    private let all = Mutex<[String]>([])
    var lines: [String] { all.withLock { $0 } }
    func add(_ line: String) { all.withLock { $0.append(line) } }
  }

  @Test func `a share of the requests is drawn`() {
    var random = SeededRandom(seed: 7)
    let tenth = AccessLogSampling(LogSampling(share: 0.1, slow: .seconds(1)))
    let drawn = (0..<10_000).count { _ in tenth.isDrawn(&random) }
    #expect((900...1_100).contains(drawn))
    let none = AccessLogSampling(LogSampling(share: 0))
    let all = AccessLogSampling(LogSampling(share: 1))
    #expect((0..<100).allSatisfy { _ in !none.isDrawn(&random) && all.isDrawn(&random) })
    #expect(!tenth.isNotable(status: 404, reason: nil, latency: .milliseconds(999)))
    #expect(tenth.isNotable(status: 200, reason: nil, latency: .seconds(1)))
    #expect(tenth.isNotable(status: 404, reason: "no-route", latency: .zero))
    #expect(none.isNotable(status: 0, reason: nil, latency: .zero))
    #expect(none.isNotable(status: 500, reason: nil, latency: .zero))
    #expect(!none.isNotable(status: 200, reason: nil, latency: .hours(9)))
  }
}
