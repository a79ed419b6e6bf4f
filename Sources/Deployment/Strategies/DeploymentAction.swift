/// What a deployment machine wants done.
public enum DeploymentAction: Sendable, Equatable {
  case replica(ReplicaAction)
  /// What is measured of both revisions counts from here.
  case measureAnew
  case note(DeploymentNote)
}

/// Something that people should know.
public enum DeploymentNote: Sendable, Equatable {
  case began(OngoingDeployment)
  /// In words: `5 % of the requests go to the new revision`.
  case came(OngoingDeployment, String)
  case paused(OngoingDeployment)
  case goesBack(OngoingDeployment)
  case ended(OngoingDeployment, DeploymentResult)
}
