/// A header or a cookie that asks for the new revision.
public struct RequestRule: Codable, Sendable, Equatable {
  public enum Place: String, Codable, Sendable {
    case header, cookie
  }

  public var place: Place
  public var name: String
  /// Nil: any.
  public var value: String?

  public init(_ place: Place, _ name: String, value: String? = nil) {
    self.place = place
    self.name = name
    self.value = value
  }
}
