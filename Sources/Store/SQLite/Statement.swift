import CSQLite

/// A value that is bound to a place of a statement.
enum SQLValue {
  case integer(Int64)
  case real(Double)
  case text(String)
  case null

  init(_ text: String?) { self = text.map { .text($0) } ?? .null }
  init(_ integer: Int64?) { self = integer.map { .integer($0) } ?? .null }
  init(_ real: Double?) { self = real.map { .real($0) } ?? .null }
}

/// A prepared statement; may be run any number of times.
@safe final class Statement {
  private let handle: OpaquePointer
  private let database: Database

  init(_ handle: OpaquePointer, of database: Database) {
    unsafe self.handle = handle
    self.database = database
  }

  deinit { _ = unsafe sqlite3_finalize(handle) }

  func run(
    _ values: [SQLValue] = [], row: (Statement) -> Void = { _ in }
  ) throws(StoreError) {
    defer { _ = unsafe sqlite3_reset(handle) }
    for (index, value) in values.enumerated() {
      let code = bind(value, at: Int32(truncatingIfNeeded: index + 1))
      guard code == SQLITE_OK else { throw database.error(code) }
    }
    while true {
      let code = unsafe sqlite3_step(handle)
      if code == SQLITE_ROW {
        row(self)
      } else if code == SQLITE_DONE {
        return
      } else {
        throw database.error(code)
      }
    }
  }

  func integer(_ column: Int32) -> Int64? {
    isNull(column) ? nil : unsafe sqlite3_column_int64(handle, column)
  }

  func real(_ column: Int32) -> Double? {
    isNull(column) ? nil : unsafe sqlite3_column_double(handle, column)
  }

  /// What is no UTF-8, as in a damaged file, is repaired.
  func text(_ column: Int32) -> String? {
    guard let start = unsafe sqlite3_column_text(handle, column) else { return nil }
    let count = Int(unsafe sqlite3_column_bytes(handle, column))
    return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// A value with its type and length, so that no two rows look alike: for digests.
  func appendValue(_ column: Int32, to bytes: inout [UInt8]) {
    let type = unsafe sqlite3_column_type(handle, column)
    bytes.append(UInt8(truncatingIfNeeded: type))
    switch type {
    case SQLITE_INTEGER: append(UInt64(bitPattern: integer(column) ?? 0), to: &bytes)
    case SQLITE_FLOAT: append((real(column) ?? 0).bitPattern, to: &bytes)
    case SQLITE_NULL: break
    default:
      let start = unsafe sqlite3_column_blob(handle, column)
      let count = Int(unsafe sqlite3_column_bytes(handle, column))
      append(UInt64(truncatingIfNeeded: count), to: &bytes)
      unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
    }
  }

  private func append(_ word: UInt64, to bytes: inout [UInt8]) {
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
    }
  }

  private func isNull(_ column: Int32) -> Bool {
    let type = unsafe sqlite3_column_type(handle, column)
    return type == SQLITE_NULL
  }

  private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
    switch value {
    case .integer(let number): unsafe sqlite3_bind_int64(handle, index, number)
    case .real(let number): unsafe sqlite3_bind_double(handle, index, number)
    case .null: unsafe sqlite3_bind_null(handle, index)
    case .text(let text): bindText(text, at: index)
    }
  }

  private func bindText(_ text: String, at index: Int32) -> Int32 {
    // Longer than SQLite takes anyway; its own limit gives the error.
    let length = Int32(clamping: text.utf8.count)
    return unsafe ballast_sqlite3_bind_text(handle, index, text, length)
  }
}
