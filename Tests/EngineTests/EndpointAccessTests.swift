import AdminAPI
import Testing

@testable import Engine

/// The table role × endpoint. It says again, by hand, what `Endpoint.access` says: a change of one
/// is a change of what people may do, and wants the other.
struct EndpointAccessTests {
  private static let open: Set<Endpoint> = [
    .healthz, .readyz, .page, .style, .script, .icon, .session, .signIn,
  ]
  private static let metrics: Set<Endpoint> = [.metrics]
  private static let signedIn: Set<Endpoint> = [.signOut, .changePassword]
  private static let viewer: Set<Endpoint> = [
    .openapi, .status, .services, .service, .history, .trafficSeries, .availability, .logs,
    .servers, .server, .routes, .listeners, .replicas, .certificates, .deployments, .deployment,
    .bans, .drills, .drill, .explain, .request, .faults, .faultSummary, .faultMonths,
    .exportFaults, .fault, .faultTimeline, .faultReport, .events, .eventSinks, .live, .upgrade,
    .configurationHistory, .tokens, .addToken, .removeToken, .alerts, .alertChannels, .alertLog,
    .alert, .silences,
  ]
  private static let `operator`: Set<Endpoint> = [
    .scale, .tune, .restart, .changeServer, .promote, .deploy, .rollBack, .promoteDeployment,
    .abortDeployment, .ban, .unban, .orderDrill, .stopDrill, .resolveFault, .acknowledgeFault,
    .changeFault, .audit, .auditEntry, .auditHead, .verifyAudit, .compareAudit,
    .reloadConfiguration, .backups, .plan, .configuration, .configurationEntry,
    .configurationValue, .testChannel, .acknowledgeAlerts, .silence, .unsilence,
  ]
  private static let admin: Set<Endpoint> = [
    .applyConfiguration, .rollBackConfiguration, .setConfigurationValue, .saveConfiguration,
    .orderUpgrade, .backup, .beginRestore, .restorePiece, .restore, .dropRestore, .users, .addUser,
    .changeUser, .removeUser,
  ]

  /// Whether the table lets that role, nil for nobody, call the endpoint.
  private static func lets(_ role: Role?, _ endpoint: Endpoint) -> Bool {
    if open.contains(endpoint) { return true }
    guard let role else { return false }
    if signedIn.contains(endpoint) { return true }
    if metrics.contains(endpoint) || viewer.contains(endpoint) { return true }
    if `operator`.contains(endpoint) { return role != .viewer }
    return admin.contains(endpoint) && role == .admin
  }

  @Test(arguments: Endpoint.allCases)
  func `each role may call what the table says, and nothing else`(_ endpoint: Endpoint) {
    let known = Self.open.union(Self.metrics).union(Self.viewer).union(Self.operator).union(
      Self.admin
    ).union(Self.signedIn)
    #expect(known.contains(endpoint), "\(endpoint) is not in the table")
    for role in [nil] + Role.allCases.map(Optional.some) {
      let actor = AdminActor(
        name: "somebody", role: role, from: "", means: role == nil ? .none : .session)
      let refusal = endpoint.refusal(to: actor)
      #expect((refusal == nil) == Self.lets(role, endpoint), "\(endpoint) for \(role as Any)")
      #expect(refusal == nil || refusal?.status == (role == nil ? 401 : 403))
    }
  }

  @Test func `a token for metrics reads them, and what everybody may`() {
    let scraper = AdminActor(name: "prometheus", role: nil, from: "", means: .token, token: "p")
    for endpoint in Endpoint.allCases {
      let may = Self.open.union(Self.metrics).union(Self.signedIn).contains(endpoint)
      let refusal = endpoint.refusal(to: scraper)
      #expect((refusal == nil) == may, "\(endpoint)")
      #expect(refusal == nil || refusal?.status == 403)
    }
  }

  @Test func `the token of the first run adds a user, and nothing else`() {
    let first = AdminActor(name: "first run", role: nil, from: "", means: .setUp)
    for endpoint in Endpoint.allCases {
      let may = endpoint == .addUser || Self.open.contains(endpoint)
      #expect((endpoint.refusal(to: first) == nil) == may, "\(endpoint)")
    }
  }

  @Test func `what changes something is never for viewers, but to ask where a request would go`() {
    for endpoint in Endpoint.allCases where endpoint.description.method != "GET" {
      // Asking, signing in, and what is one's own.
      if [.explain, .signIn, .addToken, .removeToken].contains(endpoint) { continue }
      #expect(endpoint.access != .open && endpoint.access != .role(.viewer), "\(endpoint)")
    }
  }
}
