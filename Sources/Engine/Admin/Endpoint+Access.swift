import AdminAPI

extension Endpoint {
  /// Who may call one.
  enum Access: Sendable, Equatable {
    /// Everybody: what tells nothing, and what one signs in by.
    case open
    /// Who may read the metrics, which a token can be for.
    case metrics
    /// Whoever has signed in, whatever the role.
    case signedIn
    /// Those of this role and of those above.
    case role(Role)
  }

  /// Every call has its line: one that is added and has none does not compile.
  ///
  /// Texts of the configuration, the state and logs may hold secrets of services. Logs are of the
  /// services and are what somebody who looks after them needs; the other two are not for viewers.
  var access: Access {
    switch self {
    case .healthz, .readyz, .page, .style, .script, .icon, .session, .signIn: .open
    case .metrics: .metrics
    case .signOut, .changePassword: .signedIn
    case .openapi, .status, .services, .service, .history, .trafficSeries, .availability, .logs,
      .servers, .server, .routes, .listeners, .replicas, .certificates, .deployments, .deployment,
      .bans, .drills, .drill, .explain, .request, .faults, .faultSummary, .faultMonths,
      .exportFaults, .fault, .faultTimeline, .faultReport, .events, .eventSinks, .live, .upgrade,
      .configurationHistory, .tokens, .addToken, .removeToken, .alerts, .alertChannels, .alertLog,
      .alert, .silences:
      .role(.viewer)
    case .scale, .tune, .restart, .changeServer, .promote, .deploy, .rollBack, .promoteDeployment,
      .abortDeployment, .ban, .unban, .orderDrill, .stopDrill, .resolveFault, .acknowledgeFault,
      .changeFault, .audit, .auditEntry, .auditHead, .verifyAudit, .compareAudit,
      .reloadConfiguration, .backups, .plan, .configuration, .configurationEntry,
      .configurationValue, .testChannel, .acknowledgeAlerts, .silence, .unsilence:
      .role(.operator)
    case .applyConfiguration, .rollBackConfiguration, .setConfigurationValue, .saveConfiguration,
      .orderUpgrade, .backup, .beginRestore, .restorePiece, .restore, .dropRestore, .users,
      .addUser, .changeUser, .removeUser:
      .role(.admin)
    }
  }

  /// Nil for one who may call it.
  func refusal(to actor: AdminActor) -> AdminAnswer? {
    // A token that may only read the metrics has no role.
    let isKnown = actor.role != nil || actor.means == .token
    switch access {
    case .open: return nil
    case .metrics, .signedIn: if isKnown { return nil }
    case .role(let least): if let role = actor.role, role >= least { return nil }
    }
    if actor.means == .setUp {
      return self == .addUser
        ? nil : .error(403, "forbidden", "the token of the first run makes a user, and no more")
    }
    guard isKnown else {
      var answer = AdminAnswer.error(
        401, "unauthorized", "sign in, or show a token: `ballast login` does both")
      // RFC 9110 section 11.6.1; browsers show no window of their own for this scheme.
      answer.headers.append(("WWW-Authenticate", "Bearer realm=\"Ballast\""))
      return answer
    }
    return .error(
      403, "forbidden",
      "this is for the role \(access.name); \(actor.name) \(actor.role.map { "is \($0.rawValue)" } ?? "reads metrics")"
    )
  }
}

extension Endpoint.Access {
  /// As the OpenAPI document names it.
  var name: String {
    switch self {
    case .open: "open"
    case .metrics: "metrics"
    case .signedIn: "signed-in"
    case .role(let role): role.rawValue
    }
  }
}
