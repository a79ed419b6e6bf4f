public import Primitives
public import Wire

/// What an exchange is told and what it answers.
extension Exchange {
  /// What the machine needs to know of a request.
  public struct Request: Sendable {
    public var isIdempotent: Bool
    public var hasBody: Bool
    public var keepsConnection: Bool
    /// It asks for another protocol on the connection: never hedged, and tried again only as long as
    /// no server can have acted upon it.
    public var isStream: Bool

    public init(
      isIdempotent: Bool, hasBody: Bool, keepsConnection: Bool, isStream: Bool = false
    ) {
      self.isIdempotent = isIdempotent
      self.hasBody = hasBody
      self.keepsConnection = keepsConnection
      self.isStream = isStream
    }
  }

  public enum Timeout: Sendable {
    case queue, connect, tryAnswer, answer, total, requestBody, answerBody
    /// No byte came through the tunnel for too long · what runs had to end by now.
    case tunnel, drain
  }

  /// Of a tunnel.
  public enum Side: Sendable {
    case client, server
  }

  public enum Event: Sendable {
    /// No server takes work · the queue is full · the service is gone from the topology.
    case noServer, queueFull, serviceGone
    /// It waited in an overloaded queue for longer than is sensible.
    case shed
    /// A try began on a connection; `isReused` when it served a request before.
    case tryBegan(isReused: Bool)
    case connectFailed
    /// Bytes of the request went out on this try.
    case sent
    /// A part of the body was taken that is held nowhere, so it can't be sent again.
    case replayLost
    case requestEnded
    /// The body's framing is broken.
    case requestBroken
    /// The body has more than it may.
    case requestTooLarge
    /// Any byte of an answer came.
    case answerBytes
    /// The final answer's head. The driver relays it when the action is `none`.
    case answerHead(status: Int)
    /// The same of a call of gRPC that ended without a message.
    case callEnded(GRPCStatus)
    /// The server says that it took nothing of the request: `isGoingAway` where it takes no more of
    /// any over this connection, which says nothing of the server.
    case refused(isGoingAway: Bool)
    /// The server doesn't take what the request asks for, which is another protocol on its stream.
    case upgradeRefused
    /// The head can't be read, or too many interim answers came.
    case answerBroken
    case answerEnded
    /// The server switched to another protocol (101); `isAsked` when to the one that the client
    /// wanted.
    case switched(isAsked: Bool)
    /// A side of the tunnel sends no more, and the other one was sent all of it.
    case sideEnded(Side)
    /// The server closed, or broke the body's framing, before the answer's end.
    case serverClosed(isReset: Bool)
    /// The checks found the server that the try is at unhealthy.
    case serverUnhealthy
    case clientClosed
    case timedOut(Timeout)

    /// `RetryPolicy.hedgeAfter` passed since the first try began.
    case hedgeDue
    /// The request went to a second server as well.
    case hedgeBegan(isReused: Bool)
    /// There is no second server, or the hedge ended without a whole answer's head.
    case hedgeFailed
    /// Bytes of an answer came on the hedge: the driver has swapped the two, so that from here on
    /// the hedge is the try, and what was the try is the hedge.
    case hedgeWon
  }

  /// Why a request was sent once more. A hedge is no retry, but is counted beside them.
  public enum RetryReason: UInt8, Sendable {
    case connectFailure, reset, timeout, staleConnection, gatewayError, hedge
    case refusedStream, grpcStatus
  }

  public enum Action: Sendable, Equatable {
    case none
    /// Drop the try and what it answered, wait, then choose a server and send all again. A stale
    /// connection says nothing of its server, so the same server may be tried, over a new one.
    case tryAgain(RetryReason, after: TimeSpan)
    /// Send the request to one more server, and wait for both.
    case hedge
    /// Drop the try and what it answered; the hedge is the try from here on.
    case useHedge
    /// Answer with our own error.
    case fail(ExchangeFailure)
    /// Relay the 101, and from here on all bytes both ways.
    case tunnel
    /// Tell a side of the tunnel that the other one sends no more.
    case passEnd(to: Side)
    /// The answer is relayed whole, or the tunnel is over.
    case finish(keepsConnection: Bool)
    /// The answer can't be completed, or the tunnel broke: close the client's connection so that it
    /// notices, and a tunnel's to the server as well.
    case cut
    /// Nobody waits for an answer: close both sides.
    case abandon
  }
}
