import Foundation
import Glibc
import Primitives
import Telemetry
import Testing

@Suite struct ExpositionTests {
  /// Everything that the format has, added in an order that would interleave families.
  private func sample() -> String {
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
    return exposition.text()
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

  @Test func `series beyond the limit are counted instead of kept`() {
    var exposition = Exposition()
    for index in 0..<(Exposition.seriesLimit + 5) {
      exposition.gauge("many", help: "Many.", labels: ["n": "\(index)"], value: 1)
    }
    let text = exposition.text()
    #expect(text.split(separator: "\n").filter { $0.hasPrefix("many") }.count == 20_000)
    #expect(text.hasSuffix("\nballast_exposition_dropped_series 5\n"))
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
