import Faults
import Primitives
import Proxying
import Telemetry
import Routing
import Testing
import Topology
import Wire

@testable import Engine

struct MetricsPageTests {
  private func page(_ change: (inout MetricsPage) -> Void = { _ in }) -> String {
    var identities = IdentityRegistry()
    let listener = identities.listener("web")
    let route = identities.route("shop", isDefault: false)
    let service = identities.service("shop")
    let server = identities.server(ServerName(service: "shop", server: "s\"1"))
    let snapshot = TopologySnapshot(
      version: 7, listeners: [Listener(id: listener, name: "web", table: .empty)],
      routes: [Route(id: route, name: "shop", action: .service(0))],
      services: [
        Service(
          id: service, name: "shop", algorithm: .roundRobin,
          servers: [Server(id: server, name: "s\"1", address: .loopback(port: 1))],
          stickiness: .source(expiry: .minutes(30)), limits: Limits(isAdaptive: true))
      ])
    var durations = LatencyHistogram()
    durations.record(.milliseconds(3))
    let reports = (0..<2).map { worker in
      WorkerReport(
        worker: worker, listeners: [.init(id: listener, open: 2, accepted: 10)],
        series: [
          .init(
            listener: listener, route: route, service: service, method: .get,
            durations: durations, codes: [.init(code: 200, count: 4), .init(code: 502, count: 1)]),
          .init(
            listener: listener, route: nil, service: nil, method: .other, durations: durations,
            codes: [.init(code: 404, count: 1)]),
        ],
        streams: [streams(listener, service)],
        services: [
          .init(
            id: service, requests: 5, failures: 1, retriesAfterReset: 3,
            retriesAfterGatewayError: 2, hedges: 5, hedgesWon: 3, hedgesLost: 1, budgetRefusals: 4,
            shedQueueFull: 1, shedOverload: 2, shedQueueTimeout: 3, queued: 1, sessions: 7)
        ],
        servers: [
          .init(
            id: server, inflight: 1, isAvoided: worker == 1, weight: 1.5, concurrencyLimit: 20,
            ejections: 2, requests: 5, failures: 1, streams: 6,
            codes: [.init(code: 200, count: 4)])
        ])
    }
    var page = MetricsPage(reports: reports, snapshot: snapshot, identities: identities)
    page.checks = [
      .init(server: ServerName(service: "shop", server: "s\"1"), passed: 3, failed: 1)
    ]
    page.replicas = [.init(service: "shop", state: "ready")]
    page.faults = [.init(service: "shop", type: "replica-exited"): 2]
    page.standbyServices = ["shop"]
    page.reloads = ["success": 1, "failure": 0]
    page.process = ProcessFigures.sample
    change(&page)
    var admissions = SeriesAdmissions()
    return page.text(
      .prometheus, seriesLimit: Exposition.usualLimit, admissions: &admissions)
  }

  private func streams(
    _ listener: ListenerID, _ service: ServiceID
  ) -> WorkerReport.StreamSeries {
    var statistics = StreamStatistics()
    let place = statistics.place(listener, service)
    #expect(statistics.place(listener, nil) != place)
    #expect(statistics.place(listener, service) == place)
    statistics.count(place, bytesIn: 5, bytesOut: 7)
    statistics.countDatagrams(place, in: 1, out: 2)
    statistics.dropped(place, 3)
    statistics.ended(place, .clientClosed)
    return statistics.series[place]
  }

  private func samples(_ text: String) -> [String] {
    text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
  }

  @Test(arguments: [
    #"ballast_requests_total{code="200",listener="web",method="GET",route="shop",service="shop"} 8"#,
    #"ballast_requests_total{code="404",listener="web",method="_other",route="",service=""} 2"#,
    #"ballast_server_requests_total{code="200",server="s\"1",service="shop"} 8"#,
    #"ballast_streams_total{listener="web",reason="client-closed",service="shop"} 2"#,
    #"ballast_stream_bytes_total{direction="in",listener="web",service="shop"} 10"#,
    #"ballast_stream_bytes_total{direction="out",listener="web",service="shop"} 14"#,
    #"ballast_datagrams_total{direction="out",listener="web",service="shop"} 4"#,
    #"ballast_datagrams_dropped_total{listener="web"} 6"#,
    #"ballast_server_streams_total{server="s\"1",service="shop"} 12"#,
    #"ballast_server_up{server="s\"1",service="shop"} 1"#,
    #"ballast_server_inflight{server="s\"1",service="shop"} 2"#,
    #"ballast_retries_total{reason="reset",service="shop"} 6"#,
    #"ballast_connections{listener="web"} 4"#,
    #"ballast_connections_total{listener="web"} 20"#,
    #"ballast_checks_total{result="failed",server="s\"1",service="shop"} 1"#,
    #"ballast_ejections_total{server="s\"1",service="shop"} 4"#,
    #"ballast_server_ejected{server="s\"1",service="shop"} 1"#,
    #"ballast_server_weight{server="s\"1",service="shop"} 1.5"#,
    #"ballast_server_active{server="s\"1",service="shop"} 1"#,
    #"ballast_concurrency_limit{server="s\"1",service="shop"} 40"#,
    #"ballast_retries_total{reason="gateway-error",service="shop"} 4"#,
    #"ballast_retries_total{reason="hedge",service="shop"} 10"#,
    #"ballast_hedges_total{result="won",service="shop"} 6"#,
    #"ballast_hedges_total{result="lost",service="shop"} 2"#,
    #"ballast_retry_budget_exhausted_total{service="shop"} 8"#,
    #"ballast_shed_total{reason="queue-full",service="shop"} 2"#,
    #"ballast_shed_total{reason="overload",service="shop"} 4"#,
    #"ballast_shed_total{reason="queue-timeout",service="shop"} 6"#,
    #"ballast_queue_length{service="shop"} 2"#, #"ballast_sessions{service="shop"} 7"#,
    #"ballast_faults_total{service="shop",type="replica-exited"} 2"#,
    #"ballast_replicas{service="shop",state="ready"} 1"#,
    #"ballast_config_reloads_total{result="success"} 1"#, "ballast_topology_version 7",
    #"ballast_service_queued{service="shop"} 2"#,
  ])
  func `workers are added up`(_ line: String) {
    #expect(samples(page()).contains(line))
  }

