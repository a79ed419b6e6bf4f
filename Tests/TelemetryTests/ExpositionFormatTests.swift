import Telemetry
import Testing

@Suite struct ExpositionFormatTests {
  @Test(arguments: [
    "application/openmetrics-text", "application/openmetrics-text; version=1.0.0",
    "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75"
      + ",text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "text/plain;q=0.3 , APPLICATION/OPENMETRICS-TEXT ; version=\"1.0.0\" ; q=0.3",
  ])
  func `whoever likes OpenMetrics gets it`(_ accept: String) {
    #expect(ExpositionFormat(accept: accept) == .openMetrics)
  }

  @Test(arguments: [
    nil, "", "*/*", "text/plain", "text/html,application/xhtml+xml,*/*;q=0.8", ",;,;q",
    "application/openmetrics-text;version=2.0.0", "application/openmetrics-text;q=0",
    "application/openmetrics-text;version=1.0.0;q=0.2,text/plain;q=0.9",
    "application/openmetrics-text;q=nan", "application/openmetrics-text;q=-1",
    String(repeating: "a/b,", count: 32) + "application/openmetrics-text",
  ])
  func `all others get the text of Prometheus`(_ accept: String?) {
    #expect(ExpositionFormat(accept: accept) == .prometheus)
  }
}
