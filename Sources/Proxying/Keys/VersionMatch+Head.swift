public import Topology
public import Wire

extension VersionMatch {
  /// Whether one of the header's lines, or the cookie, has the value.
  public func matches(_ head: RequestHead, _ bytes: Span<UInt8>) -> Bool {
    switch place {
    case .header(let name):
      var next = head.fields.firstIndex(named: name, bytes)
      while let index = next {
        if isWanted(bytes, head.fields[index].valueRange) { return true }
        next = head.fields.firstIndex(named: name, bytes, from: index + 1)
      }
      return false
    case .cookie(let name):
      return CookieField.find(head, bytes, name: name).map { isWanted(bytes, $0) } ?? false
    }
  }

  private func isWanted(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard let value else { return true }
    guard range.count == value.count else { return false }
    return value.indices.allSatisfy { bytes[range.lowerBound + $0] == value[$0] }
  }
}
