extension FieldTable {
  /// The first field of that name at or behind a place.
  /// - Parameter name: in lower case.
  public func firstIndex(named name: [UInt8], _ bytes: Span<UInt8>, from start: Int = 0) -> Int? {
    var index = start
    while index < count {
      let range = self[index].nameRange
      if range.count == name.count, bytes.equalsIgnoringCase(name, from: range.lowerBound) {
        return index
      }
      index += 1
    }
    return nil
  }
}
