import TLS
import Topology

/// What TLS is spoken with, beside the topology, which says only who does it: a listener that has to
/// and has no context here serves nobody, and a service's servers are not connected to.
struct TLSContexts: Sendable {
  var listeners: [ListenerID: TLSServerContext] = [:]
  var services: [ServiceID: TLSClientContext] = [:]
}
