internal import FoundationEssentials

/// How far a pull is, from the lines that the daemon writes about it.
struct PullProgress {
  private struct Line: Decodable {
    struct Detail: Decodable {
      var current: Double?
      var total: Double?
    }

    var status: String?
    var id: String?
    var progressDetail: Detail?
    var error: String?
  }

  /// Bytes by layer. More than `ContainerLimits.layers` aren't counted.
  private var layers: [String: (current: Double, total: Double)] = [:]
  /// The daemon's words; nil while all goes well.
  private(set) var failure: String?

  /// A line that is none of the daemon's changes nothing.
  mutating func take(_ line: String) {
    guard let line = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)) else { return }
    if let error = line.error { failure = error.isEmpty ? "the pull failed" : error }
    guard let id = line.id, let status = line.status else { return }
    if status == "Downloading", let current = line.progressDetail?.current,
      let total = line.progressDetail?.total, total > 0, current >= 0,
      layers[id] != nil || layers.count < ContainerLimits.layers
    {
      layers[id] = (min(current, total), total)
    } else if status == "Download complete" || status == "Pull complete", let known = layers[id] {
      layers[id] = (known.total, known.total)
    }
  }

  /// Of the bytes of layers that have begun; nil before the first.
  var percent: Int? {
    let total = layers.values.reduce(0) { $0 + $1.total }
    guard total > 0, total.isFinite else { return nil }
    let share = layers.values.reduce(0) { $0 + $1.current } / total
    return Int((min(max(share, 0), 1) * 100).rounded(.down))
  }
}
