import Foundation
import Glibc
import Primitives
import Telemetry
import Testing

@Suite struct ExpositionTests {
  /// Everything that the format has, added in an order that would interleave families.
  private func sample(_ format: ExpositionFormat = .prometheus) -> String {
    var histogram = LatencyHistogram()
    for milliseconds: Int64 in [1, 7, 40, 800, 20_000] {
      histogram.record(.milliseconds(milliseconds))
    }
    var exposition = Exposition()
    for service in ["shop", "orders"] {
      exposition.counter(
        "ballast_requests_total", help: "Requests, by what they asked for and got.",
        labels: ["service": service, "code": "200"], count: 12)
      exposition.gauge(
        "ballast_server_up", help: "1 when a server is healthy, else 0.",
        labels: ["service": service, "server": "a \"b\" \\ c\nd"], value: 1)
      exposition.histogram(
        "ballast_request_duration_seconds", help: "From the head to the last byte of the answer.",
        labels: ["service": service], value: histogram)
    }
    exposition.counter(
      "ballast_requests_total", help: "Requests, by what they asked for and got.",
      labels: ["code": "200", "service": "shop"], count: 3)
    exposition.declareCounter("ballast_faults_total", help: "Faults.")
    exposition.process(
      ProcessSample(
        cpuSeconds: 1.25, residentBytes: 12_345_678, virtualBytes: 1 << 40, openDescriptors: 12,
        maximumDescriptors: 1024, startTime: 1_790_000_000.5, threads: 4))
    return exposition.text(format)
  }

