import Primitives
import Wire

/// Copies the field lines of a head that stay on the way to the next hop.
enum FieldLines {
  /// Runs of lines that stay are copied in one go.
  static func write(
    _ fields: FieldTable, _ bytes: Span<UInt8>, headCount: Int, to writer: inout ByteWriter,
    where stays: (Int) -> Bool
  ) {
    var run = 0..<0
    for index in 0..<fields.count where stays(index) {
      let line = fields.lineRange(index, headCount: headCount)
      if line.lowerBound == run.upperBound {
        run = run.lowerBound..<line.upperBound
      } else {
        writer.append(bytes, run)
        run = line
      }
    }
    writer.append(bytes, run)
  }
}
