import Balancing
import Primitives
import Proxying
import Topology

/// What a worker is asked: where would this request go now?
struct ServiceQuestion: Sendable {
  var service: ServiceID
  /// A whole head of HTTP/1.1.
  var head: [UInt8]
  var client: ClientAddress
}

/// What one worker answers: each balances by its own traffic.
struct ServiceAnswer: Sendable {
  struct Load: Sendable {
    var server: ServerID
    var inflight: Int
  }

  var worker: Int
  /// Nil when the worker's topology does not have the service.
  var choice: Balancer.Choice?
  /// Nil as above.
  var explanation: Balancer.Explanation?
  /// Of the parts that are hashed; 0 where none are.
  var key: UInt64 = 0
  /// `ServerID.index` of the server that the client's session is at.
  var session: Int?
  /// In the order of the topology.
  var loads: [Load] = []
  var queued = 0
}
