import EventLoop
import Primitives
import Proxying
import Routing
import Topology
import Wire

/// What routes change in heads, and what they answer themselves.
extension Worker {
  /// Nil for a route that changes nothing.
  mutating func edits(_ client: Int) -> ForwardedRequest.Edits? {
    guard let route = clients[client].request.route,
      let edits = clients[client].request.snapshot.routes[route].edits
    else { return nil }
    return .init(
      route: edits, values: values(client, clients[client].request, route, path: edits.path))
  }

  private mutating func values(
    _ client: Int, _ request: ActiveRequest, _ route: Int, path: PathPattern, server: [UInt8] = []
  ) -> RequestValues {
    let listener = clients[client].listener
    var values = RequestValues(
      peer: clients[client].peer, identifier: request.identifier,
      listener: request.snapshot.listeners.first { $0.id == listener }?.name ?? "",
      route: request.snapshot.routes[route].name, service: request.service?.name ?? "",
      server: server, path: path)
    if clients[client].isSecure {
      values.isSecure = true
      values.subject = subject(of: client)
    }
    return values
  }

  /// Keeps the request's line and host as they came, before they are rewritten; the head stands in
  /// `requestHead`.
  mutating func keepAsked(_ client: Int, _ bytes: Span<UInt8>, _ defaultHost: [UInt8]) {
    writer.removeAll()
    ForwardedRequest.writeAsked(requestHead, bytes, defaultHost: defaultHost, to: &writer)
    unsafe clients[client].asked.append(writer.bytes)
  }

  /// A head whose line and host are the client's.
  mutating func askedHead(_ client: Int) -> UnsafeRawBufferPointer {
    unsafe clients[client].asked.isEmpty
      ? clients[client].replay.bytes : clients[client].asked.bytes
  }

  /// Writes the head of an answer, which stands in `answerHead`.
  mutating func writeAnswerHead(
    _ client: Int, _ bytes: Span<UInt8>, _ framing: AnswerFraming, keeps: Bool,
    _ cookie: SessionCookie?, _ coding: AnswerCoding
  ) {
    let isOldClient = clients[client].request.isOldClient
    let strictTransport = strictTransport(client)
    guard let route = clients[client].request.route,
      let edits = clients[client].request.snapshot.routes[route].edits, !edits.answer.isEmpty
    else {
      RelayedAnswer.write(
        answerHead, bytes, framing: framing, isOldClient: isOldClient, keepsConnection: keeps,
        cookie: cookie, coding: coding, strictTransport: strictTransport, to: &writer)
      return
    }
    RelayedAnswer.writeFront(
      answerHead, bytes, framing: framing, isOldClient: isOldClient, keepsConnection: keeps,
      cookie: cookie, coding: coding, edits: edits.answer, strictTransport: strictTransport,
      to: &writer)
    let server = clients[client].request.lastServer.map { servers[$0].name } ?? []
    let values = values(
      client, clients[client].request, route, path: edits.path, server: server)
    let asked = unsafe askedHead(client)
    let span = unsafe Span<UInt8>(_unsafeBytes: asked)
    // What was read of a client is read again only where it is asked for.
    if !edits.answer.needsRequest || (try? requestHead.read(span)) == true {
      edits.answer.write(values, requestHead, span, captures: &captures, to: &writer)
    }
    RelayedAnswer.writeEnd(to: &writer)
  }

  /// What each answer to the client says of coming by https only; empty for nothing.
  mutating func strictTransport(_ client: Int) -> [UInt8] {
    listeners[clients[client].place].policy.strictTransport
  }

  /// Answers for a route that asks no server; the head stands in `requestHead`.
  mutating func answerDirectly(_ client: Int, _ bytes: Span<UInt8>) {
    guard let route = clients[client].request.route else { return }
    let taken = snapshot.routes[route]
    // A body that is still to come is read and dropped before the connection is closed.
    let keeps =
      clients[client].request.exchange.keepsConnectionAfterAnswer && drainDeadline == nil
    var form = DirectAnswer.Form(
      isHead: clients[client].request.isHead, keepsConnection: keeps,
      isOldClient: clients[client].request.isOldClient)
    form.strictTransport = strictTransport(client)
    let fields = taken.edits?.answer ?? FieldEdits()
    writer.removeAll()
    switch taken.action {
    case .service, .split: return
    case .redirect(let redirect, let needsKnownHost):
      guard !needsKnownHost || snapshot.knowsHost(of: requestHead, bytes) else {
        failRequest(client, .misdirected)
        return
      }
      let values = values(client, clients[client].request, route, path: redirect.path)
      let isGood = DirectAnswer.write(
        redirect, fields, values, form: form, requestHead, bytes, captures: &captures, to: &writer)
      guard isGood, !writer.overflowed else {
        failRequest(client, .badTarget)
        return
      }
      clients[client].request.status = redirect.status
    case .respond(let answer):
      let values = values(client, clients[client].request, route, path: .any)
      DirectAnswer.write(
        answer, fields, values, form: form, requestHead, bytes, captures: &captures, to: &writer)
      clients[client].request.status = answer.status
      if !form.isHead { clients[client].request.answerBytes = Int64(answer.body.count) }
    }
    clients[client].closesAfterOutput = !keeps
    unsafe sendToClient(client, writer.bytes)
    finishRequest(client, keeps: keeps)
  }
}
