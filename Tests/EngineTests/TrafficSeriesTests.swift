import AdminAPI
import Primitives
import Telemetry
import Testing
import Topology

@testable import Engine

struct TrafficSeriesTests {
  private func sample(second: Int64, requests: UInt64, servers: [Int] = [3]) -> TrafficSample {
    var latencies = LatencySketch()
    var coarse = CoarseLatencySketch()
    for _ in 0..<requests {
      latencies.record(.milliseconds(10))
      coarse.record(.milliseconds(10))
    }
    let report = WorkerReport(
      worker: 0, listeners: [], series: [],
      services: [.init(id: ServiceID(0), requests: requests, failures: 1, latencies: latencies)],
      servers: servers.map {
        .init(id: ServerID($0), requests: requests, answers: requests, latencies: coarse)
      })
    return TrafficSample(at: .zero + .seconds(second), [report])
  }

  private func wall(_ second: Int64) -> WallTime { WallTime(milliseconds: second * 1_000) }

  @Test func `a step holds what came between its first sample and the next one's`() throws {
    var series = TrafficSeries(step: 5, services: 3, servers: 2)
    for second in 0...10 {
      series.add(
        sample(second: Int64(second), requests: UInt64(second) * 2), at: wall(Int64(second)))
    }
    #expect(series.times == [0, 5])
    #expect(series.points(ofService: 0).map(\.requests) == [2, 2])
    #expect(series.points(ofServer: 3).map(\.requests) == [2, 2])
    let p99 = try #require(series.points(ofServer: 3).last?.p99)
    #expect(abs(p99 - 0.01) < 0.001)
    #expect(series.points(ofServer: 4).isEmpty)
  }

  @Test func `the oldest go, and servers that are gone`() {
    var series = TrafficSeries(step: 5, services: 3, servers: 2)
    for second in 0...40 {
      let servers = second < 30 ? [3, 4] : [3]
      series.add(
        sample(second: Int64(second), requests: 0, servers: servers), at: wall(Int64(second)))
    }
    #expect(series.times == [25, 30, 35])
    #expect(series.points(ofService: 0).count == 3)
    #expect(series.points(ofServer: 3).count == 2)
    #expect(series.points(ofServer: 4).isEmpty)
    #expect(series.points(ofServer: 3).last?.p99 == nil)
  }

  @Test func `a clock that is set back makes no point of the past`() {
    var series = TrafficSeries(step: 5, services: 3, servers: 2)
    for (second, told) in [(0, 100), (1, 50), (2, 55)] as [(Int64, Int64)] {
      series.add(sample(second: second, requests: 1), at: wall(told))
    }
    #expect(series.times == [50])
  }

  @Test func `the text is the JSON of the type, padded where a server is younger`() throws {
    let points = [
      TrafficSeries.Point(requests: 1_234.5678, failures: 0, p50: nil, p99: nil),
      TrafficSeries.Point(requests: 0.25, failures: .infinity, p50: 0.0015, p99: 0.25),
    ]
    var text = TrafficSeriesText(step: 5, times: [0, 5, 10], last: 10)
    text.addTotal(name: Array(#""t""#.utf8), points)
    text.add(name: Array(#""a\"b""#.utf8), points, median: true)
    text.add(name: Array(#""c""#.utf8), [], median: false)
    text.finish()
    let decoded = try #require(AdminJSON.decode(TrafficSeriesStatus.self, text.bytes))
    #expect(
      decoded
        == TrafficSeriesStatus(
          step: 5, times: [0, 5, 10],
          total: .init(
            name: "t", requests: [nil, 1_234, 0.25], failures: [nil, 0, 0],
            p50: [nil, nil, 0.0015], p99: [nil, nil, 0.25]),
          series: [
            .init(
              name: "a\"b", requests: [nil, 1_234, 0.25], failures: [nil, 0, 0],
              p50: [nil, nil, 0.0015], p99: [nil, nil, 0.25]),
            .init(
              name: "c", requests: [nil, nil, nil], failures: [nil, nil, nil], p50: nil,
              p99: [nil, nil, nil]),
          ]))
    var short = TrafficSeriesText(step: 5, times: [0, 5, 10], last: 1)
    short.add(name: Array(#""a""#.utf8), points, median: false)
    short.finish()
    let last = try #require(AdminJSON.decode(TrafficSeriesStatus.self, short.bytes))
    #expect(last.series.first?.requests == [0.25])
  }
}
