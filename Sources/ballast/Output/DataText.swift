/// Data in the forms that programs read.
enum DataText {
  /// Nil for the forms that are for people.
  static func text(_ value: JSONValue, as format: OutputFormat) -> String? {
    switch format {
    case .json: value.text + "\n"
    case .yaml: YAMLText.text(value)
    case .table, .wide, .name: nil
    }
  }
}
