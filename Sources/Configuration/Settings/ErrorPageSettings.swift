/// `errors: { 503: ./503.html }`: a file that stands in for an error answer of our own.
public struct ErrorPageSettings: Sendable, Equatable {
  /// The types that a file's name tells, by its ending.
  public enum Kind: String, Sendable, CaseIterable {
    case html, htm, json, txt, xml

    public var contentType: String {
      switch self {
      case .html, .htm: "text/html; charset=utf-8"
      case .json: "application/json"
      case .txt: "text/plain; charset=utf-8"
      case .xml: "application/xml"
      }
    }
  }

  /// Of a file, in bytes: an answer of ours fits the buffer that it is written in.
  public static let largestFile = 64 << 10
  /// Files for one status: one for each kind of client.
  public static let mostFiles = 4

  /// A single status, or all of 400 to 499 or of 500 to 599.
  public var statuses: ClosedRange<Int>
  public var kind: Kind
  public var text: String

  public init(statuses: ClosedRange<Int>, kind: Kind, text: String) {
    self.statuses = statuses
    self.kind = kind
    self.text = text
  }
}
