import Telemetry
import Topology

/// What `/metrics` shows of compressed answers.
extension MetricsPage {
  func addCompression(to page: inout Exposition) {
    let codings = ContentCoding.allCases.map { coding in
      (name: "\(coding.name)", counters: total(of: coding))
    }
    for (name, counters) in codings {
      page.counter(
        "ballast_compressed_answers_total", help: "Answers that were compressed, by encoding.",
        labels: ["encoding": name], count: counters.answers)
    }
    for (name, counters) in codings {
      page.counter(
        "ballast_compression_input_bytes_total",
        help: "Bytes of answers' bodies before they were compressed.",
        labels: ["encoding": name], count: counters.inputBytes)
    }
    for (name, counters) in codings {
      page.counter(
        "ballast_compression_output_bytes_total",
        help: "Bytes of answers' bodies after they were compressed.",
        labels: ["encoding": name], count: counters.outputBytes)
    }
    page.counter(
      "ballast_compression_skipped_total",
      help: "Answers that went as they were, since too many were compressed at the moment.",
      count: reports.reduce(0) { $0 &+ $1.compression.refusals })
  }

  private func total(of coding: ContentCoding) -> CompressionCounters.Coding {
    var total = CompressionCounters.Coding()
    for report in reports {
      let counters = report.compression.codings[Int(coding.rawValue)]
      total.answers &+= counters.answers
      total.inputBytes &+= counters.inputBytes
      total.outputBytes &+= counters.outputBytes
    }
    return total
  }
}
