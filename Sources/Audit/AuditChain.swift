import Primitives

/// What an entry's hash is taken of. `docs/audit.md` has it for others:
///
///     SHA-256(hash of the entry before ‖ number ‖ at ‖ source ‖ actor ‖ role ‖ from ‖ action ‖ subject
///             ‖ before ‖ after ‖ result ‖ detail)
///
/// Each field begins with its type (1 integer, 3 text, 5 absent). An integer follows as 8 bytes, a text as
/// its length in 8 bytes and its UTF-8, all big-endian: no two entries look alike. These are the types and
/// the form in which the store reads a row.
public enum AuditChain {
  static let integerType: UInt8 = 1
  static let textType: UInt8 = 3
  static let absentType: UInt8 = 5

  /// All fields behind the number.
  public static func fields(of record: AuditRecord) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(256)
    append(integer: record.at.milliseconds, to: &bytes)
    let texts = [
      record.source.rawValue, record.actor, record.role, record.origin, record.action,
      record.subject, record.before, record.after, record.result.rawValue, record.detail,
    ]
    for text in texts { append(text: text, to: &bytes) }
    return bytes
  }

  /// What is hashed.
  public static func write(
    after former: AuditHash, number: Int64, fields: [UInt8], to bytes: inout [UInt8]
  ) {
    bytes.removeAll(keepingCapacity: true)
    former.append(to: &bytes)
    append(integer: number, to: &bytes)
    bytes += fields
  }

  static func append(integer: Int64, to bytes: inout [UInt8]) {
    bytes.append(integerType)
    append(UInt64(bitPattern: integer), to: &bytes)
  }

  static func append(text: String?, to bytes: inout [UInt8]) {
    guard let text else { return bytes.append(absentType) }
    bytes.append(textType)
    append(UInt64(truncatingIfNeeded: text.utf8.count), to: &bytes)
    bytes += text.utf8
  }

  static func append(_ word: UInt64, to bytes: inout [UInt8]) {
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
    }
  }
}
