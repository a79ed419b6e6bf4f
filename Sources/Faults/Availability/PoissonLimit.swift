/// How many events a time would bring at most, judged by those that it brought.
enum PoissonLimit {
  /// The upper end of the 95 % interval, by Byar's approximation (Breslow, Day, "Statistical Methods in
  /// Cancer Research", volume II, 1987, section 2.3): 5.57 for 1, 18.39 for 10.
  static func upper(_ count: Int) -> Double {
    let next = Double(max(0, count)) + 1
    let root = 1 - 1 / (9 * next) + 1.96 / (3 * next.squareRoot())
    return next * root * root * root
  }
}
