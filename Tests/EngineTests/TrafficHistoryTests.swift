import AdminAPI
import Primitives
import Telemetry
import Testing
import Topology

@testable import Engine

struct TrafficHistoryTests {
  private let service = ServiceID(0)

  private func sample(second: Int64, requests: UInt64, slow: Int = 0) -> TrafficSample {
    var latencies = LatencySketch()
    for _ in 0..<requests { latencies.record(.milliseconds(1)) }
    for _ in 0..<slow { latencies.record(.seconds(1)) }
    let report = WorkerReport(
      worker: 0, listeners: [], series: [],
      services: [.init(id: service, requests: requests, failures: 1, latencies: latencies)],
      servers: [.init(id: ServerID(3), requests: requests)])
    return TrafficSample(at: .zero + .seconds(second), [report])
  }

  @Test func `rates are differences over ten seconds`() {
    var history = TrafficHistory()
    for second in 0...30 {
      let requests = UInt64(max(0, second - 15)) * 10
      history.add(
        sample(second: Int64(second), requests: requests), at: WallTime(milliseconds: 0))
    }
    #expect(history.rates(of: service).requestsPerSecond == 10)
    #expect(history.rates(of: service).failuresPerSecond == 0)
    #expect(history.requestsPerSecond(of: ServerID(3)) == 10)
    #expect(history.requestsPerSecond(of: ServerID(4)) == 0)
  }

  @Test func `latencies are those of the window alone`() throws {
    var history = TrafficHistory()
    history.add(sample(second: 0, requests: 50, slow: 50), at: WallTime(milliseconds: 0))
    history.add(sample(second: 1, requests: 150, slow: 50), at: WallTime(milliseconds: 1000))
    let p99 = try #require(history.rates(of: service).p99)
    #expect(p99 < 0.002)
    #expect(history.points(of: service).map(\.requests) == [100])
  }

  @Test func `at most ten minutes of points are kept`() {
    var history = TrafficHistory()
    for second in 0..<700 {
      history.add(
        sample(second: Int64(second), requests: 0),
        at: WallTime(milliseconds: Int64(second) * 1000))
    }
    let points = history.points(of: service)
    #expect(points.count == TrafficHistory.pointLimit)
    #expect(points.last?.at == WallTime(milliseconds: 699_000))
    #expect(points.first?.p50 == nil)
  }
}
