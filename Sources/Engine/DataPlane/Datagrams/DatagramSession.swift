import Balancing
import EventLoop
import Primitives
import Proxying
import Topology

/// A client of a UDP listener, remembered while it speaks or is spoken to, and its server.
struct DatagramSession: ~Copyable {
  let key: DatagramKey
  /// Where answers go.
  let origin: DatagramOrigin
  let service: Service
  /// `ServerID.index`.
  let server: Int
  let addressVersion: UInt32
  /// Connected to the server.
  let descriptor: Int32
  /// Of `StreamStatistics.series`.
  let series: Int
  let began: Instant
  var moved: Instant
  /// Whether the client spoke last.
  var awaitsAnswer = true
  /// Whether the server was found good or bad.
  var isJudged = false
  var bytesIn: UInt64 = 0
  var bytesOut: UInt64 = 0
  var datagramsIn: UInt64 = 0
  var datagramsOut: UInt64 = 0
}

/// What a session is found by.
struct DatagramKey: Hashable {
  /// Place in `Worker.listeners`.
  let listener: Int
  /// Of its sockets; a client always comes through the same.
  let place: Int
  let peer: DatagramPeer
}
