extension SettingsBuilder {
  /// nil where the key isn't written.
  mutating func compression(_ object: DecodedObject) -> CompressionSettings? {
    switch object["compression"]?.content {
    case .boolean(let isOn)?: return CompressionSettings(isOn: isOn)
    case .object(let compression)?: return settings(of: compression)
    default: return nil
    }
  }

  private mutating func settings(of object: DecodedObject) -> CompressionSettings {
    var settings = CompressionSettings()
    if let texts = object.texts("encodings") {
      settings.encodings = texts.compactMap(CompressionSettings.Encoding.init(rawValue:))
      if Set(settings.encodings).count < settings.encodings.count {
        log.error(
          "an encoding is named twice", at: object["encodings"]?.place ?? object.place,
          help: "name each once, the preferred first")
      }
    }
    settings.types = object.texts("types") ?? settings.types
    settings.minimumSize = object.size("minSize") ?? settings.minimumSize
    if let levels = object.object("levels") {
      settings.gzipLevel = levels.integer("gzip") ?? settings.gzipLevel
      settings.brotliLevel = levels.integer("br") ?? settings.brotliLevel
      settings.zstdLevel = levels.integer("zstd") ?? settings.zstdLevel
    }
    return settings
  }
}
