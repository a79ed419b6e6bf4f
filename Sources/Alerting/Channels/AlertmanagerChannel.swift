public import Primitives

/// Prometheus' Alertmanager itself, by `POST /api/v2/alerts`. It takes an alert as over when it hears nothing
/// of it for some minutes, so each says when it ends unless it is told again.
public struct AlertmanagerChannel: Sendable, Equatable {
  /// `http://127.0.0.1:9093`
  public var url: String
  public var token: String?
  /// An alert that is not told again within so long is over for it.
  public var validFor: TimeSpan

  public init(url: String, token: String? = nil, validFor: TimeSpan) {
    self.url = url
    self.token = token
    self.validFor = validFor
  }

  func request(_ message: AlertMessage) -> AlertRequest {
    let items = message.parts.flatMap { part in
      part.firing + part.firing.flatMap(\.beneath) + part.resolved
    }
    let alerts = items.map { item -> JSONMessage in
      var item = item
      item.ended = item.ended ?? message.at.after(validFor)
      return AlertmanagerText.alert(item, isTold: false)
    }
    let base = url.hasSuffix("/") ? String(url.dropLast()) : url
    let headers = token.map {
      [AlertRequest.Header(name: "Authorization", value: "Bearer \($0)")]
    }
    return .json(
      base + "/api/v2/alerts", JSONMessage.array(alerts).bytes, headers: headers ?? [])
  }
}
