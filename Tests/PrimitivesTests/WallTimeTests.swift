import Primitives
import Testing

@Suite struct WallTimeTests {
  @Test(arguments: [
    (Int64(0), "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"),
    (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
    (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
    (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
    (-2_208_988_800_000, "1900-01-01T00:00:00.000Z"),
    (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
    (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
  ])
  func `a time is written as RFC 3339 and read back`(milliseconds: Int64, text: String) {
    let time = WallTime(milliseconds: milliseconds)
    #expect(time.description == text)
    #expect(WallTime(text) == time)
  }

  @Test func `the fraction may be left out`() {
    #expect(WallTime("2023-11-14T22:13:20Z") == WallTime(milliseconds: 1_700_000_000_000))
  }

  @Test func `a leap second reads as the first moment of the next minute`() {
    #expect(WallTime("2016-12-31T23:59:60Z") == WallTime("2017-01-01T00:00:00Z"))
  }

  @Test(arguments: [
    "", "2023", "2023-11-14 22:13:20Z", "2023-11-14T22:13:20", "2023-11-14T22:13:20z",
    "2023-11-14T22:13:20+00:00", "2023-13-14T22:13:20Z", "2023-00-14T22:13:20Z",
    "2023-11-00T22:13:20Z", "2023-11-31T22:13:20Z", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
    "2023-11-14T24:00:00Z", "2023-11-14T22:60:00Z", "2023-11-14T22:13:61Z", "-023-11-14T22:13:20Z",
    "2023-11-14T22:13:20.12Z", "2023-11-14T22:13:20,123Z", "2023-11-1\u{0664}T22:13:20Z",
  ])
  func `what is no such time is refused`(text: String) {
    #expect(WallTime(text) == nil)
  }

  @Test func `every day of four hundred years is read back`() {
    for day in stride(from: Int64(-73_000), to: 73_100, by: 1) {
      let time = WallTime(milliseconds: day * 86_400_000 + day & 0xFFFF)
      guard WallTime(time.description) == time else {
        Issue.record("\(day): \(time.description)")
        return
      }
    }
  }

  @Test func `the ends of the range neither trap nor wrap`() {
    let (first, last) = (WallTime(milliseconds: .min), WallTime(milliseconds: .max))
    #expect(!first.description.isEmpty && !last.description.isEmpty)
    #expect(last - first == TimeSpan(nanoseconds: .max))
    #expect(first - last == TimeSpan(nanoseconds: .min))
    #expect(WallTime(milliseconds: 3_000) - WallTime(milliseconds: 1_000) == .seconds(2))
  }

  @Test func `the common log form is in UTC`() {
    let time = WallTime(milliseconds: 1_700_000_000_123)
    #expect(time.commonLogForm == "14/Nov/2023:22:13:20 +0000")
  }
}
