public import Audit
public import Primitives

/// Which entries are asked for; nil takes all.
public struct AuditFilter: Sendable, Equatable {
  /// Entries older than this number.
  public var before: Int64?
  public var since: WallTime?
  public var actor: String?
  /// An action, or with `.` at its end all that begin so: `config.`.
  public var action: String?
  /// A subject, and what is of it: `shop` takes `shop/s1` as well.
  public var subject: String?
  public var source: AuditRecord.Source?
  public var result: AuditRecord.Result?

  public init() {}

  /// The condition, and the values in its places.
  var sql: (condition: String, values: [SQLValue]) {
    var (conditions, values) = ([String](), [SQLValue]())
    func add(_ condition: String, _ value: SQLValue?) {
      guard let value else { return }
      conditions.append(condition)
      values.append(value)
    }
    add("number < ?", before.map { .integer($0) })
    add("at >= ?", since.map { .integer($0.milliseconds) })
    add("actor = ?", actor.map { .text($0) })
    add("source = ?", source.map { .text($0.rawValue) })
    add("result = ?", result.map { .text($0.rawValue) })
    if let action, action.hasSuffix(".") {
      conditions.append("substr(action, 1, ?) = ?")
      values += [.integer(Int64(action.unicodeScalars.count)), .text(action)]
    } else {
      add("action = ?", action.map { .text($0) })
    }
    if let subject {
      conditions.append("(subject = ? OR substr(subject, 1, ?) = ?)")
      values += [
        .text(subject), .integer(Int64(subject.unicodeScalars.count + 1)), .text(subject + "/"),
      ]
    }
    return (
      conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "), values
    )
  }
}
