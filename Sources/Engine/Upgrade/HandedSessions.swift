import Balancing
import Primitives
import Topology

/// Where clients are, as one engine tells the next: by names, since each engine has numbers of its
/// own. Keys are hashes under the secret that both have from the store; expiries are of the machine's
/// monotonic clock, which is the same for both.
struct HandedSessions: Equatable {
  struct Entry: Equatable {
    var key: UInt64
    /// Of `servers`.
    var server: Int
    var generation: UInt32
    var expiry: Instant
  }

  struct Service: Equatable {
    var name: String
    var servers: [String] = []
    var entries: [Entry] = []
  }

  var services: [Service] = []

  init(services: [Service] = []) { self.services = services }

  /// - Parameters:
  ///   - service, server: the names to the numbers of this engine; nil for what there isn't.
  init(
    _ entries: [SessionEntry], service: (ServiceID) -> String?, server: (Int) -> String?
  ) {
    for (id, entries) in Dictionary(grouping: entries, by: \.service) {
      guard let name = service(id) else { continue }
      var one = Service(name: name)
      var places: [Int32: Int] = [:]
      for entry in entries {
        let number = entry.session.server
        if places[number] == nil {
          guard let name = server(Int(number)) else { continue }
          places[number] = one.servers.count
          one.servers.append(name)
        }
        one.entries.append(
          Entry(
            key: entry.key, server: places[number] ?? 0, generation: entry.session.generation,
            expiry: entry.session.expiry))
      }
      services.append(one)
    }
    services.sort { $0.name < $1.name }
  }

  /// The same under the numbers of this engine. A server that isn't there any more is left out.
  func entries(
    service: (String) -> ServiceID?, server: (_ service: String, _ server: String) -> ServerID?
  ) -> [SessionEntry] {
    services.flatMap { one -> [SessionEntry] in
      guard let id = service(one.name) else { return [] }
      let numbers = one.servers.map { server(one.name, $0) }
      return one.entries.compactMap { entry in
        guard numbers.indices.contains(entry.server), let number = numbers[entry.server] else {
          return nil
        }
        return SessionEntry(
          service: id, key: entry.key,
          session: Session(
            server: Int32(truncatingIfNeeded: number.index), generation: entry.generation,
            expiry: entry.expiry))
      }
    }
  }
}

/// As bytes: numbers of 4 and 8 bytes with the least first, texts and lists with their length before
/// them.
extension HandedSessions {
  /// Tells these bytes from those of another form.
  private static let mark: UInt32 = 0x3153_5348
  static let entryBytes = 24

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(64 + services.reduce(0) { $0 + $1.entries.count * Self.entryBytes })
    func put(_ number: some FixedWidthInteger) {
      for place in 0..<(number.bitWidth / 8) {
        bytes.append(UInt8(truncatingIfNeeded: number >> (place * 8)))
      }
    }
    func put(_ text: String) {
      put(UInt32(truncatingIfNeeded: text.utf8.count))
      bytes += text.utf8
    }
    put(Self.mark)
    put(UInt32(truncatingIfNeeded: services.count))
    for service in services {
      put(service.name)
      put(UInt32(truncatingIfNeeded: service.servers.count))
      for server in service.servers { put(server) }
      put(UInt32(truncatingIfNeeded: service.entries.count))
      for entry in service.entries {
        put(entry.key)
        put(UInt32(truncatingIfNeeded: entry.server))
        put(entry.generation)
        put(entry.expiry.nanoseconds)
      }
    }
    return bytes
  }

  /// Nil for what `bytes` never makes.
  init?(bytes: [UInt8]) {
    var reader = Reader(rest: bytes[...])
    guard reader.number(UInt32.self) == Self.mark, let count = reader.count(ofBytes: 12) else {
      return nil
    }
    for _ in 0..<count {
      guard let name = reader.text(), let servers = reader.count(ofBytes: 4) else { return nil }
      var service = Service(name: name)
      for _ in 0..<servers {
        guard let server = reader.text() else { return nil }
        service.servers.append(server)
      }
      guard let entries = reader.count(ofBytes: Self.entryBytes) else { return nil }
      service.entries.reserveCapacity(entries)
      for _ in 0..<entries {
        guard let key = reader.number(UInt64.self), let server = reader.number(UInt32.self),
          let generation = reader.number(UInt32.self), let expiry = reader.number(UInt64.self),
          Int(server) < service.servers.count
        else { return nil }
        service.entries.append(
          Entry(
            key: key, server: Int(server), generation: generation,
            expiry: Instant(nanoseconds: expiry)))
      }
      services.append(service)
    }
    guard reader.rest.isEmpty else { return nil }
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
      let size = Number.bitWidth / 8
      guard rest.count >= size else { return nil }
      var number = Number.zero
      for byte in rest.prefix(size).reversed() { number = number << 8 | Number(byte) }
      rest = rest.dropFirst(size)
      return number
    }

    /// Of items that have at least so many bytes each, so that no length is believed that can't be.
    mutating func count(ofBytes size: Int) -> Int? {
      guard let count = number(UInt32.self), Int(count) <= rest.count / size else { return nil }
      return Int(count)
    }

    mutating func text() -> String? {
      guard let count = count(ofBytes: 1) else { return nil }
      let text = String(validating: rest.prefix(count), as: UTF8.self)
      rest = rest.dropFirst(count)
      return text
    }
  }
}
