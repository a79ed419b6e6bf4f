/// A parameter of a target's query: `?a=1&b=2`.
public enum QueryParameter {
  /// The value of the first parameter of that name, as it stands: nothing is decoded, so `a%20b` is
  /// another name than `a+b`. Empty for `?name` and `?name=`; nil when the name doesn't occur.
  public static func find(
    _ head: RequestHead, _ bytes: Span<UInt8>, name: [UInt8]
  ) -> Range<Int>? {
    var offset = head.pathRange.upperBound + 1
    let end = head.targetRange.upperBound
    while offset < end {
      let stop = bytes.index(of: UInt8(ascii: "&"), in: offset..<end)
      if let value = value(bytes, offset..<stop, name) { return value }
      offset = stop + 1
    }
    return nil
  }

  private static func value(
    _ bytes: Span<UInt8>, _ pair: Range<Int>, _ name: [UInt8]
  ) -> Range<Int>? {
    guard pair.count >= name.count else { return nil }
    for index in 0..<name.count where bytes[pair.lowerBound + index] != name[index] { return nil }
    let equals = pair.lowerBound + name.count
    if equals == pair.upperBound { return equals..<equals }
    return bytes[equals] == UInt8(ascii: "=") ? (equals + 1)..<pair.upperBound : nil
  }
}
