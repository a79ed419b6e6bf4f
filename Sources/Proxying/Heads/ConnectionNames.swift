import Wire

/// Fields that a Connection field names are for this hop only.
enum ConnectionNames {
  static func contain(_ fields: FieldTable, _ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
    for index in 0..<fields.count where fields[index].name == .connection {
      var list = ListReader(fields[index].valueRange)
      while let option = list.next(bytes) {
        if equal(bytes, option, name) { return true }
      }
    }
    return false
  }

  private static func equal(_ bytes: Span<UInt8>, _ left: Range<Int>, _ right: Range<Int>) -> Bool {
    guard left.count == right.count else { return false }
    for offset in 0..<left.count {
      let first = Octets.lowercased(bytes[left.lowerBound + offset])
      if first != Octets.lowercased(bytes[right.lowerBound + offset]) { return false }
    }
    return true
  }
}
