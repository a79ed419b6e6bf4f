import Primitives
import Wire

/// Keeps what the access log wants of heads; called only where it wants something.
extension Worker {
  /// The head stands in `requestHead`.
  mutating func keepRequestFields(_ client: Int, _ bytes: Span<UInt8>) {
    guard let log = accessLog else { return }
    clients[client].logged.begin(log: log.number)
    clients[client].logged.keep(
      log.format.requestFields, of: requestHead.fields, bytes, behind: 0, log: log.number)
  }

  /// The head stands in `answerHead`.
  mutating func keepResponseFields(_ client: Int, _ bytes: Span<UInt8>) {
    guard let log = accessLog else { return }
    clients[client].logged.keep(
      log.format.responseFields, of: answerHead.fields, bytes,
      behind: log.format.requestFields.count, log: log.number)
  }

  /// A kept field's value, or the text for none.
  mutating func writeField(
    _ client: Int, _ index: Int, _ escaping: LogText.Escaping, orElse none: StaticString
  ) {
    guard let log = accessLog,
      let range = clients[client].logged.range(of: index, log: log.number), !range.isEmpty
    else {
      writer.append(none)
      return
    }
    let memory = unsafe clients[client].logged.memory
    let span = unsafe Span<UInt8>(_unsafeBytes: memory)
    writer.append(escaping, span, range)
  }
}
