/// Where something stands: a file of the load, by its index, and a range of its bytes.
package struct SourceRange: Sendable, Equatable {
  package var file: Int
  package var bytes: Range<Int>

  /// The empty range at the file's first byte, for what is missing altogether.
  static func start(of file: Int) -> SourceRange { SourceRange(file: file, bytes: 0..<0) }
}

/// One file's text as bytes, with the places of its lines.
struct SourceText: Sendable {
  let path: String
  let bytes: [UInt8]
  private let lineStarts: [Int]

  init(path: String, text: String) {
    self.path = path
    bytes = Array(text.utf8)
    var starts = [0]
    for (offset, byte) in bytes.enumerated() where byte == 10 { starts.append(offset + 1) }
    lineStarts = starts
  }

  /// Line and column from 1; the column counts Unicode scalars, as an editor's does.
  func position(at offset: Int) -> (line: Int, column: Int) {
    let offset = min(max(offset, 0), bytes.count)
    let line = lineIndex(at: offset)
    let before = bytes[lineStarts[line]..<offset]
    return (line + 1, before.count(where: { $0 & 0xC0 != 0x80 }) + 1)
  }

  /// The bytes of the line that holds an offset, without its line break.
  func line(at offset: Int) -> Range<Int> {
    let index = lineIndex(at: min(max(offset, 0), bytes.count))
    let start = lineStarts[index]
    var end = index + 1 < lineStarts.count ? lineStarts[index + 1] - 1 : bytes.count
    if end > start, bytes[end - 1] == 13 { end -= 1 }
    return start..<end
  }

  func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
  }

  private func lineIndex(at offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }
}
