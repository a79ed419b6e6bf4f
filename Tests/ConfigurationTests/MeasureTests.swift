import Primitives
import Testing

@testable import Configuration

struct MeasureTests {
  @Test(arguments: [
    ("500ms", TimeSpan.milliseconds(500)), ("2s", .seconds(2)), ("1.5s", .milliseconds(1500)),
    ("5m", .minutes(5)), ("1h", .hours(1)), ("0s", .zero),
  ])
  func `durations are read, also as they are printed`(_ text: String, _ span: TimeSpan) {
    #expect(ScalarText.duration(text) == span)
    #expect(ScalarText.duration(span.description) == span)
  }

  @Test(arguments: [
    "", "s", "1", "1 s", "-1s", "1e3s", "1us", ".5s", "5.s", "1h30m", "9999999999999h",
  ])
  func `what is no duration is none`(_ text: String) { #expect(ScalarText.duration(text) == nil) }

  @Test(arguments: [
    ("0", Int64(0)), ("1024", 1024), ("64KiB", 65536), ("64Ki", 65536), ("256MiB", 256 << 20),
    ("1.5Gi", 3 << 29), ("1TiB", 1 << 40),
  ])
  func `sizes are read`(_ text: String, _ bytes: Int64) { #expect(ScalarText.size(text) == bytes) }

  @Test(arguments: ["", "KiB", "1KB", "-1", "1.5", "9999999999TiB", "1 MiB"])
  func `what is no size is none`(_ text: String) { #expect(ScalarText.size(text) == nil) }

  @Test func `shares and status codes are read`() {
    #expect(ScalarText.share("20%") == 0.2)
    #expect(ScalarText.share("0.5%") == 0.005)
    #expect(ScalarText.share("20") == nil)
    #expect(ScalarText.statusRange("204") == 204...204)
    #expect(ScalarText.statusRange("200-299") == 200...299)
    for text in ["", "-", "200-", "99", "600", "300-200", "200-299-300", "abc"] {
      #expect(ScalarText.statusRange(text) == nil)
    }
  }

  @Test(arguments: [
    ("run", "/srv/shop/run"), ("./run/", "/srv/shop/run"), ("../x", "/srv/x"),
    ("../../../x", "/x"), ("/a//b/./c", "/a/b/c"), (".", "/srv/shop"),
  ])
  func `relative paths start from the folder`(_ path: String, _ absolute: String) {
    #expect(FolderPath("/srv/shop").absolute(path) == absolute)
  }
}
