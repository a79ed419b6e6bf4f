extension RequestHead {
  /// Whether the path is known to be in its canonical form; most are.
  public func hasPlainPath(_ bytes: Span<UInt8>) -> Bool { CanonicalPath.isPlain(bytes, pathRange) }

  /// Brings the path of a head that was read into its canonical form, in place; the query stays where
  /// it is, so that path and query are still one range.
  /// - Throws: `badTarget` for a path that servers would understand in different ways.
  public mutating func makePathCanonical(_ bytes: inout MutableSpan<UInt8>) throws(HeadError) {
    // `*`, or nothing in front of the query of an absolute-form.
    guard !pathRange.isEmpty, bytes[pathRange.lowerBound] == Octets.slash else { return }
    guard let count = CanonicalPath.write(&bytes, pathRange) else { throw .badTarget }
    let end = pathRange.upperBound
    let shift = pathRange.count - count
    if shift > 0 {
      for index in (pathRange.lowerBound..<(pathRange.lowerBound + count)).reversed() {
        bytes[index + shift] = bytes[index]
      }
    }
    pathRange = (end - count)..<end
    targetRange = pathRange.lowerBound..<targetRange.upperBound
  }
}