  @Test func `each family is in one piece, with HELP and TYPE before its series`() {
    var seen: Set<String> = []
    var current = ""
    for line in sample().split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 3)
      if words[0] == "#" {
        if words[1] == "HELP" {
          current = String(words[2])
          #expect(seen.insert(current).inserted, "\(current) has two pieces")
        } else {
          #expect(words[1] == "TYPE" && String(words[2]) == current)
        }
      } else {
        let name = line.prefix { $0 != "{" && $0 != " " }
        let base = ["_bucket", "_sum", "_count"].reduce(String(name)) { name, suffix in
          name == current + suffix ? current : name
        }
        #expect(base == current, "\(line) stands under \(current)")
      }
    }
    #expect(seen.count == 4 + 7)
  }

  @Test func `no series occurs twice, in whatever order its labels came`() {
    let series = sample().split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
      line[..<(line.lastIndex(of: " ") ?? line.endIndex)]
    }
    #expect(Set(series).count == series.count)
    #expect(sample().contains("ballast_requests_total{code=\"200\",service=\"shop\"} 15\n"))
  }

  @Test func `label values are escaped`() {
    #expect(sample().contains("server=\"a \\\"b\\\" \\\\ c\\nd\""))
  }

  @Test func `buckets add up, and the last of them equals the count`() {
    let text = sample()
    let prefix = "ballast_request_duration_seconds_"
    #expect(text.contains("\(prefix)bucket{service=\"shop\",le=\"0.005\"} 1\n"))
    #expect(text.contains("\(prefix)bucket{service=\"shop\",le=\"0.01\"} 2\n"))
    #expect(text.contains("\(prefix)bucket{service=\"shop\",le=\"1\"} 4\n"))
    #expect(text.contains("\(prefix)bucket{service=\"shop\",le=\"10\"} 4\n"))
    #expect(text.contains("\(prefix)bucket{service=\"shop\",le=\"+Inf\"} 5\n"))
    #expect(text.contains("\(prefix)count{service=\"shop\"} 5\n"))
    #expect(text.contains("\(prefix)sum{service=\"shop\"} 20.848\n"))
  }

  @Test func `numbers are whole where they can be`() {
    let text = sample()
    #expect(text.contains("process_cpu_seconds_total 1.25\n"))
    #expect(text.contains("process_virtual_memory_bytes 1099511627776\n"))
    #expect(text.contains("process_start_time_seconds 1790000000.5\n"))
    var odd = Exposition()
    odd.gauge("a", help: "A.", value: .infinity)
    odd.gauge("b", help: "B.", value: .nan)
    odd.gauge("c", help: "Two\nlines \\.", value: 1e300)
    odd.gauge("c", help: "", value: -0.25)
    #expect(odd.text().contains("a +Inf\n"))
    #expect(odd.text().contains("b NaN\n"))
    #expect(odd.text().contains("# HELP c Two\\nlines \\\\.\n"))
    #expect(odd.text().hasSuffix("c -0.25\n"))
  }

  @Test func `OpenMetrics has its own names of counters, bounds with a fraction, and an end`() {
    let lines = sample(.openMetrics).split(separator: "\n")
    #expect(lines.last == "# EOF")
    #expect(lines.contains("# TYPE ballast_requests counter"))
    #expect(lines.contains { $0.hasPrefix("ballast_requests_total{") })
    let prefix = "ballast_request_duration_seconds_bucket{service=\"shop\",le="
    #expect(lines.contains { $0.hasPrefix("\(prefix)\"1.0\"}") })
    #expect(lines.contains { $0.hasPrefix("\(prefix)\"+Inf\"}") })
    #expect(lines.contains { $0.hasPrefix("\(prefix)\"0.005\"}") })
  }

  @Test func `a counter beside a gauge of its name stays what it is called in OpenMetrics`() {
    var exposition = Exposition()
    exposition.gauge("doors", help: "Doors that are open.", value: 2)
    exposition.counter("doors_total", help: "Doors that were \"opened\".", count: 5)
    let text = exposition.text(.openMetrics)
    #expect(text.contains("# TYPE doors gauge\ndoors 2\n"))
    #expect(text.contains("# HELP doors_total Doors that were \\\"opened\\\".\n"))
    #expect(text.contains("# TYPE doors_total unknown\ndoors_total 5\n"))
    #expect(exposition.text().contains("# TYPE doors_total counter\ndoors_total 5\n"))
  }

  @Test func `each bucket has its newest example, in OpenMetrics alone`() {
    var exposition = Exposition()
    for (milliseconds, at) in [(40, 1_500), (30, 2_500), (45, 500), (7_000, 3_000)] {
      var histogram = LatencyHistogram()
      histogram.record(.milliseconds(Int64(milliseconds)))
      let example = LatencyExemplar(
        latency: .milliseconds(Int64(milliseconds)), at: WallTime(milliseconds: Int64(at)),
        request: .init(high: 1, low: UInt64(at)),
        trace: milliseconds == 30 ? .init(high: 0xabc, low: 5) : nil)
      exposition.histogram("wait_seconds", help: "W.", value: histogram, exemplars: [example])
    }
    let text = exposition.text(.openMetrics)
    let trace = "0000000000000abc0000000000000005"
    #expect(
      text.contains(
        "wait_seconds_bucket{le=\"0.05\"} 3 # {trace_id=\"\(trace)\","
          + "request_id=\"000000000000000100000000000009c4\"} 0.03 2.5\n"))
    #expect(
      text.contains(
        "{le=\"7.5\"} 4 # {request_id=\"00000000000000010000000000000bb8\"} 7.0 3.0\n"))
    #expect(text.split(separator: "\n").count { $0.contains("# {") } == 2)
    #expect(!exposition.text().contains("request_id"))
  }

  @Test func `gauges beyond the limit are left out and counted, and those that add up are added`() {
    var exposition = Exposition(seriesLimit: 100)
    for index in 0..<105 {
      exposition.gauge("state", help: "S.", labels: ["server": "\(index)"], value: 1)
      exposition.gauge("load", help: "L.", labels: ["server": "\(index)"], value: 2, adds: true)
    }
    let lines = exposition.text().split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("state") } == 100)
    #expect(lines.count { $0.hasPrefix("load") } == 101)
    #expect(lines.contains("load{server=\"_other\"} 10"))
    #expect(lines.contains("ballast_exposition_dropped_series 5"))
    #expect(lines.contains("ballast_exposition_folded_series{family=\"load\"} 5"))
  }

  /// A page of counters, one for each service.
  private func page(
    _ services: [String], inUse: [String], _ admissions: inout SeriesAdmissions
  ) -> [String: Double] {
    var page = Exposition(
      seriesLimit: 20, admissions: admissions, names: ["service": Set(inUse)])
    for service in services {
      for code in ["200", "500"] {
        page.counter(
          "work_total", help: "W.", labels: ["service": service, "code": code], count: 10)
      }
    }
    admissions = page.admissions
    var samples: [String: Double] = [:]
    for line in page.text().split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: " ")
      samples[String(parts[0])] = Double(parts[1])
    }
    return samples
  }

  @Test func `counters beyond the limit are added up, and whoever is shown stays`() {
    var admissions = SeriesAdmissions()
    let first = (1...10).map { "s\($0)" }
    #expect(page(first, inUse: first, &admissions).count == 20)
    // The newcomer comes first on the page and yet takes nobody's place.
    let more = ["new"] + first
    let samples = page(more, inUse: more, &admissions)
    #expect(samples["work_total{code=\"500\",service=\"_other\"}"] == 10)
    #expect(samples["work_total{code=\"200\",service=\"s10\"}"] == 10)
    #expect(samples["ballast_exposition_folded_series{family=\"work_total\"}"] == 2)
    #expect(samples.filter { $0.key.hasPrefix("work") }.values.reduce(0, +) == 220)
  }

  @Test func `what has left makes room for what comes, and no sum gets smaller`() {
    var admissions = SeriesAdmissions()
    let first = (1...10).map { "s\($0)" }
    _ = page(first, inUse: first, &admissions)
    let now = ["a", "b"] + first.dropFirst(5)
    let all = now + first.prefix(5)
    var before: [String: Double] = [:]
    for newcomer in ["", "c", "d", ""] {
      let services = all + (newcomer.isEmpty ? [] : [newcomer])
      let samples = page(services, inUse: now + ["c", "d"], &admissions)
      for (name, value) in before where name.contains("_other") {
        #expect(samples[name, default: 0] >= value)
      }
      before = samples.filter { $0.key.hasPrefix("work") }
    }
    // Those that came before there was room stay added up; those after have it.
    #expect(before["work_total{code=\"200\",service=\"a\"}"] == nil)
    let last = page(all + ["c", "d"], inUse: now + ["c", "d"], &admissions)
    #expect(last["work_total{code=\"200\",service=\"d\"}"] == 10)
  }

  @Test func `a histogram counts with all its lines`() {
    var page = Exposition(seriesLimit: 34)
    for name in ["a", "b", "c"] {
      var histogram = LatencyHistogram()
      histogram.record(.milliseconds(1))
      page.histogram("wait_seconds", help: "W.", labels: ["route": name], value: histogram)
    }
    let text = page.text()
    #expect(text.contains("wait_seconds_count{route=\"b\"} 1\n"))
    #expect(text.contains("wait_seconds_count{route=\"_other\"} 1\n"))
    #expect(!text.contains("route=\"c\""))
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool")))
  func `promtool finds nothing to complain about`() throws {
    // Not by Foundation's Process: it watches descriptors by number beyond their end, and so reads what
    // belongs to other tests of this program.
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let page = folder.appending(path: "page")
    try Data(sample().utf8).write(to: page)
    let output = unsafe popen("promtool check metrics <'\(page.path())' 2>&1", "r")
    var said: [UInt8] = []
    while let byte = unsafe output.map({ unsafe fgetc($0) }), byte != EOF {
      said.append(UInt8(truncatingIfNeeded: byte))
    }
    let status = unsafe output.map { unsafe pclose($0) }
    #expect(status == 0)
    #expect(String(decoding: said, as: UTF8.self) == "")
  }
}
