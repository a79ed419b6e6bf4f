import Glibc

/// `e` to a power. Here, so that the layers of decisions need no C library of their own.
public func exponential(_ power: Double) -> Double { exp(power) }

/// The natural logarithm; negative infinity for 0, NaN for less.
public func naturalLogarithm(_ value: Double) -> Double { log(value) }
