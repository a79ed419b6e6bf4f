import Deployment
import Supervision

/// What of a service's deployments outlives an engine.
struct KeptDeployment: Codable, Sendable {
  var state: DeploymentState
  /// How each revision that may be started again is started.
  var templates: [String: ReplicaSpec]
}

/// A series of `ballast_deployments_total`.
struct DeploymentCount: Hashable, Sendable {
  var service: String
  var result: String
}
