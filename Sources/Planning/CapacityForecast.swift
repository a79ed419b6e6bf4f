import AdminAPI
import Configuration

/// What a server can take, from the best source that there is, and whether the fewest of the way
/// suffice for what comes now.
enum CapacityForecast {
  static func make(
    _ settings: ServiceSettings?, _ picture: ServicePicture, lowest: Int
  ) -> ServicePlan.Capacity {
    let basis = Basis(settings, picture)
    let load = basis.countsRequests ? Double(picture.inflight) : picture.requestsPerSecond
    let isIdle = picture.inflight == 0 && picture.requestsPerSecond <= 0
    func verdict(_ servers: Int) -> ServicePlan.Capacity.Verdict {
      if isIdle { return .idle }
      if servers <= 0 { return .short }
      guard let each = basis.perServer else { return .unknown }
      if each * Double(servers) >= load { return .enough }
      return basis.isStated ? .short : .unproven
    }
    let fewer = max(0, lowest - 1)
    return ServicePlan.Capacity(
      basis: basis.name, unit: basis.countsRequests ? "requests" : "requests/s",
      perServer: basis.perServer, lowest: basis.perServer.map { $0 * Double(lowest) },
      lowestAfterLoss: basis.perServer.map { $0 * Double(fewer) }, load: load,
      verdict: verdict(lowest), verdictAfterLoss: verdict(fewer))
  }

  private enum Basis {
    /// Requests under way at one server.
    case limits(Double)
    case adaptive(Double)
    /// Requests a second of one server.
    case peak(Double)
    case unknown

    init(_ settings: ServiceSettings?, _ picture: ServicePicture) {
      let limits = settings?.limits ?? LimitSettings()
      let stated = [limits.requests, limits.connections].filter { $0 > 0 }.min().map(Double.init)
      if limits.isAdaptive, let found = Self.adaptive(picture) {
        self = .adaptive(min(found, stated ?? found))
      } else if let stated {
        self = .limits(stated)
      } else if let peak = picture.peakPerServer {
        self = .peak(peak)
      } else {
        self = .unknown
      }
    }

    /// The mean of what the latency of the ready ones allows now.
    private static func adaptive(_ picture: ServicePicture) -> Double? {
      let limits = picture.servers.filter { $0.isReady && $0.concurrencyLimit > 0 }
        .map(\.concurrencyLimit)
      guard !limits.isEmpty else { return nil }
      return Double(limits.reduce(0, +)) / Double(limits.count)
    }

    var name: String {
      switch self {
      case .limits: "limits"
      case .adaptive: "adaptive-limit"
      case .peak: "measured-peak"
      case .unknown: "unknown"
      }
    }

    var perServer: Double? {
      switch self {
      case .limits(let each), .adaptive(let each), .peak(let each): each
      case .unknown: nil
      }
    }

    var countsRequests: Bool {
      switch self {
      case .limits, .adaptive: true
      case .peak, .unknown: false
      }
    }

    /// Whether more would really be turned away, and was not just never seen.
    var isStated: Bool { countsRequests }
  }
}
