/// Labels that an alert must have; a value ends in `*` for all that begin so.
public struct LabelMatch: Codable, Sendable, Equatable {
  public var labels: [String: String]

  public init(_ labels: [String: String] = [:]) { self.labels = labels }

  public func matches(_ other: [String: String]) -> Bool {
    labels.allSatisfy { name, wanted in
      let value = other[name] ?? ""
      return wanted.hasSuffix("*") ? value.hasPrefix(wanted.dropLast()) : value == wanted
    }
  }
}
