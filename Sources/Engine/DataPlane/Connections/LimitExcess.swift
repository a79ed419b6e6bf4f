import Primitives
import Wire

/// Which limit of its size a request went beyond, for the logs.
struct LimitExcess: Sendable {
  /// As the configuration calls it.
  let name: StaticString
  let most: Int64
  /// What had come when the limit was noticed, or what the request said of itself.
  let seen: Int64
  /// The name of the field at which it was; empty without one.
  let field: [UInt8]

  /// Bytes of a field's name that are written down.
  private static let longestName = 64

  init(_ excess: HeadExcess, _ bytes: Span<UInt8>) {
    name =
      switch excess.limit {
      case .target: "target"
      case .bytes: "limits.head"
      case .fields: "limits.fields"
      }
    most = Int64(excess.most)
    seen = Int64(excess.seen)
    field = excess.field.prefix(Self.longestName).map { bytes[$0] }
  }

  init(body most: Int64, seen: Int64) {
    name = "limits.body"
    self.most = most
    self.seen = seen
    field = []
  }

  /// Members of a JSON object.
  func append(to writer: inout ByteWriter) {
    writer.append(",\"limit\":\"")
    writer.append(name)
    writer.append("\",\"most\":")
    writer.append(decimal: Int(clamping: most))
    writer.append(",\"seen\":")
    writer.append(decimal: Int(clamping: seen))
    if field.isEmpty { return }
    writer.append(",\"field\":\"")
    writer.append(.json, field.span, 0..<field.count)
    writer.append("\"")
  }
}

extension LimitExcess: CustomStringConvertible {
  /// `limits.head is 65535, and 70000 had come at the field Cookie`.
  var description: String {
    let place = field.isEmpty ? "" : " at the field \(String(decoding: field, as: UTF8.self))"
    return "\(name) is \(most), and \(seen) had come\(place)"
  }
}
