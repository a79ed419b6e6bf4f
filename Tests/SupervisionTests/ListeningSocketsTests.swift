import Glibc
import Primitives
import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1))) struct ListeningSocketsTests {
  @Test func `every worker has a socket of its own at one port`() throws {
    let sockets = try ListeningSockets.open(.loopback(port: 0), count: 3)
    defer { sockets.close() }
    #expect(Set(sockets.descriptors).count == 3)
    let port = try #require(sockets.address.port)
    #expect(port > 0)
    for descriptor in sockets.descriptors {
      #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
      #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
    }
    let more = try sockets.extended(to: 5)
    defer { Descriptor.close(Array(more.descriptors.dropFirst(3))) }
    #expect(more.descriptors.prefix(3) == sockets.descriptors[...])
    #expect(more.descriptors.count == 5)
    #expect(try more.extended(to: 2).descriptors == more.descriptors)
  }

  @Test func `a port of UDP is another than that of TCP, and each is opened once`() throws {
    let streams = try ListeningSockets.open(.loopback(port: 0), count: 1)
    defer { streams.close() }
    let options = ListenOptions(isDatagram: true)
    let datagrams = try ListeningSockets.open(streams.address, count: 2, options)
    defer { datagrams.close() }
    #expect(datagrams.isDatagram && datagrams.address == streams.address)
    let more = try datagrams.extended(to: 3)
    defer { Descriptor.close([more.descriptors[2]]) }
    for descriptor in more.descriptors {
      var kind: Int32 = 0
      var size = socklen_t(4)
      #expect(unsafe getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &kind, &size) == 0)
      #expect(kind == Int32(SOCK_DGRAM.rawValue))
    }
    #expect(throws: ListenError("\(streams.address) is in use by another program")) {
      try ListeningSockets.open(streams.address, count: 1, options)
    }
  }

  @Test func `a socket's file has its permissions from the beginning, and other ones later`() throws
  {
    let folder = try TemporaryFolder()
    let path = folder.path + "/web.sock"
    func mode() -> mode_t {
      var status = stat()
      return unsafe stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }
    let sockets = try ListeningSockets.open(
      .unix(path: path), count: 1, ListenOptions(mode: 0o600))
    #expect(mode() == 0o600)
    try sockets.permit(0o666)
    #expect(mode() == 0o666)
    try sockets.permit(nil)
    #expect(mode() == 0o660)
    sockets.close()
    #expect(throws: ListenError.self) { try sockets.permit(0o600) }
  }

  @Test func `a port in use names its holder`() throws {
    let sockets = try ListeningSockets.open(.loopback(port: 0), count: 2)
    defer { sockets.close() }
    let port = try #require(sockets.address.port)
    let name = try #require(contents(of: "/proc/self/comm")).dropLast()
    for address in [
      sockets.address, .ipv4(address: 0, port: port), .ipv6(high: 0, low: 0, port: port),
    ] {
      #expect(
        throws: ListenError("\(address) is in use by \(name) (pid \(getpid()))")
      ) { try ListeningSockets.open(address, count: 1) }
    }
  }

  @Test func `an address that is not ours and a count that is none are refused`() {
    let foreign = SocketAddress.ipv4(address: 0xC000_0201, port: 8080)
    #expect(throws: ListenError("192.0.2.1:8080: this machine has no such address")) {
      try ListeningSockets.open(foreign, count: 1)
    }
    for count in [0, -1, 254] {
      #expect(throws: ListenError.self) {
        try ListeningSockets.open(.loopback(port: 0), count: count)
      }
    }
  }

  @Test func `a wildcard takes IPv4 connections`() throws {
    let sockets = try ListeningSockets.open(.ipv6(high: 0, low: 0, port: 0), count: 1)
    defer { sockets.close() }
    let port = try #require(sockets.address.port)
    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(client) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    #expect(connected == 0)
    #expect(isReadable(sockets.descriptors[0]))
  }

  @Test func `a stale unix socket is replaced, a live one and other files are not`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/run/ballast.sock"
    let address = SocketAddress.unix(path: path)
    let first = try ListeningSockets.open(address, count: 2)
    let name = try #require(contents(of: "/proc/self/comm")).dropLast()
    #expect(
      throws: ListenError("\(address) is in use by \(name) (pid \(getpid()))")
    ) { try ListeningSockets.open(address, count: 1) }
    Descriptor.close(first.descriptors)
    try openWhenLeft(address).close()
    let isThere = unsafe access(path, F_OK) == 0
    #expect(!isThere)
    _ = try folder.write("precious", to: "run/ballast.sock")
    #expect(throws: ListenError("\(address): a file that is no socket is in the way")) {
      try ListeningSockets.open(address, count: 1)
    }
    #expect(folder.read("run/ballast.sock") == "precious")
  }

  /// A child of another test has all our sockets until it runs its program.
  private func openWhenLeft(_ address: SocketAddress) throws -> ListeningSockets {
    let limit = ProcessClock.now + .seconds(20)
    while ProcessClock.now < limit {
      if let sockets = try? ListeningSockets.open(address, count: 1) { return sockets }
      sched_yield()
    }
    return try ListeningSockets.open(address, count: 1)
  }

  @Test func `replicas' ports are free, in their range, and take turns`() throws {
    var ports = PortRange(seed: 42)
    let (one, two) = (ports.take(except: []), ports.take(except: []))
    let first = try #require(one)
    let second = try #require(two)
    #expect(first != second)
    for port in [first, second] { #expect((PortRange.first...PortRange.last).contains(port)) }
    var again = PortRange(seed: 42)
    let skipped = again.take(except: [first])
    #expect(skipped == second)
    let held = try ListeningSockets.open(.loopback(port: first), count: 1)
    defer { held.close() }
    var third = PortRange(seed: 42)
    let free = third.take(except: [])
    #expect(free != first)
    let none = third.take(except: Set(PortRange.first...PortRange.last))
    #expect(none == nil)
  }
}
