import Primitives

/// Bounds of the admin listener.
enum AdminLimits {
  static let connections = 256
  /// Of them, kept for the unix socket: strangers cannot keep the machine's own people out.
  static let reservedConnections = 32
  static let bodyBytes = 1 << 20
  /// Of somebody who has not signed in.
  static let strangerBytes = 16 << 10
  /// Of texts of a configuration, written as JSON.
  static let configurationBytes = 8 << 20
  /// Characters of who asks.
  static let authorLength = 64

  /// Of a request's body.
  static func bodyBytes(of request: AdminRequest) -> Int {
    if request.peer.isPublic { return 0 }
    let takesTexts =
      request.segments == ["v1", "plan"]
      || request.segments == ["v1", "config"] && request.method == "PUT"
    return takesTexts ? configurationBytes : bodyBytes
  }

  /// Of readers of the status page, besides those of the admin API.
  static let publicConnections = 128

  /// From the first byte to the end of the head.
  static let headTime = TimeSpan.seconds(10)
  static let bodyTime = TimeSpan.seconds(30)
  /// Between two requests of a connection.
  static let idleTime = TimeSpan.seconds(75)
  /// Without the client taking a byte.
  static let sendTime = TimeSpan.seconds(30)
  /// What may wait for a slow reader of a stream; with more it is dropped.
  static let streamBytes = 1 << 20
  /// A comment line on a quiet stream, so that a client that is gone is noticed.
  static let streamBeat = TimeSpan.seconds(15)
  /// Servers, and replicas, that a brief stream of the state names beside those of one service.
  static let briefRecords = 200
  static let readBytes = 16 << 10
  /// Of a file that is sent, before others have their turn.
  static let filePiecesPerTurn = 16
  /// Of one piece of a backup that is sent to us.
  static let pieceBytes = bodyBytes
  /// How long no connection is taken after the process ran out of descriptors.
  static let acceptPause = TimeSpan.milliseconds(500)
}
