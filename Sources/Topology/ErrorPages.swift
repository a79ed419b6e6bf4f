/// Texts that stand in for those of our own error answers.
public struct ErrorPages: Sendable {
  public struct Page: Sendable {
    public let statuses: ClosedRange<Int>
    public let isJSON: Bool
    public let contentType: [UInt8]
    public let body: [UInt8]

    public init(statuses: ClosedRange<Int>, isJSON: Bool, contentType: [UInt8], body: [UInt8]) {
      self.statuses = statuses
      self.isJSON = isJSON
      self.contentType = contentType
      self.body = body
    }
  }

  /// Those of a single status first.
  public let pages: [Page]

  public init(_ pages: [Page] = []) { self.pages = pages }

  /// The page for a status: JSON for a client that asks for it, else any other, and the JSON one
  /// where it is all there is for the status. Nil leaves it to the text of our own.
  public func find(_ status: Int, wantsJSON: Bool) -> Page? {
    if pages.isEmpty { return nil }
    var fallback: Page?
    for page in pages where page.statuses.contains(status) {
      if page.isJSON == wantsJSON { return page }
      if page.isJSON, fallback == nil { fallback = page }
    }
    return fallback
  }
}
