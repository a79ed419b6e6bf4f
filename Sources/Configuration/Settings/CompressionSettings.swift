/// `compression: { … }`, at the top level, of a service or of a route; absent means as the next outer
/// one says, and off at the top level.
public struct CompressionSettings: Sendable, Equatable {
  public enum Encoding: String, Sendable, CaseIterable { case zstd, br, gzip }

  /// `false` turns off what an outer one turned on.
  public var isOn: Bool
  /// The preferred first.
  public var encodings: [Encoding]
  public var types: [String]
  /// Bytes.
  public var minimumSize: Int64
  public var gzipLevel: Int
  public var brotliLevel: Int
  public var zstdLevel: Int

  public init(
    isOn: Bool = true, encodings: [Encoding] = Encoding.allCases,
    types: [String] = CompressionSettings.usualTypes, minimumSize: Int64 = 1 << 10,
    gzipLevel: Int = 5, brotliLevel: Int = 4, zstdLevel: Int = 3
  ) {
    self.isOn = isOn
    self.encodings = encodings
    self.types = types
    self.minimumSize = minimumSize
    self.gzipLevel = gzipLevel
    self.brotliLevel = brotliLevel
    self.zstdLevel = zstdLevel
  }

  /// What is text, or as good to compress.
  public static let usualTypes = [
    "text/*", "*+json", "*+xml", "application/json", "application/javascript", "application/xml",
    "application/x-ndjson", "application/wasm", "application/x-javascript", "font/ttf", "font/otf",
    "image/bmp", "image/x-icon",
  ]
}
