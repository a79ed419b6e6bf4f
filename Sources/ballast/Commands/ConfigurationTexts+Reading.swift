internal import AdminAPI
internal import Configuration
internal import Engine

extension ConfigurationTexts {
  /// The texts of a file, or of a folder's files; nil asks for those that Ballast has itself.
  init(reading path: String?) throws(CommandFailure) {
    self.init()
    guard let path else { return }
    do throws(ConfigurationFileError) {
      let found = try ConfigurationFiles.read(path: path).sources
      files = found.map { File(name: $0.path, text: $0.text) }
      isFolder = !(found.count == 1 && found[0].path == path)
    } catch {
      throw .failed("\(error)")
    }
  }
}
