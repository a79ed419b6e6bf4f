/// What the kernel says of this process, under the names that every Prometheus client uses.
public struct ProcessSample: Sendable, Equatable {
  /// User and system time in seconds.
  public var cpuSeconds: Double
  public var residentBytes: UInt64
  public var virtualBytes: UInt64
  public var openDescriptors: Int
  public var maximumDescriptors: Int
  /// Seconds since 1970.
  public var startTime: Double
  public var threads: Int

  public init(
    cpuSeconds: Double, residentBytes: UInt64, virtualBytes: UInt64, openDescriptors: Int,
    maximumDescriptors: Int, startTime: Double, threads: Int
  ) {
    self.cpuSeconds = cpuSeconds
    self.residentBytes = residentBytes
    self.virtualBytes = virtualBytes
    self.openDescriptors = openDescriptors
    self.maximumDescriptors = maximumDescriptors
    self.startTime = startTime
    self.threads = threads
  }
}

extension Exposition {
  public mutating func process(_ sample: ProcessSample) {
    counter(
      "process_cpu_seconds_total", help: "User and system CPU time in seconds.",
      value: sample.cpuSeconds)
    gauge(
      "process_resident_memory_bytes", help: "Resident memory in bytes.",
      value: Double(sample.residentBytes))
    gauge(
      "process_virtual_memory_bytes", help: "Virtual memory in bytes.",
      value: Double(sample.virtualBytes))
    gauge(
      "process_open_fds", help: "Open file descriptors.", value: Double(sample.openDescriptors))
    gauge(
      "process_max_fds", help: "The most file descriptors that may be open.",
      value: Double(sample.maximumDescriptors))
    gauge(
      "process_start_time_seconds", help: "When the process started, in seconds since 1970.",
      value: sample.startTime)
    gauge("process_threads", help: "Threads of the process.", value: Double(sample.threads))
  }
}
