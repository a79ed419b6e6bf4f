import Proxying
import Topology

/// Counts of streams and datagrams by listener and service. Both are bounded, so the number of series
/// is.
struct StreamStatistics {
  private(set) var series: [WorkerReport.StreamSeries] = []

  /// The place of a series, to be kept while a stream lasts: few, so they are searched.
  mutating func place(_ listener: ListenerID, _ service: ServiceID?) -> Int {
    if let known = series.firstIndex(where: { $0.listener == listener && $0.service == service }) {
      return known
    }
    series.append(.init(listener: listener, service: service))
    return series.count - 1
  }

  mutating func count(_ place: Int, bytesIn: UInt64, bytesOut: UInt64) {
    series[place].bytesIn &+= bytesIn
    series[place].bytesOut &+= bytesOut
  }

  mutating func countDatagrams(_ place: Int, in received: UInt64, out sent: UInt64) {
    series[place].datagramsIn &+= received
    series[place].datagramsOut &+= sent
  }

  mutating func dropped(_ place: Int, _ count: UInt64) {
    series[place].datagramsDropped &+= count
  }

  mutating func ended(_ place: Int, _ reason: StreamEnd.Reason) {
    series[place].ends[Int(reason.rawValue)] &+= 1
  }
}
