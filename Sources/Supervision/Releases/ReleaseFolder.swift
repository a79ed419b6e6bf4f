import CLinux
import Glibc

/// Folders of releases on the disk. A file in a release says that it is complete, with the last words
/// of the command that made it so; a folder without it is begun anew.
public enum ReleaseFolder {
  public static let mark = ".ballast-release"

  public static func isComplete(_ spec: ReleaseSpec) -> Bool {
    unsafe access("\(spec.folder)/\(mark)", F_OK) == 0
  }

  /// Makes it anew, with its files.
  public static func begin(_ spec: ReleaseSpec) throws(StartError) {
    do throws(SystemError) {
      FileTree.remove(spec.folder)
      try FileSystem.makeFolder(spec.folder)
      for file in spec.files {
        try FileTree.write(file.text, to: "\(spec.folder)/\(file.name)", mode: file.mode)
      }
    } catch {
      throw StartError("cannot make the release \(spec.folder): \(error)")
    }
  }

  /// - Parameters:
  ///   - output: of the command that filled it.
  ///   - used: folders that replicas run from.
  public static func complete(
    _ spec: ReleaseSpec, output: String, used: Set<String>
  ) throws(StartError) {
    do throws(SystemError) {
      try FileTree.write(output, to: "\(spec.folder)/\(mark)", mode: 0o640)
    } catch {
      throw StartError("cannot complete the release \(spec.folder): \(error)")
    }
    removeOld(beside: spec, used: used)
  }

  /// The newest stay, by when they were completed; what was never completed goes.
  private static func removeOld(beside spec: ReleaseSpec, used: Set<String>) {
    guard let parent = FileSystem.parent(of: spec.folder) else { return }
    let others = FileSystem.names(in: parent).map { "\(parent)/\($0)" }
      .filter { $0 != spec.folder }
    let aged = others.map { (path: $0, at: FileTree.changedAt("\($0)/\(mark)") ?? 0) }
      .sorted { $0.at > $1.at }
    for one in aged.dropFirst(max(0, spec.kept)) where !used.contains(one.path) {
      FileTree.remove(one.path)
    }
  }
}