  @Test func `no series comes twice and every family is in one piece`() {
    let series = samples(page()).map { $0.prefix { $0 != " " } }
    #expect(Set(series).count == series.count)
    var families: [Substring] = []
    for line in page().split(separator: "\n") where line.hasPrefix("# TYPE ") {
      families.append(line.dropFirst(7))
    }
    #expect(Set(families).count == families.count)
    let names = families.map { String($0.prefix { $0 != " " }) }
    var order: [String] = []
    for sample in series {
      let metric = String(sample.prefix { $0 != "{" })
      let family = names.first { name in
        metric == name || ["_bucket", "_sum", "_count"].contains { metric == name + $0 }
      }
      #expect(family != nil, "\(metric)")
      if let family, order.last != family { order.append(family) }
    }
    #expect(Set(order).count == order.count)
  }

  @Test func `a server that takes no work is not up`() {
    let text = page { page in
      let services = page.snapshot.services.map { service in
        Service(
          id: service.id, name: service.name, algorithm: .random,
          servers: service.servers.map {
            Server(id: $0.id, name: $0.name, address: $0.address, availability: .draining)
          })
      }
      page.snapshot = TopologySnapshot(
        version: 8, listeners: page.snapshot.listeners, routes: page.snapshot.routes,
        services: services)
    }
    #expect(samples(text).contains(#"ballast_server_up{server="s\"1",service="shop"} 0"#))
  }

  @Test func `requests of too many names are counted together`() {
    var statistics = RequestStatistics()
    for number in 0..<(RequestStatistics.seriesLimit + 3) {
      _ = statistics.count(
        listener: ListenerID(0), route: RouteID(number), service: nil, method: .get, code: 200,
        duration: .milliseconds(1), now: .zero + .seconds(5))
    }
    _ = statistics.count(
      listener: ListenerID(0), route: RouteID(0), service: nil, method: .get, code: 404,
      duration: .milliseconds(1), now: .zero + .seconds(5))
    let all = statistics.report()
    #expect(all.count == RequestStatistics.seriesLimit + 1)
    #expect(all.last?.isFolded == true && all.last?.codes.first?.count == 3)
    #expect(all[0].codes.map(\.code) == [200, 404])
    let identities = IdentityRegistry()
    let page = MetricsPage(reports: [], snapshot: .empty, identities: identities)
    #expect(page.names(of: all[all.count - 1]) == ("_other", "_other", "_other"))
  }

  @Test func `a bucket has a fresh example once a second`() throws {
    var statistics = RequestStatistics()
    func count(_ milliseconds: Int64, _ now: Instant) -> Int? {
      statistics.count(
        listener: ListenerID(0), route: nil, service: nil, method: .get, code: 200,
        duration: .milliseconds(milliseconds), now: now)
    }
    let start = Instant.zero + .seconds(100)
    let place = try #require(count(3, start))
    statistics.exemplars.keep(
      place, .milliseconds(3), request: .init(high: 1, low: 2), trace: nil, now: start)
    #expect(count(2, start + .milliseconds(999)) == nil)
    #expect(count(2_000, start) != nil)
    #expect(count(2, start + .seconds(1)) == place)
    let shown = statistics.report(
      now: start + .milliseconds(250), wallTime: WallTime(milliseconds: 10_000))
    #expect(shown[0].exemplars.map(\.at) == [WallTime(milliseconds: 9_750)])
    #expect(shown[0].exemplars[0].request == .init(high: 1, low: 2))
    #expect(statistics.report()[0].exemplars.isEmpty)
  }

  @Test func `the process tells of itself`() throws {
    let sample = try #require(ProcessFigures.sample)
    #expect(sample.residentBytes > 0 && sample.openDescriptors > 2 && sample.threads > 0)
    #expect(sample.startTime > 1_500_000_000)
    #expect(ProcessFigures.usableCores >= 1)
  }
}
