public import Primitives

/// Nobody is told of alerts that match while it holds.
public struct Silence: Codable, Sendable, Equatable {
  /// From 1 for those of people; `config-N` are the file's.
  public var id: String
  public var match: LabelMatch
  public var author: String
  public var comment: String
  public var starts: WallTime
  public var ends: WallTime

  public init(
    id: String, match: LabelMatch, author: String, comment: String, starts: WallTime,
    ends: WallTime
  ) {
    self.id = id
    self.match = match
    self.author = author
    self.comment = comment
    self.starts = starts
    self.ends = ends
  }

  public func holds(_ now: WallTime) -> Bool { starts <= now && now < ends }
}
