import Testing
import Wire

@Suite struct LoadReportFieldTests {
  private func report(_ lines: String) -> LoadReportField? {
    var head = ResponseHead()
    let bytes = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\(lines)\r\n".utf8)
    #expect(head.outcome(bytes) == .complete)
    return LoadReportField.find(head, bytes.span)
  }

  @Test(
    arguments: [
      ("TEXT cpu_utilization=0.3, mem_utilization=0.85", 0.3, 0.85),
      ("JSON {\"mem_utilization\": 0.5, \"cpu_utilization\":0.25}", 0.25, 0.5),
      ("cpu_utilization=7", 1, nil), ("mem_utilization=.5", nil, 0.5),
      ("cpu_utilization=-1", nil, nil), ("cpu_utilization=", nil, nil),
      ("cpu_utilization=nan mem_utilization=1e300", nil, 1), ("", nil, nil),
      ("cpu_utilization=99999999999999999999999999999999", 1, nil),
    ] as [(String, Double?, Double?)])
  func `a report is read in both forms, and what is no share is left out`(
    value: String, cpu: Double?, memory: Double?
  ) {
    let found = report("endpoint-load-metrics: \(value)\r\n")
    #expect(found?.cpu == cpu && found?.memory == memory && found != nil)
  }

  @Test func `an answer without the field reports nothing`() {
    #expect(report("endpoint-load-metricz: TEXT cpu_utilization=0.3\r\n") == nil)
    #expect(report("") == nil)
  }
}
