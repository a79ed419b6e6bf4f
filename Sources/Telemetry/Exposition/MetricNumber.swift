/// Numbers as the Prometheus text format has them.
enum MetricNumber {
  /// Whole numbers without a fraction, as far as a `Double` holds them exactly.
  static func text(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number > 0 ? "+Inf" : "-Inf" }
    if let whole = Int64(exactly: number), whole.magnitude <= 1 << 53 { return "\(whole)" }
    return "\(number)"
  }

  /// A bucket's bound. OpenMetrics wants a fraction in every one: `1.0`.
  static func bound(_ number: Double, _ format: ExpositionFormat) -> String {
    format == .openMetrics ? "\(number)" : text(number)
  }
}
